package dev.loupe.dictionary;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.loupe.kernel.CodeRows;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import java.util.Arrays;

/**
 * How often screening finds the features that float32 finds: the k best of each token, by the
 * {@link Encoder} and by a dense float32 product of libtorch. Borrows the dictionary.
 */
public final class ScreeningCheck implements AutoCloseable {
  private final Dictionary dictionary;
  private final int k;
  private final Encoder encoder;
  private final Screening screening;
  private long tokens;
  private long selected;
  private long same;

  public ScreeningCheck(Dictionary dictionary, int k, Screening screening) {
    this.dictionary = dictionary;
    this.k = k;
    this.screening = screening;
    this.encoder = new Encoder(dictionary.weights(), screening);
  }

  /** Adds raw inputs, float32 [n, D in]. */
  public void add(Tensor rows) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = dictionary.scaled(rows);
      CodeRows found = encoder.topK(x, k);
      try (Codes codes =
          TiledEncoder.topK(x, dictionary.weights(), dictionary.norms(), k)
              .codes(dictionary.features())) {
        CodeRows expected = codes.rows();
        tokens += expected.tokens();
        selected += expected.active();
        for (int t = 0; t < expected.tokens(); t++) {
          same += common(found, expected, t);
        }
      }
    }
  }

  private static long common(CodeRows found, CodeRows expected, int t) {
    int from = found.starts()[t];
    int to = found.starts()[t + 1];
    return Arrays.stream(expected.features(), expected.starts()[t], expected.starts()[t + 1])
        .filter(f -> Arrays.binarySearch(found.features(), from, to, f) >= 0)
        .count();
  }

  /** What was found so far. */
  public Agreement agreement() {
    return new Agreement(
        dictionary.name().toString(),
        screening.label(),
        k,
        dictionary.features(),
        tokens,
        selected,
        same,
        selected == 0 ? 1 : (double) same / selected);
  }

  /**
   * How often both found the same.
   *
   * @param selected features that float32 selects, over all tokens
   * @param same of them, those that screening leads to
   * @param share of the selected that are the same
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Agreement(
      String name,
      String screening,
      int k,
      long features,
      long tokens,
      long selected,
      long same,
      double share) {}

  @Override
  public void close() {
    encoder.close();
  }
}
