package dev.loupe.geometry;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A narrow feature and the wide ones that refine it.
 *
 * @param parent narrow feature
 * @param children wide features, by the parent's firings that they cover, most first
 * @param covered firings of the parent on which at least one child fires
 */
record Family(int parent, List<Integer> children, int covered) {
  Family {
    children = List.copyOf(children);
  }

  /** All families: those with most children first, of equals the lower parent. */
  static List<Family> of(List<Refinement> refinements, FiringLists narrow, FiringLists wide) {
    Map<Integer, List<Integer>> children = new TreeMap<>();
    for (int w = 0; w < refinements.size(); w++) {
      if (refinements.get(w).parent() >= 0) {
        children.computeIfAbsent(refinements.get(w).parent(), _ -> new ArrayList<>()).add(w);
      }
    }
    List<Family> families = new ArrayList<>();
    children.forEach((parent, found) -> {
      found.sort(
          Comparator.comparingInt((Integer w) -> -refinements.get(w).both())
              .thenComparingInt(w -> w));
      families.add(new Family(parent, found, covered(parent, found, narrow, wide)));
    });
    families.sort(Comparator.comparingInt(family -> -family.children.size())); // keeps the order
    return families;
  }

  private static int covered(
      int parent, List<Integer> children, FiringLists narrow, FiringLists wide) {
    BitSet fires = new BitSet();
    for (int child : children) {
      for (int i = wide.starts()[child]; i < wide.starts()[child + 1]; i++) {
        fires.set(wide.tokens()[i]);
      }
    }
    int covered = 0;
    for (int i = narrow.starts()[parent]; i < narrow.starts()[parent + 1]; i++) {
      covered += fires.get(narrow.tokens()[i]) ? 1 : 0;
    }
    return covered;
  }
}
