package dev.loupe.dictionary;

import dev.loupe.files.FileFormatException;
import dev.loupe.safetensors.SafetensorsFile;
import dev.loupe.safetensors.TensorSource;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import java.nio.file.Path;

/**
 * Recomputes a recorded probe in two parts that have no gate between them: codes from the rows, and
 * the reconstruction from the recorded codes. A feature may fire in one place only if its score is
 * within rounding of the gate, so that another machine's order of sums passes and a changed
 * threshold does not.
 */
final class ProbeCheck {
  /** Float32 sums in another order differ by less; a wrong scale, gate or weight by much more. */
  private static final double TOLERANCE = 1e-4;

  private final Path file;
  private final Dictionary dictionary;
  private final float[] norms;

  private ProbeCheck(Path file, Dictionary dictionary) {
    this.file = file;
    this.dictionary = dictionary;
    this.norms = dictionary.norms().floats();
  }

  /** Fails with what differs. */
  static void run(Path file, Dictionary dictionary) {
    ProbeCheck check = new ProbeCheck(file, dictionary);
    try (TensorScope _ = TensorScope.open();
        TensorSource source = SafetensorsFile.open(file)) {
      long rows = source.entry("input").shape().length == 2 ? source.entry("input").shape()[0] : 0;
      Tensor input = source.read("input", rows, dictionary.weights().inputSize());
      Tensor expected = source.read("reconstruction", rows, dictionary.weights().outputSize());
      long active = source.entry("codes.indices").bytes() / Integer.BYTES;
      Codes recorded =
          new Codes(
              source.read("codes.offsets", rows + 1),
              source.read("codes.indices", active),
              source.read("codes.values", active),
              dictionary.features());
      check.requireWellFormed(recorded);
      try (Codes found = dictionary.encode(input)) {
        check.compare(recorded, found);
      }
      check.compare(expected, dictionary.decode(recorded));
    }
  }

  private void requireWellFormed(Codes codes) {
    int[] offsets = codes.offsets().ints();
    boolean good = offsets[0] == 0 && offsets[offsets.length - 1] == codes.active();
    for (int t = 0; t + 1 < offsets.length; t++) {
      good &= offsets[t] <= offsets[t + 1];
    }
    for (int feature : codes.indices().ints()) {
      good &= feature >= 0 && feature < codes.features();
    }
    if (!good) {
      throw new FileFormatException(
          file, "expected codes of %d features, got others".formatted(codes.features()));
    }
  }

  private void compare(Codes recorded, Codes found) {
    Rows a = Rows.of(recorded);
    Rows b = Rows.of(found);
    for (int t = 0; t < recorded.tokens(); t++) {
      double largest = Math.max(a.largestScore(t, norms), b.largestScore(t, norms));
      double slack = TOLERANCE * largest;
      double bound = bound(b, t);
      int i = a.offsets[t];
      int j = b.offsets[t];
      while (i < a.offsets[t + 1] || j < b.offsets[t + 1]) {
        int left = i < a.offsets[t + 1] ? a.indices[i] : Integer.MAX_VALUE;
        int right = j < b.offsets[t + 1] ? b.indices[j] : Integer.MAX_VALUE;
        if (left == right) {
          requireClose(t, left, a.values[i++], b.values[j++], slack);
        } else if (left < right) {
          requireBorderline(t, left, "to fire", a.values[i++], bound, slack);
        } else {
          requireBorderline(t, right, "not to fire", b.values[j++], bound, slack);
        }
      }
    }
  }

  /** The score above which features of a token fire, in the units of the weights. */
  private double bound(Rows found, int token) {
    Contract contract = dictionary.contract();
    return switch (contract.gate()) {
      case Gate.TopK(int k) -> found.count(token) < k ? 0 : found.smallestScore(token, norms);
      case Gate.JumpRelu(double threshold) ->
          threshold * contract.scale().factorOut(dictionary.weights().outputSize());
      case Gate.Relu() -> 0;
    };
  }

  private void requireClose(int row, int feature, double expected, double got, double slack) {
    if (!(Math.abs(expected - got) * norms[feature] <= slack)) {
      throw changed("feature %d at %s in row %d, got %s".formatted(feature, expected, row, got));
    }
  }

  private void requireBorderline(
      int row, int feature, String what, double value, double bound, double slack) {
    double score = value * norms[feature];
    if (!(Math.abs(score - bound) <= slack)) {
      throw changed(
          "feature %d %s in row %d, got a score of %s at a gate of %s"
              .formatted(feature, what, row, score, bound));
    }
  }

  private void compare(Tensor expected, Tensor found) {
    double error =
        Math.sqrt(
            Reductions.totalOfSquares(Arithmetic.subtract(found, expected))
                / Math.max(Reductions.totalOfSquares(expected), 1e-30));
    if (!(error <= TOLERANCE)) {
      throw changed(
          "the recorded reconstruction within %s of its norm, got a distance of %.3g"
              .formatted(TOLERANCE, error));
    }
  }

  private FileFormatException changed(String problem) {
    return new FileFormatException(
        file, "expected " + problem, "the weights or the contract were changed");
  }

  /** Codes on the heap. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Rows(int[] offsets, int[] indices, float[] values) {
    static Rows of(Codes codes) {
      return new Rows(codes.offsets().ints(), codes.indices().ints(), codes.values().floats());
    }

    int count(int token) {
      return offsets[token + 1] - offsets[token];
    }

    double largestScore(int token, float[] norms) {
      double largest = 0;
      for (int i = offsets[token]; i < offsets[token + 1]; i++) {
        largest = Math.max(largest, (double) values[i] * norms[indices[i]]);
      }
      return largest;
    }

    double smallestScore(int token, float[] norms) {
      double smallest = Double.POSITIVE_INFINITY;
      for (int i = offsets[token]; i < offsets[token + 1]; i++) {
        smallest = Math.min(smallest, (double) values[i] * norms[indices[i]]);
      }
      return smallest;
    }
  }
}
