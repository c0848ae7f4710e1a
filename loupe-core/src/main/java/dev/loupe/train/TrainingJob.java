package dev.loupe.train;

import dev.loupe.dictionary.Suite;
import java.nio.file.Path;

/**
 * A run of training as the trainer takes it.
 *
 * @param request what to train
 * @param directory of the suite, new or empty unless the run goes on
 * @param manifest of the suite, as it would be if the run began now
 */
record TrainingJob(
    TrainingRequest request,
    Path directory,
    Suite.Manifest manifest,
    Resume resume,
    Safeguards safeguards) {}
