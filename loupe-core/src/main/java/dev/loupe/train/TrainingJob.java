package dev.loupe.train;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Suite;
import java.nio.file.Path;
import java.util.List;

/**
 * A run of training as the trainer takes it.
 *
 * @param request what to train, in all passes together
 * @param passes which dictionaries each pass trains
 * @param directory of the suite, new or empty unless the run goes on
 * @param manifest of the suite, as it would be if the run began now
 * @param grid of the ranks that train together, borrowed
 */
record TrainingJob(
    TrainingRequest request,
    List<List<DictionaryName>> passes,
    Path directory,
    Suite.Manifest manifest,
    Resume resume,
    Safeguards safeguards,
    Grid grid) {
  TrainingJob {
    passes = List.copyOf(passes);
  }

  /** What one pass trains. */
  TrainingRequest request(int pass) {
    return request.with(passes.get(pass));
  }
}
