package dev.loupe.analyze;

import dev.loupe.dictionary.Dictionary;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.kernel.Range;
import dev.loupe.store.NeighboursRow;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.Products;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.Team;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import java.util.List;
import java.util.stream.Stream;

/**
 * The nearest features by cosine of decoder columns and of encoder rows, exact: every pair is
 * computed, a tile at a time. Within a dictionary, and towards those of the same site in the layer
 * before and after and of other widths, whose spaces are the same.
 */
final class CosineNeighbours {
  static final int MOST = 20;

  private static final long TILE_ELEMENTS = 1 << 22;

  private CosineNeighbours() {}

  /**
   * The dictionaries of a suite that are looked into beside a dictionary itself: same site and
   * width in the layers before and after, same site and layer in other widths and variants.
   */
  static List<DictionaryName> others(DictionaryName name, List<DictionaryName> all) {
    return all.stream()
        .filter(other -> other.site() == name.site() && !other.equals(name))
        .filter(other -> {
          boolean alike =
              other.expansion() == name.expansion() && other.variant().equals(name.variant());
          return other.layer() == name.layer()
              || (Math.abs(other.layer() - name.layer()) == 1 && alike);
        })
        .sorted()
        .toList();
  }

  /** Rows for every feature of a dictionary, by feature: decoder, then encoder. */
  static List<List<NeighboursRow>> of(Dictionary dictionary, Dictionary other) {
    List<NeighboursRow> decoder =
        of(
            dictionary.weights().decoder(),
            other.weights().decoder(),
            dictionary.name().equals(other.name()),
            NeighboursRow.DECODER,
            other.name().toString());
    List<NeighboursRow> encoder =
        of(
            dictionary.weights().encoder(),
            other.weights().encoder(),
            dictionary.name().equals(other.name()),
            NeighboursRow.ENCODER,
            other.name().toString());
    return Stream.iterate(0, f -> f + 1)
        .limit(decoder.size())
        .map(f -> List.of(decoder.get(f), encoder.get(f)))
        .toList();
  }

  private static List<NeighboursRow> of(
      Tensor vectors, Tensor others, boolean same, String relation, String name) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor rows = normalised(vectors);
      Tensor columns = same ? rows : normalised(others);
      int tile = Math.clamp(TILE_ELEMENTS / columns.size(0), 1, 1_024);
      int features = Math.toIntExact(rows.size(0));
      return Team.map(
              Range.split(features, tile),
              range -> tile(rows, columns, range, same, relation, name))
          .stream()
          .flatMap(List::stream)
          .toList();
    }
  }

  private static Tensor normalised(Tensor vectors) {
    Tensor norms = Arithmetic.clampMin(Reductions.norm(vectors, 1), 1e-30);
    return Arithmetic.divide(vectors, norms).to(Device.CPU);
  }

  private static List<NeighboursRow> tile(
      Tensor rows, Tensor columns, Range range, boolean same, String relation, String name) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor cosines = Products.linear(rows.narrow(0, range.from(), range.size()), columns);
      int most = (int) Math.min(MOST + (same ? 1 : 0), columns.size(0));
      Reductions.Largest largest = Reductions.largest(cosines, most);
      float[] values = largest.values().floats();
      int[] indices = largest.indices().ints();
      return Stream.iterate(0, i -> i + 1)
          .limit(range.size())
          .map(i -> {
            int feature = range.from() + i;
            int kept = Math.max(0, most - (same ? 1 : 0));
            int[] neighbours = new int[kept];
            float[] found = new float[kept];
            int n = 0;
            for (int j = i * most; n < kept && j < (i + 1) * most; j++) {
              if (!same || indices[j] != feature) {
                neighbours[n] = indices[j];
                found[n++] = values[j];
              }
            }
            return NeighboursRow.cosines(feature, relation, name, neighbours, found);
          })
          .toList();
    }
  }
}
