package dev.loupe.analyze;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.loupe.kernel.Range;
import dev.loupe.safetensors.SafetensorsFile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The codes of one dictionary on disk, mapped: all pieces are open at once. Owns the open files
 * until closed; several threads may read.
 */
final class StoredCodes implements AutoCloseable {
  /** Activations of a block, 16 bytes each; one feature may have more. */
  private static final long BLOCK = 12_000_000;

  private final List<SafetensorsFile> files = new ArrayList<>();
  private final String dictionary;
  private final int all; // F
  private final long[] firings; // [F]

  private StoredCodes(String dictionary, int all) {
    this.dictionary = dictionary;
    this.all = all;
    this.firings = new long[all];
  }

  /**
   * Opens the codes of a dictionary; the caller closes them.
   *
   * @param all F
   */
  static StoredCodes open(CodeFiles codes, String dictionary, int all) {
    StoredCodes stored = new StoredCodes(dictionary, all);
    try {
      for (int piece = 0; piece < codes.size(); piece++) {
        stored.add(codes.open(piece));
      }
      return stored;
    } catch (RuntimeException | Error e) {
      try (stored) {
        throw e;
      }
    }
  }

  private void add(SafetensorsFile file) {
    files.add(file);
    int[] starts = CodeFiles.ints(file, dictionary + CodeFiles.STARTS);
    for (int f = 0; f < all; f++) {
      firings[f] += starts[f + 1] - starts[f];
    }
  }

  /** Tokens on which each feature fires, borrowed. */
  long[] firings() {
    return firings;
  }

  /**
   * All features in ranges that make blocks: what is held of a dictionary at once grows neither
   * with the corpus nor with F, as long as no single feature fires more often than {@link #BLOCK}.
   */
  List<Range> blocks() {
    List<Range> blocks = new ArrayList<>();
    int from = 0;
    long active = 0;
    for (int f = 0; f < all; f++) {
      boolean full = f - from == Coactivation.mostFeatures(all) || active + firings[f] > BLOCK;
      if (f > from && full) {
        blocks.add(new Range(from, f));
        from = f;
        active = 0;
      }
      active += firings[f];
    }
    blocks.add(new Range(from, all));
    return blocks;
  }

  /** Reads where some features fire. */
  FeatureBlock read(Range features) {
    int[] starts = new int[features.size() + 1];
    for (int f = 0; f < features.size(); f++) {
      starts[f + 1] = Math.toIntExact(starts[f] + firings[features.from() + f]);
    }
    FeatureBlock block = FeatureBlock.ofSize(features, starts);
    int[] next = Arrays.copyOf(starts, features.size());
    for (int piece = 0; piece < pieces(); piece++) {
      piece(piece).read(block, next);
    }
    return block;
  }

  int pieces() {
    return files.size();
  }

  /** Copies a piece to the heap. */
  Piece piece(int piece) {
    SafetensorsFile file = files.get(piece);
    return new Piece(
        file.view(CodeFiles.PLACES).toArray(JAVA_LONG),
        CodeFiles.ints(file, CodeFiles.IDS),
        CodeFiles.ints(file, dictionary + CodeFiles.STARTS),
        CodeFiles.ints(file, dictionary + CodeFiles.TOKENS),
        file.view(dictionary + CodeFiles.VALUES).toArray(JAVA_FLOAT));
  }

  @Override
  public void close() {
    files.forEach(SafetensorsFile::close);
  }

  /**
   * A piece: columns of its tokens, and activations by feature.
   *
   * @param places // [tokens]
   * @param ids // [tokens]
   * @param starts // [F + 1]
   * @param tokens // [active]
   * @param values // [active]
   */
  @SuppressWarnings("ArrayRecordComponent") // a plain carrier of columns; never compared
  record Piece(long[] places, int[] ids, int[] starts, int[] tokens, float[] values) {
    /** Appends the activations of the block's features, of each from its {@code next} on. */
    private void read(FeatureBlock block, int[] next) {
      for (int f = 0; f < next.length; f++) {
        int end = starts[block.features().from() + f + 1];
        for (int i = starts[block.features().from() + f]; i < end; i++) {
          block.places()[next[f]] = places[tokens[i]];
          block.ids()[next[f]] = ids[tokens[i]];
          block.values()[next[f]++] = values[i];
        }
      }
    }

    /** The features that fire on each token, ascending. */
    ByToken byToken() {
      int[] first = new int[ids.length + 1];
      for (int token : tokens) {
        first[token + 1]++;
      }
      for (int t = 0; t < ids.length; t++) {
        first[t + 1] += first[t];
      }
      int[] next = Arrays.copyOf(first, ids.length);
      int[] features = new int[tokens.length];
      for (int f = 0; f + 1 < starts.length; f++) {
        for (int i = starts[f]; i < starts[f + 1]; i++) {
          features[next[tokens[i]]++] = f;
        }
      }
      return new ByToken(first, features);
    }
  }

  /** Token t has the features {@code features[starts[t] .. starts[t + 1])}. */
  @SuppressWarnings("ArrayRecordComponent") // a plain carrier of columns; never compared
  record ByToken(int[] starts, int[] features) {}
}
