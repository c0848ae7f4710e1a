package dev.loupe.train;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.model.ModelFolder;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.text.CorpusSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/**
 * Everything that a user decides about a run.
 *
 * @param passes of the model over the corpus, each for some of the dictionaries; absent for as many
 *     as a run that goes on has, or one
 * @param tokens to train on
 * @param epochs how often the corpus may be read at most
 * @param buffer how activations are kept
 * @param lmDtype type that the language model runs in
 * @param step implementation of the training step
 * @param skipBadLines whether bad lines of the corpus are counted instead of refused
 * @param out the suite's folder
 * @param resume whether to go on with a stopped run there
 * @param safeguards against kills and bad batches
 */
public record TrainingSetup(
    ModelFolder model,
    CorpusSpec corpus,
    Recipe recipe,
    List<DictionaryName> names,
    OptionalInt passes,
    long tokens,
    int epochs,
    long seed,
    BufferSetup buffer,
    DType lmDtype,
    StepKind step,
    Device device,
    boolean skipBadLines,
    Path out,
    Resume resume,
    Safeguards safeguards) {}
