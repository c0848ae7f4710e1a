package dev.loupe.probing;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Suite;
import dev.loupe.model.ModelFolder;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.text.CorpusSpec;
import java.util.List;

/**
 * What probes and absorption are run on.
 *
 * @param only some of the suite's dictionaries; all if empty
 * @param seed of everything that is drawn
 * @param otherModel whether another model than the suite's is wanted
 * @param batchIds ids of a batch of the language model with its padding
 * @param command the command line, for the report; empty without one
 */
public record ProbingSetup(
    Suite suite,
    ModelFolder model,
    CorpusSpec corpus,
    List<DictionaryName> only,
    long seed,
    boolean otherModel,
    boolean skipBadLines,
    DType lmDtype,
    Device device,
    int batchIds,
    List<String> command) {
  /** Ids of a batch unless another number is wanted. */
  public static final int BATCH_IDS = 1_024;

  /** Resamples behind each interval. */
  static final int BOOTSTRAP_SAMPLES = 1_000;

  public ProbingSetup {
    only = List.copyOf(only);
    command = List.copyOf(command);
    if (batchIds < 1) {
      throw new IllegalArgumentException("expected batches of 1 or more ids, got " + batchIds);
    }
  }

  List<DictionaryName> names() {
    return only.isEmpty() ? suite.names() : only;
  }
}
