package dev.loupe.analyze;

import dev.loupe.dictionary.Dictionary;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.store.NeighboursRow;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The nearest features by cosine of decoder columns and of encoder rows, exact: every pair is
 * computed, a tile at a time. Within a dictionary, and towards those of the same site in the layer
 * before and after and of other widths, whose spaces are the same.
 */
final class CosineNeighbours {
  static final int MOST = 20;

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
      Tensor rows = NearestDirections.normalised(vectors);
      Tensor columns = same ? rows : NearestDirections.normalised(others);
      NearestDirections nearest = NearestDirections.of(rows, columns, MOST, same);
      return IntStream.range(0, Math.toIntExact(rows.size(0)))
          .mapToObj(f ->
              NeighboursRow.cosines(f, relation, name, nearest.neighbours(f), nearest.cosines(f)))
          .toList();
    }
  }
}
