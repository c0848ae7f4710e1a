package dev.loupe.exchange;

import dev.loupe.store.NeighboursRow;
import dev.loupe.store.StoredFeature;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The features of the same dictionary that fire most often where a feature fires.
 *
 * @param phi correlation of firing with firing
 * @param cosines of the decoder columns; 0 where it is not among the nearest, whose cosines the
 *     store has
 */
record CorrelatedFeatures(List<Integer> indices, List<Double> phi, List<Double> cosines) {
  private static final int MOST = 3;

  /**
   * The three of a feature with the largest phi; fewer where there are fewer.
   *
   * @param dictionary the name of the store's own
   */
  static CorrelatedFeatures of(StoredFeature stored, String dictionary) {
    return row(stored, NeighboursRow.COACTIVATION, dictionary)
        .map(row -> of(row, row(stored, NeighboursRow.DECODER, dictionary)))
        .orElseGet(() -> new CorrelatedFeatures(List.of(), List.of(), List.of()));
  }

  private static CorrelatedFeatures of(NeighboursRow together, Optional<NeighboursRow> nearest) {
    List<Integer> indices = IntStream.of(together.neighbours()).limit(MOST).boxed().toList();
    return new CorrelatedFeatures(
        indices,
        Decimals.five(together.phi(), MOST),
        indices.stream().map(index -> nearest.map(row -> cosine(row, index)).orElse(0.0)).toList());
  }

  private static double cosine(NeighboursRow nearest, int feature) {
    return IntStream.range(0, nearest.neighbours().length)
        .filter(i -> nearest.neighbours()[i] == feature)
        .mapToDouble(i -> Decimals.five(nearest.cosines()[i]))
        .findFirst()
        .orElse(0);
  }

  /** A feature's neighbours by one relation within a dictionary. */
  static Optional<NeighboursRow> row(StoredFeature stored, String relation, String dictionary) {
    return stored.neighbours().stream()
        .filter(row -> row.relation().equals(relation) && row.dictionary().equals(dictionary))
        .findFirst();
  }
}
