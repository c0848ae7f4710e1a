package dev.loupe.analyze;

import dev.loupe.text.TokenCorpus;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Folds places of (nearly) the same text: those with the same token at the peak, and with at least
 * four in five of the up to eight tokens on either side the same, position by position. A token
 * that only one of the two has counts as different. Borrows the corpus.
 */
record NearDuplicates(TokenCorpus corpus) {
  private static final int AROUND = 8;

  /**
   * A place with how many near-duplicates it stands for, itself not counted.
   *
   * @param value the activation there
   */
  record Kept(long place, float value, int duplicates) {}

  /** The first so many of different text, each with its near-duplicates among all entries. */
  List<Kept> fold(Pool.Entry[] entries, int most) {
    int[][] kept = new int[entries.length][];
    int[] representatives = new int[entries.length];
    int[] duplicates = new int[entries.length];
    int count = 0;
    for (int e = 0; e < entries.length; e++) {
      int[] around = around(entries[e].place());
      int like = 0;
      while (like < count && !isNear(kept[like], around)) {
        like++;
      }
      if (like == count) {
        kept[count] = around;
        representatives[count++] = e;
      } else {
        duplicates[like]++;
      }
    }
    List<Kept> result = new ArrayList<>();
    for (int i = 0; i < Math.min(count, most); i++) {
      Pool.Entry entry = entries[representatives[i]];
      result.add(new Kept(entry.place(), entry.value(), duplicates[i]));
    }
    return result;
  }

  /** The ids around a place, -1 where the context has none: its begin id is none. */
  private int[] around(long place) {
    int[] around = new int[2 * AROUND + 1];
    Arrays.fill(around, -1);
    int first = Place.position(place) - AROUND;
    int from = Math.max(1, first);
    int to = Math.min(corpus.length(Place.context(place)), first + around.length);
    corpus.read(Place.context(place), from, to, around, from - first);
    return around;
  }

  private static boolean isNear(int[] a, int[] b) {
    if (a[AROUND] != b[AROUND]) {
      return false;
    }
    int there = 0;
    int same = 0;
    for (int i = 0; i < a.length; i++) {
      if (i != AROUND && (a[i] >= 0 || b[i] >= 0)) {
        there++;
        same += a[i] == b[i] ? 1 : 0;
      }
    }
    return 5 * same >= 4 * there;
  }
}
