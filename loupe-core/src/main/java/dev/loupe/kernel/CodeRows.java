package dev.loupe.kernel;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * The code of a batch in the heap: token t has the features {@code features[starts[t] .. starts[t +
 * 1])}, ascending, with their values, all above zero.
 *
 * @param starts [tokens + 1]
 * @param features [active], or longer: what is behind {@link #active} does not count
 * @param values as many
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier of columns; never compared
public record CodeRows(int[] starts, int[] features, float[] values) {
  public int tokens() {
    return starts.length - 1;
  }

  /** Activations of all tokens together. */
  public int active() {
    return starts[starts.length - 1];
  }

  /** Codes of consecutive groups of tokens as one. */
  public static CodeRows concat(List<CodeRows> parts) {
    if (parts.size() == 1) {
      return parts.getFirst();
    }
    int tokens = parts.stream().mapToInt(CodeRows::tokens).sum();
    int active = Math.toIntExact(parts.stream().mapToLong(CodeRows::active).sum());
    CodeRows all = new CodeRows(new int[tokens + 1], new int[active], new float[active]);
    int token = 0;
    int at = 0;
    for (CodeRows part : parts) {
      System.arraycopy(part.features, 0, all.features, at, part.active());
      System.arraycopy(part.values, 0, all.values, at, part.active());
      for (int t = 1; t <= part.tokens(); t++) {
        all.starts[++token] = at + part.starts[t];
      }
      at += part.active();
    }
    return all;
  }

  /** The same with other numbers of the features: names[f] for f. */
  public CodeRows renamed(long[] names) {
    int[] renamed = new int[active()];
    for (int i = 0; i < renamed.length; i++) {
      renamed[i] = Math.toIntExact(names[features[i]]);
    }
    return new CodeRows(starts, renamed, values);
  }

  /** The activations whose place is chosen. */
  public CodeRows where(IntPredicate chosen) {
    int[] from = new int[starts.length];
    int[] kept = new int[active()];
    float[] with = new float[active()];
    int at = 0;
    for (int t = 0; t < tokens(); t++) {
      for (int i = starts[t]; i < starts[t + 1]; i++) {
        if (chosen.test(i)) {
          kept[at] = features[i];
          with[at++] = values[i];
        }
      }
      from[t + 1] = at;
    }
    return new CodeRows(from, kept, with);
  }

  /**
   * The same activations by feature: feature f has the places {@code places[starts[f] .. starts[f +
   * 1])} of this code, in the order of the tokens.
   */
  public ByFeature byFeature(int count) {
    int[] first = new int[count + 1];
    for (int i = 0; i < active(); i++) {
      first[features[i] + 1]++;
    }
    for (int f = 0; f < count; f++) {
      first[f + 1] += first[f];
    }
    int[] next = Arrays.copyOf(first, count);
    int[] tokens = new int[active()];
    int[] places = new int[active()];
    for (int t = 0; t < tokens(); t++) {
      for (int i = starts[t]; i < starts[t + 1]; i++) {
        int at = next[features[i]]++;
        tokens[at] = t;
        places[at] = i;
      }
    }
    return new ByFeature(first, tokens, places);
  }

  /**
   * Activations sorted by feature, then token.
   *
   * @param starts [features + 1]
   * @param tokens [active]
   * @param places where each is in the code, [active]
   */
  @SuppressWarnings("ArrayRecordComponent") // a carrier of columns; never compared
  public record ByFeature(int[] starts, int[] tokens, int[] places) {
    /** Values that belong to the code's activations, in this order. */
    public float[] ordered(float[] values) {
      float[] result = new float[places.length];
      for (int i = 0; i < result.length; i++) {
        result[i] = values[places[i]];
      }
      return result;
    }
  }
}
