package dev.loupe.analyze;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Where features fire most strongly, one token a context. */
final class Peaks {
  private final ScannedTokens tokens;
  private final Firings firings;

  Peaks(ScannedTokens tokens, Firings firings) {
    this.tokens = tokens;
    this.firings = firings;
  }

  /**
   * The firings of a feature that are the strongest of their context, strongest first; of equals
   * the earlier. A context that was drawn again in a later epoch is not repeated.
   */
  List<Integer> strongest(int feature, int count) {
    List<Integer> peaks = onePerContext(feature);
    peaks.sort(Comparator.comparingDouble((Integer peak) -> -firings.value(peak)));
    List<Integer> strongest = new ArrayList<>();
    Set<Long> passages = new HashSet<>();
    for (int i = 0; i < peaks.size() && strongest.size() < count; i++) {
      if (passages.add(tokens.passage(firings.token(peaks.get(i))))) {
        strongest.add(peaks.get(i));
      }
    }
    return strongest;
  }

  private List<Integer> onePerContext(int feature) {
    List<Integer> peaks = new ArrayList<>();
    int context = -1;
    for (int i = firings.start(feature); i < firings.end(feature); i++) {
      int next = tokens.contexts()[firings.token(i)];
      if (next != context) {
        peaks.add(i);
        context = next;
      } else if (firings.value(i) > firings.value(peaks.getLast())) {
        peaks.set(peaks.size() - 1, i);
      }
    }
    return peaks;
  }
}
