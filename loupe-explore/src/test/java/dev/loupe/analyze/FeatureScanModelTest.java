package dev.loupe.analyze;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loupe.activation.Activations;
import dev.loupe.activation.Capturing;
import dev.loupe.dictionary.Codes;
import dev.loupe.dictionary.Contract;
import dev.loupe.dictionary.Dictionary;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Gate;
import dev.loupe.dictionary.Scale;
import dev.loupe.dictionary.Site;
import dev.loupe.dictionary.Weights;
import dev.loupe.model.Hook;
import dev.loupe.model.Llama;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.SeededRandom;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.Tensors;
import dev.loupe.text.BundledFiles;
import dev.loupe.text.CorpusSpec;
import dev.loupe.text.LongDocuments;
import dev.loupe.text.Progress;
import dev.loupe.text.Split;
import dev.loupe.text.TokenCorpus;
import dev.loupe.text.TokenRequest;
import dev.loupe.text.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A random dictionary on the bundled model, from text to a line on the terminal. */
@ExtendWith(LeakCheck.class)
final class FeatureScanModelTest {
  private static final Path MODEL = BundledFiles.model("demo").orElseThrow();
  private static final int D = 256;
  private static final int FEATURES = 512;

  @Test
  void scanIsWhatTheDictionaryGives() {
    try (Llama model = Llama.load(MODEL, DType.F32, Device.CPU);
        Tokenizer tokenizer = Tokenizer.load(MODEL);
        TokenCorpus corpus = corpus(tokenizer);
        Dictionary dictionary = dictionary(Contract.Form.STANDARDISED)) {
      FeatureScan scan = FeatureScan.run(model, dictionary, corpus, Progress.NONE);
      Reference reference = Reference.of(model, dictionary, corpus);
      assertThat(scan.tokens()).isGreaterThanOrEqualTo(3000);
      for (FeatureSummary summary : scan.features()) {
        assertThat(summary.firings()).isEqualTo(reference.firings[summary.feature()]);
        assertThat(summary.maximum()).isEqualTo(reference.maxima[summary.feature()]);
        assertThat(summary.tokenShare() > 1).isFalse();
        for (Example example : scan.examples(summary.feature(), 1, 5, 5)) {
          assertThat(example.strength()).isEqualTo(summary.maximum());
          String line = ExampleText.plain(tokenizer).line(example, summary.maximum());
          assertThat(line).contains("«", "»").doesNotContain("\n");
        }
      }
      FeatureScan again = FeatureScan.run(model, dictionary, corpus, Progress.NONE);
      assertThat(again.features()).isEqualTo(scan.features());
      assertThat(again.interesting(5, 1)).isEqualTo(scan.interesting(5, 1));
    }
  }

  @Test
  void weightsAsTrainedAreRefused() {
    try (Llama model = Llama.load(MODEL, DType.F32, Device.CPU);
        Tokenizer tokenizer = Tokenizer.load(MODEL);
        TokenCorpus corpus = corpus(tokenizer);
        Dictionary dictionary = dictionary(Contract.Form.AS_TRAINED)) {
      assertThatThrownBy(() -> FeatureScan.run(model, dictionary, corpus, Progress.NONE))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("expected standardised weights, got as trained of L2R-2x");
    }
  }

  private static TokenCorpus corpus(Tokenizer tokenizer) {
    TokenRequest request =
        new TokenRequest(Split.ALL, 3000, 1, 128, LongDocuments.SPLIT, 1, 1024, false);
    return TokenCorpus.open(CorpusSpec.parse("demo"), tokenizer, request, Progress.NONE);
  }

  private static Dictionary dictionary(Contract.Form form) {
    Scale scale = new Scale(Math.sqrt(D), Math.sqrt(D));
    DictionaryName name = DictionaryName.of(2, Site.R, 2);
    Contract contract =
        new Contract(
            Contract.FORMAT,
            name,
            List.of(Site.R.hookIn(2)),
            List.of(Site.R.hookOut(2)),
            form,
            scale,
            scale,
            new Gate.TopK(16),
            true,
            "F32",
            new Contract.TokenPolicy(true, List.of(0, 1), Optional.empty()),
            "",
            "",
            "",
            Optional.empty());
    return new Dictionary(
        new Weights(
            new SeededRandom(1, "encoder").directions(FEATURES, D, 1),
            Tensors.zeros(DType.F32, Device.CPU, FEATURES),
            new SeededRandom(1, "decoder").directions(FEATURES, D, 1),
            Tensors.zeros(DType.F32, Device.CPU, D)),
        contract);
  }

  /** Counts and maxima from dense codes. */
  private static final class Reference {
    private final int[] firings = new int[FEATURES];
    private final float[] maxima = new float[FEATURES];

    static Reference of(Llama model, Dictionary dictionary, TokenCorpus corpus) {
      Reference reference = new Reference();
      Hook hook = dictionary.contract().hookIn();
      for (int b = 0; b < corpus.batches(); b++) {
        try (Activations activations = Capturing.activations(model, corpus.batch(b), Set.of(hook));
            Codes codes = dictionary.encode(activations.at(hook));
            Tensor dense = codes.dense()) {
          reference.add(dense.floats());
        }
      }
      return reference;
    }

    private void add(float[] dense) {
      for (int i = 0; i < dense.length; i++) {
        firings[i % FEATURES] += dense[i] > 0 ? 1 : 0;
        maxima[i % FEATURES] = Math.max(maxima[i % FEATURES], dense[i]);
      }
    }
  }
}
