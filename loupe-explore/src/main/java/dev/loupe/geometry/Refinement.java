package dev.loupe.geometry;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.loupe.analyze.NearestDirections;
import dev.loupe.kernel.Range;
import dev.loupe.tensor.Products;
import dev.loupe.tensor.Team;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What a wide feature is to the narrow dictionary.
 *
 * @param kind decided by {@link SplittingRules}
 * @param parent the narrow feature that it refines: of those that contain it and are near the
 *     nearest; −1 if there is none
 * @param cosine with the parent
 * @param both tokens on which both fire
 * @param nearest narrow feature by cosine, whether it contains it or not
 * @param container narrow feature that fires on most of its firings, of those that may contain; −1
 *     where none fires with it
 */
record Refinement(
    Kind kind,
    int parent,
    double cosine,
    int both,
    int nearest,
    double nearestCosine,
    int container,
    double containment) {

  /** What there is of near and contained. */
  enum Kind {
    /** A narrow feature is near and contains it. */
    REFINES,
    /** No narrow feature is near and none contains it. */
    NEW,
    /** One is near, but none that is near contains it. */
    NEAR_ONLY,
    /** One contains it, but none is near. */
    CONTAINED_ONLY,
    /** It fires too seldom to tell. */
    RARE;

    @JsonValue
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Looks at every wide feature. Neither [wide, narrow] counts nor cosines exist outside a tile.
   *
   * @param narrowUnit decoder columns of norm 1, [narrow F, D], borrowed
   * @param wideUnit likewise, [wide F, D], borrowed
   * @return one for each wide feature
   */
  static List<Refinement> all(
      Tensor narrowUnit,
      Tensor wideUnit,
      FiringLists narrow,
      FiringLists wide,
      SplittingRules rules) {
    FiringLists.ByToken byToken = narrow.byToken();
    boolean[] mayContain = new boolean[narrow.features()];
    for (int n = 0; n < mayContain.length; n++) {
      mayContain[n] = narrow.firings(n) >= rules.firings() && narrow.rate(n) <= rules.mostRate();
    }
    List<Range> tiles = Range.split(wide.features(), NearestDirections.tileRows(narrow.features()));
    return Team.map(
            tiles,
            tile -> {
              float[] cosines = cosines(narrowUnit, wideUnit, tile);
              int[] counts = new int[narrow.features()];
              List<Refinement> found = new ArrayList<>();
              for (int w = tile.from(); w < tile.to(); w++) {
                count(wide, w, byToken, counts);
                int from = (w - tile.from()) * counts.length;
                found.add(of(cosines, from, counts, wide.firings(w), mayContain, rules));
              }
              return found;
            })
        .stream()
        .flatMap(List::stream)
        .toList();
  }

  private static float[] cosines(Tensor narrow, Tensor wide, Range tile) {
    try (TensorScope _ = TensorScope.open()) {
      return Products.linear(wide.narrow(0, tile.from(), tile.size()), narrow).floats();
    }
  }

  /** On how many tokens each narrow feature fires together with a wide one. */
  private static void count(FiringLists wide, int w, FiringLists.ByToken byToken, int[] counts) {
    Arrays.fill(counts, 0);
    for (int i = wide.starts()[w]; i < wide.starts()[w + 1]; i++) {
      int token = wide.tokens()[i];
      for (int j = byToken.starts()[token]; j < byToken.starts()[token + 1]; j++) {
        counts[byToken.features()[j]]++;
      }
    }
  }

  private static Refinement of(
      float[] cosines,
      int from,
      int[] counts,
      int firings,
      boolean[] mayContain,
      SplittingRules rules) {
    int nearest = 0;
    int container = -1;
    int parent = -1;
    for (int n = 0; n < counts.length; n++) {
      float cosine = cosines[from + n];
      nearest = cosine > cosines[from + nearest] ? n : nearest;
      if (mayContain[n] && counts[n] > 0) {
        container = container < 0 || counts[n] > counts[container] ? n : container;
        boolean isParent = cosine >= rules.cosine() && counts[n] >= rules.containment() * firings;
        parent = isParent && (parent < 0 || cosine > cosines[from + parent]) ? n : parent;
      }
    }
    double containment = container < 0 ? 0 : (double) counts[container] / firings;
    boolean near = cosines[from + nearest] >= rules.cosine();
    boolean contained = containment >= rules.containment();
    boolean rare = firings < rules.firings();
    return new Refinement(
        rare ? Kind.RARE : kind(parent >= 0, near, contained),
        rare ? -1 : parent,
        parent < 0 ? 0 : cosines[from + parent],
        parent < 0 ? 0 : counts[parent],
        nearest,
        cosines[from + nearest],
        container,
        containment);
  }

  private static Kind kind(boolean refines, boolean near, boolean contained) {
    if (refines) {
      return Kind.REFINES;
    }
    if (near) {
      return Kind.NEAR_ONLY;
    }
    return contained ? Kind.CONTAINED_ONLY : Kind.NEW;
  }
}
