package dev.loupe.geometry;

import dev.loupe.kernel.CodeRows;
import java.util.Arrays;
import java.util.List;

/**
 * On which tokens each feature of a dictionary fires: feature f on {@code tokens[starts[f] ..
 * starts[f + 1])}, ascending. In the heap, 8 bytes an activation; grows with the tokens and with
 * L0, not with F.
 *
 * @param all how many tokens there are
 * @param starts // [F + 1]
 * @param tokens // [active]
 * @param values // [active]
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier of columns; never compared
record FiringLists(int all, int[] starts, int[] tokens, float[] values) {

  /** Of the codes of consecutive groups of tokens. */
  static FiringLists of(List<CodeRows> parts, int features) {
    long active = parts.stream().mapToLong(CodeRows::active).sum();
    if (active > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "expected at most %,d activations, got %,d; take fewer tokens"
              .formatted(Integer.MAX_VALUE - 8, active));
    }
    int[] starts = new int[features + 1];
    for (CodeRows part : parts) {
      for (int i = 0; i < part.active(); i++) {
        starts[part.features()[i] + 1]++;
      }
    }
    for (int f = 0; f < features; f++) {
      starts[f + 1] += starts[f];
    }
    int[] tokens = new int[(int) active];
    float[] values = new float[(int) active];
    int[] next = Arrays.copyOf(starts, features);
    int token = 0;
    for (CodeRows part : parts) {
      for (int t = 0; t < part.tokens(); t++, token++) {
        for (int i = part.starts()[t]; i < part.starts()[t + 1]; i++) {
          int at = next[part.features()[i]]++;
          tokens[at] = token;
          values[at] = part.values()[i];
        }
      }
    }
    return new FiringLists(token, starts, tokens, values);
  }

  /** F. */
  int features() {
    return starts.length - 1;
  }

  int firings(int feature) {
    return starts[feature + 1] - starts[feature];
  }

  /** Share of the tokens on which it fires. */
  double rate(int feature) {
    return all == 0 ? 0 : (double) firings(feature) / all;
  }

  /** The same features firing so many tokens later, the last ones at the start: by chance. */
  FiringLists shifted(int by) {
    int[] moved = new int[tokens.length];
    float[] values = new float[tokens.length];
    for (int f = 0; f < features(); f++) {
      int first = starts[f]; // of those that come round to the start
      while (first < starts[f + 1] && tokens[first] + by < all) {
        first++;
      }
      for (int i = starts[f]; i < starts[f + 1]; i++) {
        int to = i < first ? i + starts[f + 1] - first : i - first + starts[f];
        moved[to] = (tokens[i] + by) % all;
        values[to] = this.values[i];
      }
    }
    return new FiringLists(all, starts, moved, values);
  }

  /** The same activations by token. */
  ByToken byToken() {
    int[] first = new int[all + 1];
    for (int token : tokens) {
      first[token + 1]++;
    }
    for (int t = 0; t < all; t++) {
      first[t + 1] += first[t];
    }
    int[] next = Arrays.copyOf(first, all);
    int[] features = new int[tokens.length];
    for (int f = 0; f < features(); f++) {
      for (int i = starts[f]; i < starts[f + 1]; i++) {
        features[next[tokens[i]]++] = f;
      }
    }
    return new ByToken(first, features);
  }

  /** Token t has the features {@code features[starts[t] .. starts[t + 1])}, ascending. */
  @SuppressWarnings("ArrayRecordComponent") // likewise
  record ByToken(int[] starts, int[] features) {}
}
