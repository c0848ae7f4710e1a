package dev.loupe.evaluate;

import dev.loupe.model.LlamaConfig;
import dev.loupe.model.ModelFolder;
import dev.loupe.text.CorpusSpec;
import dev.loupe.text.Progress;
import dev.loupe.text.Tokenizer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * Dictionaries on a fine-tuned model (paper, section 4.5.2, Figure 6): base and tuned model, on the
 * base model's kind of text and on the tuned one's. Norms and thresholds are the suite's
 * throughout; nothing is measured anew.
 */
public final class Transfer {
  /** Features that are named of each dictionary. */
  private static final int SHIFTS = 20;

  private static final String PROBE =
      "The quick brown fox, said 3 of 12 people in 1879: \"Ça va?\"\n\n\tdef f(x): return x**2";

  private final SuiteEvaluation.Setup base;
  private final ModelFolder tuned;
  private final CorpusSpec tunedText;

  /**
   * A comparison, to be run.
   *
   * @param base the suite on its own model and text
   * @param tuned the other model, of the same shape and tokenizer
   * @param tunedText what the other model was tuned for
   */
  public Transfer(SuiteEvaluation.Setup base, ModelFolder tuned, CorpusSpec tunedText) {
    this.base = base;
    this.tuned = tuned;
    this.tunedText = tunedText;
  }

  /**
   * Runs four evaluations and four passes that count; IllegalArgumentException if they do not fit.
   */
  public TransferReport run(Progress progress, BooleanSupplier stop) {
    checkShapes(LlamaConfig.read(base.model().directory()), LlamaConfig.read(tuned.directory()));
    checkTokenizers();
    SequencedMap<String, Report> cells = new LinkedHashMap<>();
    Map<TransferReport.Cell, Evaluation.Result> found = new EnumMap<>(TransferReport.Cell.class);
    for (TransferReport.Cell cell : TransferReport.Cell.values()) {
      Progress told = (what, done, total) -> progress.report(name(cell) + ": " + what, done, total);
      found.put(cell, SuiteEvaluation.counting(setup(cell), told, stop));
      cells.put(cell.label(), found.get(cell).report());
    }
    return new TransferReport(TransferReport.FORMAT, cells, shifts(found));
  }

  private static String name(TransferReport.Cell cell) {
    return cell.label().replace('_', ' ');
  }

  private void checkShapes(LlamaConfig one, LlamaConfig other) {
    if (one.hiddenSize() != other.hiddenSize()
        || one.layers() != other.layers()
        || one.vocabularySize() != other.vocabularySize()) {
      throw new IllegalArgumentException(
          "expected a model of the shape of %s (%d wide, %d layers, %d ids), got %s (%d wide, %d layers, %d ids)"
              .formatted(
                  base.model().name(),
                  one.hiddenSize(),
                  one.layers(),
                  one.vocabularySize(),
                  tuned.name(),
                  other.hiddenSize(),
                  other.layers(),
                  other.vocabularySize()));
    }
  }

  private void checkTokenizers() {
    try (Tokenizer one = Tokenizer.load(base.model().directory());
        Tokenizer other = Tokenizer.load(tuned.directory())) {
      int[] expected = one.encode(PROBE).ids();
      int[] got = other.encode(PROBE).ids();
      if (!Arrays.equals(expected, got)) {
        throw new IllegalArgumentException(
            "expected the tokenizer of %s to give the ids of %s's, got %s for %s"
                .formatted(
                    tuned.name(),
                    base.model().name(),
                    Arrays.toString(got),
                    Arrays.toString(expected)));
      }
    }
  }

  private SuiteEvaluation.Setup setup(TransferReport.Cell cell) {
    return base.on(
        cell.isTunedModel() ? tuned : base.model(), cell.isTunedText() ? tunedText : base.corpus());
  }

  private static SequencedMap<String, List<TransferReport.Shift>> shifts(
      Map<TransferReport.Cell, Evaluation.Result> found) {
    SequencedMap<String, List<TransferReport.Shift>> shifts = new LinkedHashMap<>();
    Evaluation.Result before = found.get(TransferReport.Cell.BASE_MODEL_TUNED_TEXT);
    Evaluation.Result after = found.get(TransferReport.Cell.TUNED_MODEL_TUNED_TEXT);
    before
        .firings()
        .forEach((name, firings) ->
            shifts.put(
                name,
                IntStream.range(0, firings.length)
                    .mapToObj(feature ->
                        new TransferReport.Shift(
                            feature,
                            found.values().stream()
                                .map(each ->
                                    (double) each.firings().get(name)[feature]
                                        / each.report().tokens())
                                .toList(),
                            z(
                                firings[feature],
                                before.report().tokens(),
                                after.firings().get(name)[feature],
                                after.report().tokens())))
                    .sorted(
                        Comparator.comparingDouble(
                                (TransferReport.Shift shift) -> -Math.abs(shift.z()))
                            .thenComparingInt(TransferReport.Shift::feature))
                    .limit(SHIFTS)
                    .toList()));
    return shifts;
  }

  /** (p₂ − p₁) / √(p(1 − p)(1/n₁ + 1/n₂)), p the share of both together; 0 where none fires. */
  static double z(long firings, long tokens, long otherFirings, long otherTokens) {
    double together = (double) (firings + otherFirings) / (tokens + otherTokens);
    double error = Math.sqrt(together * (1 - together) * (1.0 / tokens + 1.0 / otherTokens));
    double difference = (double) otherFirings / otherTokens - (double) firings / tokens;
    return error == 0 ? 0 : difference / error;
  }
}
