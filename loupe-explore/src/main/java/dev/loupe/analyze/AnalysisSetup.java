package dev.loupe.analyze;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Suite;
import dev.loupe.model.ModelFolder;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.text.CorpusSpec;
import dev.loupe.text.Split;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What to analyse, on what.
 *
 * @param only some of the suite's dictionaries; all if empty
 * @param split of the documents
 * @param tokens of the split
 * @param context most ids of a context; 0 for the suite's own
 * @param otherModel whether another model than the suite's is wanted
 * @param restart whether to throw away an unfinished analysis of something else
 * @param floor a suite of the same dictionaries on a model that knows nothing, analysed on the same
 *     tokens, to hold categories against
 * @param out folder of the feature stores, see {@link #features}
 */
public record AnalysisSetup(
    Suite suite,
    ModelFolder model,
    CorpusSpec corpus,
    List<DictionaryName> only,
    Split split,
    long tokens,
    int context,
    long seed,
    boolean otherModel,
    boolean skipBadLines,
    boolean restart,
    DType lmDtype,
    Device device,
    Optional<Suite> floor,
    Path out) {

  /** The folder of a suite in which its feature stores are. */
  public static Path features(Suite suite) {
    return suite.directory().resolve("features");
  }

  List<DictionaryName> names() {
    return only.isEmpty() ? suite.names() : only;
  }
}
