package dev.loupe.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.loupe.dictionary.Contract;
import dev.loupe.dictionary.Dictionary;
import dev.loupe.dictionary.DictionaryName;
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
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Principal components and random directions, against what must hold of them. */
@ExtendWith(LeakCheck.class)
final class FloorsTest {
  private static final Path MODEL = SmallModel.folder().directory();
  private static final Contract.TokenPolicy POLICY =
      new Contract.TokenPolicy(true, List.of(), Optional.empty());

  private static TokenCorpus corpus(Split split, long tokens, int batchTokens) {
    TokenRequest request =
        new TokenRequest(split, tokens, 1, 64, LongDocuments.SPLIT, 1, batchTokens, false);
    try (Tokenizer tokenizer = Tokenizer.load(MODEL)) {
      return TokenCorpus.open(
          CorpusSpec.parse(DemoSample.both()), tokenizer, request, Progress.NONE);
    }
  }

  private static Report report(Map<DictionaryName, Integer> k) {
    return report(k, 2_048);
  }

  private static Report report(Map<DictionaryName, Integer> k, int batchTokens) {
    try (Llama model = Llama.load(MODEL, DType.F32, Device.CPU);
        TokenCorpus train = corpus(Split.TRAIN, 6_000, batchTokens);
        TokenCorpus heldOut = corpus(Split.HELD_OUT, 3_000, batchTokens)) {
      List<Dictionary> floors = Floors.of(model, train, k, POLICY, 3);
      try {
        List<Subject> subjects = floors.stream().map(Subject::of).toList();
        try (TrainingMeans means =
            TrainingMeans.measure(
                model,
                train,
                subjects.stream()
                    .map(Subject::hookOut)
                    .collect(java.util.stream.Collectors.toSet()))) {
          return Evaluation.run(
              model,
              subjects,
              heldOut,
              means.byHook(),
              new EvaluationRequest(500, 50, 7),
              Progress.NONE,
              () -> false);
        }
      } finally {
        floors.forEach(Dictionary::close);
      }
    }
  }

  private static double value(Report report, String dictionary, String metric) {
    return report.metric(dictionary, metric).value().orElseThrow();
  }

  @Test
  void allComponentsTogetherAreExact() {
    Report report = report(Map.of(DictionaryName.parse("L2R-8x"), 64));
    assertThat(value(report, "L2R-2x-pca", "explained_variance_centred"))
        .isCloseTo(1, within(1e-6));
    assertThat(value(report, "L2R-2x-pca", "delta_loss")).isCloseTo(0, within(1e-4));
    assertThat(value(report, "L2R-2x-pca", "l0")).isCloseTo(64, within(0.5));
  }

  @Test
  void fewComponentsExplainMoreThanRandomDirections() {
    Report report =
        report(Map.of(DictionaryName.parse("L2R-8x"), 8, DictionaryName.parse("L2TC-8x"), 8));
    assertThat(report.dictionaries()).containsOnlyKeys("L2R-2x-pca", "L2R-8x-random");
    double components = value(report, "L2R-2x-pca", "explained_variance_centred");
    double random = value(report, "L2R-8x-random", "explained_variance_centred");
    assertThat(components).isBetween(random + 0.05, 0.999);
    assertThat(value(report, "L2R-8x-random", "l0")).isEqualTo(8);
  }

  /** Threads to the last bit; batches but for the rounding of the language model. */
  @Test
  void threadsAndBatchesDoNotMatter() {
    Map<DictionaryName, Integer> k = Map.of(DictionaryName.parse("L2R-8x"), 8);
    Report expected = report(k);
    int before = Torch.threads();
    try {
      Torch.start(before == 1 ? 3 : 1);
      assertThat(report(k)).isEqualTo(expected);
    } finally {
      Torch.start(before);
    }
    Report small = report(k, 300);
    expected
        .dictionaries()
        .forEach((name, metrics) ->
            metrics.forEach((metric, found) ->
                assertThat(small.metric(name, metric).value().orElse(0))
                    .as(name + " " + metric)
                    .isCloseTo(found.value().orElse(0), within(1e-4))));
  }
}
