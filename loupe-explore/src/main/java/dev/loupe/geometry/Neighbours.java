package dev.loupe.geometry;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.loupe.analyze.NearestDirections;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.FeatureName;
import dev.loupe.tensor.Indexing;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The features of a dictionary that lie nearest to a feature, by cosine of decoder columns.
 *
 * @param feature of any dictionary of the suite
 * @param dictionary that is looked into
 * @param nearest the nearest first; the feature itself is left out
 */
public record Neighbours(FeatureLabel feature, DictionaryName dictionary, List<Near> nearest) {
  public Neighbours {
    nearest = List.copyOf(nearest);
  }

  /** A feature at some cosine. */
  public record Near(@JsonUnwrapped FeatureLabel feature, double cosine) {}

  /**
   * Of some features of one dictionary in another, or in itself.
   *
   * @param features live ones of {@code from}
   */
  static List<Neighbours> of(
      Directions from, List<FeatureName> features, Directions to, int most, FeatureLabels labels) {
    int[] rows = features.stream().mapToInt(name -> row(from, name)).toArray();
    boolean same = from.name().equals(to.name());
    List<Neighbours> found = new ArrayList<>();
    try (TensorScope _ = TensorScope.open()) {
      Tensor chosen = Indexing.rows(from.unit(), Tensors.of(rows, rows.length));
      NearestDirections nearest =
          NearestDirections.of(chosen, to.unit(), most + (same ? 1 : 0), false);
      for (int i = 0; i < rows.length; i++) {
        List<Near> near = new ArrayList<>();
        for (int rank = 0; rank < nearest.each() && near.size() < most; rank++) {
          int neighbour = nearest.neighbour(i, rank);
          if (!same || neighbour != rows[i]) {
            FeatureLabel label = labels.of(to.name(), to.features()[neighbour]);
            near.add(new Near(label, Distribution.rounded(nearest.cosine(i, rank))));
          }
        }
        FeatureLabel of = labels.of(from.name(), features.get(i).feature());
        found.add(new Neighbours(of, to.name(), near));
      }
    }
    return found;
  }

  /** Where a feature's direction is among those of its dictionary. */
  static int row(Directions directions, FeatureName name) {
    int row = Arrays.binarySearch(directions.features(), name.feature());
    if (row < 0) {
      throw new IllegalArgumentException(
          name.feature() < directions.all()
              ? "expected a live feature, got %s, which is dead".formatted(name)
              : "expected a feature of %s from 0 to %d, got %d"
                  .formatted(directions.name(), directions.all() - 1, name.feature()));
    }
    return row;
  }
}
