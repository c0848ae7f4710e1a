package dev.loupe.geometry;

import dev.loupe.analyze.AnalysisSetup;
import dev.loupe.analyze.NearestDirections;
import dev.loupe.dictionary.Dictionary;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Suite;
import dev.loupe.store.FeatureStore;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Indexing;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.nio.file.Path;
import java.util.stream.IntStream;

/**
 * The decoder columns of the live features of one dictionary, scaled to norm 1. Owns them until
 * closed.
 *
 * @param all features of the dictionary, the dead ones included
 * @param features the live ones, ascending: row i is that of feature {@code features[i]}
 * @param unit float32 on the CPU, [live, D]
 * @param deadBy how dead features were known
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier; never compared
record Directions(DictionaryName name, int all, int[] features, Tensor unit, DeadBy deadBy)
    implements AutoCloseable {

  /** Opens those of a suite's dictionary; the caller closes them. */
  static Directions open(Suite suite, DictionaryName name) {
    try (Dictionary dictionary = suite.dictionary(name)) {
      Path store = AnalysisSetup.features(suite).resolve(name.toString());
      boolean stored = FeatureStore.isWritten(store);
      boolean[] live = live(dictionary.weights().decoder());
      if (stored) {
        try (FeatureStore features = FeatureStore.open(store)) {
          int[] firings = features.columns().firings();
          for (int f = 0; f < live.length; f++) {
            live[f] &= firings[f] > 0;
          }
        }
      }
      DeadBy by = stored ? DeadBy.FEATURE_STORE : DeadBy.NOTHING;
      return of(name, dictionary.weights().decoder(), live, by);
    }
  }

  /** A column of zeros has no direction. */
  private static boolean[] live(Tensor decoder) {
    try (TensorScope _ = TensorScope.open()) {
      float[] norms = Reductions.norm(decoder, 1).floats();
      boolean[] live = new boolean[norms.length];
      for (int f = 0; f < live.length; f++) {
        live[f] = norms[f] > 0;
      }
      return live;
    }
  }

  /**
   * Of some rows of a decoder; the caller closes them.
   *
   * @param decoder [F, D], borrowed
   * @param live which features count // [F]
   */
  static Directions of(DictionaryName name, Tensor decoder, boolean[] live, DeadBy by) {
    int[] features = IntStream.range(0, live.length).filter(f -> live[f]).toArray();
    if (features.length < 2) {
      throw new IllegalArgumentException(
          "expected two live features or more in %s, got %d of %,d"
              .formatted(name, features.length, live.length));
    }
    try (TensorScope _ = TensorScope.open()) {
      Tensor unit = NearestDirections.normalised(decoder.to(DType.F32));
      if (features.length < live.length) {
        unit = Indexing.rows(unit, Tensors.of(features, features.length));
      }
      return new Directions(name, live.length, features, TensorScope.release(unit), by);
    }
  }

  /** Number of live features. */
  int size() {
    return features.length;
  }

  /** D. */
  int dimensions() {
    return Math.toIntExact(unit.size(1));
  }

  @Override
  public void close() {
    unit.close();
  }
}
