package dev.loupe.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.loupe.dictionary.Dictionary;
import dev.loupe.dictionary.Site;
import dev.loupe.model.Llama;
import dev.loupe.model.SmallModel;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.Torch;
import dev.loupe.text.CorpusSpec;
import dev.loupe.text.DemoSample;
import dev.loupe.text.LongDocuments;
import dev.loupe.text.Progress;
import dev.loupe.text.Split;
import dev.loupe.text.TokenCorpus;
import dev.loupe.text.TokenRequest;
import dev.loupe.text.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Metrics by position: closed forms, and that every position has the same documents. */
@ExtendWith(LeakCheck.class)
final class PositionEvaluationTest {
  private static final Path MODEL = SmallModel.folder().directory();
  private static final EvaluationRequest REQUEST = new EvaluationRequest(1, 100, 7);
  private static final int CONTEXT = 96;
  private static final int TRAINED = 32;

  private static PositionReport report(String texts, int context, int batchTokens) {
    TokenRequest request =
        new TokenRequest(
            Split.HELD_OUT, 4_000, 1, context, LongDocuments.SPLIT, 1, batchTokens, false);
    try (Tokenizer tokenizer = Tokenizer.load(MODEL);
        Llama model = Llama.load(MODEL, DType.F32, Device.CPU);
        Dictionary residual = HandMade.random(2, Site.R, 64, 128, 1);
        Dictionary exact = HandMade.identity(0, Site.A, 64);
        TokenCorpus corpus =
            TokenCorpus.open(CorpusSpec.parse(texts), tokenizer, request, Progress.NONE)) {
      return PositionEvaluation.run(
          model,
          List.of(Subject.of(residual), Subject.of(exact)),
          corpus,
          context,
          TRAINED,
          REQUEST,
          Progress.NONE,
          () -> false);
    }
  }

  private static double value(PositionReport.Range range, String metric) {
    return range.metrics().get(metric).value().orElseThrow();
  }

  @Test
  void everyPositionHasTheSameDocuments(@TempDir Path folder) {
    PositionReport report = report(DemoSample.books(), CONTEXT, 2_048);
    assertThat(report.contexts()).isGreaterThan(5);
    for (PositionReport.ByPosition each : report.dictionaries().values()) {
      int end = 1;
      for (PositionReport.Range range : each.ranges()) {
        assertThat(range.from()).isEqualTo(end);
        end = range.to();
        assertThat(range.metrics().get("l0").tokens())
            .as("%d to %d", range.from(), range.to())
            .isEqualTo((long) (range.to() - range.from()) * report.contexts());
      }
      assertThat(end).isEqualTo(CONTEXT);
      assertThat(each.ranges()).anyMatch(range -> range.from() == TRAINED);
      assertThat(each.inside().to()).isEqualTo(TRAINED);
      assertThat(each.last().from()).isLessThanOrEqualTo(CONTEXT - CONTEXT / 8);
      assertThat(value(each.inside(), "loss_original")).isBetween(2.0, 9.0);
      // the last position predicts nothing
      assertThat(each.ranges().getLast().metrics().get("loss_original").tokens())
          .isEqualTo((long) (CONTEXT - 1 - each.ranges().getLast().from()) * report.contexts());
    }
    report.write(folder.resolve("positions.json"));
    assertThat(PositionReport.read(folder.resolve("positions.json"))).isEqualTo(report);
  }

  @Test
  void anExactDictionaryIsExactEverywhere() {
    PositionReport report = report(DemoSample.books(), CONTEXT, 2_048);
    PositionReport.ByPosition exact = report.dictionaries().get("L0A-2x");
    for (PositionReport.Range range : exact.ranges()) {
      assertThat(value(range, "explained_variance")).isCloseTo(1, within(1e-6));
      assertThat(value(range, "mse")).isCloseTo(0, within(1e-9));
      if (range.metrics().get("delta_loss").tokens() > 0) {
        assertThat(value(range, "delta_loss")).isCloseTo(0, within(1e-4));
      }
    }
  }

  @Test
  void rangesMakeUpTheWholeAndBatchesDoNotMatter() {
    PositionReport large = report(DemoSample.books(), CONTEXT, 2_048);
    PositionReport small = report(DemoSample.books(), CONTEXT, CONTEXT);
    PositionReport.ByPosition found = large.dictionaries().get("L2R-2x");
    double squares = 0;
    long tokens = 0;
    for (PositionReport.Range range : found.ranges()) {
      if (range.to() <= TRAINED) {
        Metric mse = range.metrics().get("mse");
        squares += mse.value().orElseThrow() * mse.tokens();
        tokens += mse.tokens();
      }
    }
    double inside = value(found.inside(), "mse");
    assertThat(squares / tokens).isCloseTo(inside, within(1e-9 * inside));
    assertThat(value(found.inside(), "mse_ratio")).isCloseTo(1, within(1e-12));
    assertThat(value(found.last(), "mse_ratio"))
        .isCloseTo(value(found.last(), "mse") / inside, within(1e-9));
    PositionReport.ByPosition other = small.dictionaries().get("L2R-2x");
    for (int i = 0; i < found.ranges().size(); i++) {
      for (Map.Entry<String, Metric> each : found.ranges().get(i).metrics().entrySet()) {
        double a = each.getValue().value().orElse(0);
        double b = other.ranges().get(i).metrics().get(each.getKey()).value().orElse(0);
        assertThat(b).as(each.getKey()).isCloseTo(a, within(2e-3 * Math.max(1e-3, Math.abs(a))));
      }
    }
  }

  /** To the last bit, the intervals with it. */
  @Test
  void threadsDoNotMatter() {
    PositionReport expected = report(DemoSample.books(), CONTEXT, 2_048);
    int before = Torch.threads();
    try {
      for (int threads = 1; threads <= 3; threads += 2) {
        Torch.start(threads);
        assertThat(report(DemoSample.books(), CONTEXT, 2_048))
            .as(threads + " threads")
            .isEqualTo(expected);
      }
    } finally {
      Torch.start(before);
    }
  }

  @Test
  void textsThatAreTooShortAreSaid() {
    assertThatThrownBy(() -> report(DemoSample.wordnet(), 1_000, 2_048))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("documents of at least 1000 tokens");
  }
}
