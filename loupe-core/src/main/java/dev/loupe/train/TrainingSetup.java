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
    Recipes recipes,
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
    Safeguards safeguards) {
  /** One pass of this run as a run of its own. */
  TrainingSetup ofPass(List<DictionaryName> some, BufferSetup kept) {
    return with(some, OptionalInt.of(1), kept, device, out, resume, safeguards);
  }

  /** The same run on a device, in a folder, begun or gone on with, its states watched. */
  public TrainingSetup into(Path folder, Device other, Resume how, StateWatch watch) {
    return with(names, passes, buffer, other, folder, how, safeguards.watchedBy(watch));
  }

  private TrainingSetup with(
      List<DictionaryName> names,
      OptionalInt passes,
      BufferSetup buffer,
      Device device,
      Path out,
      Resume resume,
      Safeguards safeguards) {
    return new TrainingSetup(
        model,
        corpus,
        recipes,
        names,
        passes,
        tokens,
        epochs,
        seed,
        buffer,
        lmDtype,
        step,
        device,
        skipBadLines,
        out,
        resume,
        safeguards);
  }

  /** What all dictionaries have in common. */
  Recipe recipe() {
    return recipes.shared();
  }
}
