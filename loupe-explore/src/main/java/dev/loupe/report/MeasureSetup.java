package dev.loupe.report;

import dev.loupe.dictionary.Suite;
import dev.loupe.model.ModelFolder;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.text.CorpusSpec;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What to measure of a suite, on what.
 *
 * @param corpus its held-out split is used, and for probes its training split
 * @param tuned a fine-tuned model and its kind of text; without it there is no transfer
 * @param beside the same dictionaries trained on a model that knows nothing, whose probes, and
 *     features for categories where it was analysed on the same tokens, stand beside
 * @param parts which parts
 * @param budget how much of each
 * @param seed of everything that is drawn
 * @param command the command line, for the reports
 */
public record MeasureSetup(
    Suite suite,
    ModelFolder model,
    CorpusSpec corpus,
    Optional<Tuned> tuned,
    Optional<Suite> beside,
    Set<Part> parts,
    Budget budget,
    long seed,
    boolean skipBadLines,
    DType lmDtype,
    Device device,
    List<String> command) {
  public MeasureSetup {
    parts = Set.copyOf(parts);
    command = List.copyOf(command);
  }

  /** A fine-tuned model of the same shape, and text that it was tuned for. */
  public record Tuned(ModelFolder model, CorpusSpec corpus) {}
}
