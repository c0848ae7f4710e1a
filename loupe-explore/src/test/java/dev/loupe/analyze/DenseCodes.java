package dev.loupe.analyze;

import dev.loupe.kernel.Range;
import dev.loupe.store.WindowRow;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The codes that an analysis left on disk as a dense matrix, and plain definitions over it: what
 * the numbers of a store are held against.
 */
final class DenseCodes {
  final int tokens;
  final int features;
  final int[] contexts; // [tokens]
  final int[] positions; // [tokens]
  final int[] ids; // [tokens]
  final float[] losses; // [tokens]
  final float[][] values; // [features][tokens]

  private DenseCodes(int tokens, int features) {
    this.tokens = tokens;
    this.features = features;
    contexts = new int[tokens];
    positions = new int[tokens];
    ids = new int[tokens];
    losses = new float[tokens];
    values = new float[features][tokens];
  }

  static DenseCodes read(Path folder, int pieces, String dictionary, int features) {
    CodeFiles files = CodeFiles.in(folder, new Range(0, pieces));
    int[] total = new int[1];
    files.forEach(piece -> total[0] += CodeFiles.tokens(piece).size());
    DenseCodes dense = new DenseCodes(total[0], features);
    int[] at = new int[1];
    files.forEach(piece -> {
      TokenColumns tokens = CodeFiles.tokens(piece);
      for (int t = 0; t < tokens.size(); t++) {
        dense.contexts[at[0] + t] = tokens.context(t);
        dense.positions[at[0] + t] = tokens.position(t);
        dense.ids[at[0] + t] = tokens.ids()[t];
        dense.losses[at[0] + t] = tokens.losses()[t];
      }
      int[] starts = CodeFiles.ints(piece, dictionary + CodeFiles.STARTS);
      int[] tokenOf = CodeFiles.ints(piece, dictionary + CodeFiles.TOKENS);
      float[] found =
          piece
              .view(dictionary + CodeFiles.VALUES)
              .toArray(java.lang.foreign.ValueLayout.JAVA_FLOAT);
      for (int f = 0; f < features; f++) {
        for (int i = starts[f]; i < starts[f + 1]; i++) {
          dense.values[f][at[0] + tokenOf[i]] = found[i];
        }
      }
      at[0] += tokens.size();
    });
    return dense;
  }

  /** Writes the same codes in pieces of so many contexts. */
  int rewrite(Path folder, String dictionary, int contextsOfAPiece) {
    List<Integer> cuts = new ArrayList<>(List.of(0));
    int in = 1;
    for (int t = 1; t < tokens; t++) {
      if (contexts[t] != contexts[t - 1] && in++ == contextsOfAPiece) {
        cuts.add(t);
        in = 1;
      }
    }
    cuts.add(tokens);
    CodeFiles files = CodeFiles.in(folder, new Range(0, cuts.size() - 1));
    for (int piece = 0; piece + 1 < cuts.size(); piece++) {
      int from = cuts.get(piece);
      int to = cuts.get(piece + 1);
      long[] places =
          IntStream.range(from, to).mapToLong(t -> Place.of(contexts[t], positions[t])).toArray();
      var codes = new java.util.LinkedHashMap<String, CodeFiles.ByFeature>();
      codes.put(dictionary, byFeature(from, to));
      files.write(
          piece,
          new TokenColumns(
              places, Arrays.copyOfRange(ids, from, to), Arrays.copyOfRange(losses, from, to)),
          codes,
          java.util.Map.of());
    }
    return files.size();
  }

  private CodeFiles.ByFeature byFeature(int from, int to) {
    int[] starts = new int[features + 1];
    List<Integer> tokenOf = new ArrayList<>();
    List<Float> found = new ArrayList<>();
    for (int f = 0; f < features; f++) {
      for (int t = from; t < to; t++) {
        if (values[f][t] > 0) {
          tokenOf.add(t - from);
          found.add(values[f][t]);
        }
      }
      starts[f + 1] = tokenOf.size();
    }
    float[] activations = new float[found.size()];
    for (int i = 0; i < activations.length; i++) {
      activations[i] = found.get(i);
    }
    return new CodeFiles.ByFeature(
        starts, tokenOf.stream().mapToInt(i -> i).toArray(), activations);
  }

  /** Tokens on which a feature fires. */
  int[] firings(int f) {
    return IntStream.range(0, tokens).filter(t -> values[f][t] > 0).toArray();
  }

  /** The window of a token, as its context and number there. */
  record Window(int context, int block) implements Comparable<Window> {
    @Override
    public int compareTo(Window other) {
      return context != other.context
          ? Integer.compare(context, other.context)
          : Integer.compare(block, other.block);
    }
  }

  Window window(int t) {
    return new Window(contexts[t], positions[t] / WindowRow.TOKENS);
  }

  /** Of each window in which a feature fires the token where it is strongest. */
  NavigableMap<Window, Integer> windowPeaks(int f) {
    TreeMap<Window, Integer> peaks = new TreeMap<>();
    for (int t : firings(f)) {
      peaks.merge(window(t), t, (a, b) -> values[f][b] > values[f][a] ? b : a);
    }
    return peaks;
  }

  /** Of each context in which a feature fires the token where it is strongest. */
  NavigableMap<Integer, Integer> contextPeaks(int f) {
    TreeMap<Integer, Integer> peaks = new TreeMap<>();
    for (int t : firings(f)) {
      peaks.merge(contexts[t], t, (a, b) -> values[f][b] > values[f][a] ? b : a);
    }
    return peaks;
  }
}
