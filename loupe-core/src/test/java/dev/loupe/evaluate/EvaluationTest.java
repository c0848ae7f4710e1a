package dev.loupe.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.loupe.dictionary.Dictionary;
import dev.loupe.dictionary.Site;
import dev.loupe.files.FileFormatException;
import dev.loupe.model.Llama;
import dev.loupe.model.SmallModel;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.text.CorpusSpec;
import dev.loupe.text.DemoSample;
import dev.loupe.text.LongDocuments;
import dev.loupe.text.Progress;
import dev.loupe.text.Split;
import dev.loupe.text.TokenCorpus;
import dev.loupe.text.TokenRequest;
import dev.loupe.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** From a corpus to a report, with the bundled model. */
@ExtendWith(LeakCheck.class)
final class EvaluationTest {
  private static final Path MODEL = SmallModel.folder().directory();
  private static final EvaluationRequest REQUEST = new EvaluationRequest(1_000, 200, 7);

  private static TokenCorpus corpus(Split split, long tokens, int batchTokens) {
    TokenRequest request =
        new TokenRequest(split, tokens, 1, 128, LongDocuments.SPLIT, 1, batchTokens, false);
    try (Tokenizer tokenizer = Tokenizer.load(MODEL)) {
      return TokenCorpus.open(
          CorpusSpec.parse(DemoSample.both()), tokenizer, request, Progress.NONE);
    }
  }

  private static Report report(int batchTokens) {
    try (Llama model = Llama.load(MODEL, DType.F32, Device.CPU);
        Dictionary residual = HandMade.random(2, Site.R, 64, 128, 1);
        Dictionary transcoder = HandMade.random(1, Site.TC, 64, 128, 2);
        Dictionary exact = HandMade.identity(0, Site.A, 64);
        TokenCorpus train = corpus(Split.TRAIN, 1_000, 2_048);
        TokenCorpus heldOut = corpus(Split.HELD_OUT, 6_000, batchTokens)) {
      List<Subject> subjects =
          List.of(
              Subject.of(residual, residual.weights()), Subject.of(transcoder), Subject.of(exact));
      try (TrainingMeans means =
          TrainingMeans.measure(
              model, train, subjects.stream().map(Subject::hookOut).collect(Collectors.toSet()))) {
        return Evaluation.run(
            model, subjects, heldOut, means.byHook(), REQUEST, Progress.NONE, () -> false);
      }
    }
  }

  @Test
  void doesNotDependOnTheBatchSize(@TempDir Path folder) throws IOException {
    Report small = report(300);
    Report large = report(4_096);
    assertThat(small.tokens()).isEqualTo(large.tokens()).isGreaterThanOrEqualTo(6_000);
    assertThat(small.documents()).isEqualTo(large.documents()).isGreaterThan(2);
    large
        .dictionaries()
        .forEach((name, metrics) ->
            metrics.forEach((key, b) -> same(name + " " + key, small.metric(name, key), b)));
    exactDictionaryIsExact(large);
    roundTrips(large, folder.resolve("report.json"));
    tablesAreAligned(large);
  }

  private static void same(String what, Metric a, Metric b) {
    assertThat(a.tokens()).as(what).isEqualTo(b.tokens());
    close(what, a.value(), b.value());
    close(what + " low", a.low(), b.low());
    close(what + " high", a.high(), b.high());
  }

  /** The language model's own rounding differs with the shape of its batches. */
  private static void close(String what, OptionalDouble a, OptionalDouble b) {
    assertThat(a.isPresent()).as(what).isEqualTo(b.isPresent());
    if (b.isPresent()) {
      double tolerance = 2e-5 * Math.max(1, Math.abs(b.getAsDouble()));
      assertThat(a.getAsDouble()).as(what).isCloseTo(b.getAsDouble(), within(tolerance));
    }
  }

  private static void exactDictionaryIsExact(Report report) {
    assertThat(report.metric("L0A-2x", "explained_variance").value()).hasValue(1);
    assertThat(report.metric("L0A-2x", "explained_variance_centred").value()).hasValue(1);
    assertThat(report.metric("L0A-2x", "delta_loss").value()).hasValue(0);
    assertThat(report.metric("L0A-2x", "mse").value()).hasValue(0);
    assertThat(report.metric("L0A-2x", "kl").value()).hasValue(0);
    assertThat(report.metric("L0A-2x", "loss_recovered").value()).hasValue(1);
    assertThat(report.metric("L2R-2x", "decoder_norm_mean").value().orElseThrow())
        .isCloseTo(1, within(1e-6));
    assertThat(report.metric("L1TC-2x", "mean_norm_in").value().orElseThrow())
        .isCloseTo(8, within(1e-2)); // √D: normalised, before the gain
  }

  private static void roundTrips(Report report, Path file) throws IOException {
    Report named = report.withNames("demo", List.of("demo:books", "demo:wordnet"));
    named.write(file);
    assertThat(Report.read(file)).isEqualTo(named);
    String json = Files.readString(file);
    assertThat(json)
        .contains("\"model_fingerprint\"", "\"explained_variance_centred\"", "\"low\"")
        .contains("\"dead_fraction\": {\n        \"value\": null");
    Files.writeString(file, json.replace("\"format\": 1", "\"format\": 2"));
    assertThatThrownBy(() -> Report.read(file))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining("format");
  }

  private static void tablesAreAligned(Report report) {
    String grid = Tables.grid(report, "l0");
    assertThat(grid.lines()).hasSize(4);
    assertThat(grid.lines().findFirst().orElseThrow()).contains("R-2x", "A-2x", "TC-2x");
    String summary = Tables.summary(report);
    assertThat(summary.lines()).hasSize(4);
    assertThat(summary).startsWith("dictionary").contains("loss_recovered");
    assertThat(summary).doesNotContain("dead_fraction"); // fewer than 100,000 tokens
    assertThat(grid.lines().map(String::length).distinct()).hasSize(1);
    assertThat(summary.lines().map(String::length).distinct()).hasSize(1);
  }

  @Test
  void stopsWhenAsked() {
    try (Llama model = Llama.load(MODEL, DType.F32, Device.CPU);
        Dictionary dictionary = HandMade.identity(0, Site.R, 64);
        TokenCorpus corpus = corpus(Split.HELD_OUT, 500, 512);
        TrainingMeans means = TrainingMeans.measure(model, corpus, Set.of(Site.R.hookOut(0)))) {
      List<Subject> subjects = List.of(Subject.of(dictionary));
      assertThatThrownBy(() ->
              Evaluation.run(
                  model, subjects, corpus, means.byHook(), REQUEST, Progress.NONE, () -> true))
          .isInstanceOf(CancellationException.class);
      assertThatThrownBy(() ->
              Evaluation.run(
                  model, subjects, corpus, Map.of(), REQUEST, Progress.NONE, () -> false))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("blocks.0.hook_resid_post");
    }
  }
}
