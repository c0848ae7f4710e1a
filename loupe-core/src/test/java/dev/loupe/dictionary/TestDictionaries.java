package dev.loupe.dictionary;

import dev.loupe.tensor.DType;
import dev.loupe.tensor.SeededRandom;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.Tensors;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Small dictionaries of seeded numbers, as training would leave them. */
final class TestDictionaries {
  static final Scale SCALE = new Scale(7.5, 3.25);

  private TestDictionaries() {}

  /** Seeded weights, decoder columns of many norms; the caller closes them. */
  static Weights weights(long seed, int features, int in, int out, double encoderBias) {
    SeededRandom random = new SeededRandom(seed, "weights");
    float[] encoder = new float[features * in];
    float[] decoder = new float[features * out];
    float[] biases = new float[features];
    float[] decoderBias = new float[out];
    for (int i = 0; i < encoder.length; i++) {
      encoder[i] = (float) (random.normal(i) / Math.sqrt(in));
    }
    for (int i = 0; i < decoder.length; i++) {
      double norm = 0.5 + i / out % 7 * 0.25;
      decoder[i] = (float) (random.normal(1_000_000_000L + i) * norm / Math.sqrt(out));
    }
    for (int i = 0; i < features; i++) {
      biases[i] = (float) (encoderBias + 0.1 * random.normal(2_000_000_000L + i));
    }
    for (int i = 0; i < out; i++) {
      decoderBias[i] = (float) random.normal(3_000_000_000L + i);
    }
    return new Weights(
        Tensors.of(encoder, features, in),
        Tensors.of(biases, features),
        Tensors.of(decoder, features, out),
        Tensors.of(decoderBias, out));
  }

  /** As trained: for normalised inputs. The caller closes it. */
  static Dictionary asTrained(Site site, int d, int expansion, Gate gate) {
    return new Dictionary(
        weights(11, d * expansion, d, d, -0.2), contract(site, expansion, SCALE, gate));
  }

  static Contract contract(Site site, int expansion, Scale scale, Gate gate) {
    return new Contract(
        Contract.FORMAT,
        new DictionaryName(3, site, expansion, "k20.s1"),
        List.of(site.hookIn(3)),
        List.of(site.hookOut(3)),
        Contract.Form.AS_TRAINED,
        scale,
        scale,
        gate,
        true,
        "float32",
        new Contract.TokenPolicy(true, List.of(1, 2), Optional.of(10.0)),
        "model",
        "tokenizer",
        "",
        Optional.of(new Contract.Expected(1000, 256, 7.5, 3.25, 12.5, 0.75)));
  }

  /** Rows of the norm that the scale names; the caller closes them. */
  static Tensor rows(long n, int d) {
    return new SeededRandom(5, "rows").directions(n, d, SCALE.normIn());
  }

  /**
   * Writes a standardised dictionary of 16 dimensions, as training does, and gives its contract.
   */
  static Contract write(Path folder, Site site, int expansion, Gate gate, DType dtype) {
    try (Dictionary trained = asTrained(site, 16, expansion, gate);
        Dictionary standard = trained.standardised();
        Dictionary rounded =
            new Dictionary(standard.weights().rounded(dtype), standard.contract());
        Tensor rows = rows(DictionaryProbe.ROWS, 16);
        DictionaryProbe probe = DictionaryProbe.of(rounded, rows)) {
      DictionaryFolder.writeRaw(folder, trained.weights(), dtype);
      DictionaryFolder.write(folder, rounded, dtype, "test-model", probe);
    }
    return DictionaryFolder.readContract(folder);
  }
}
