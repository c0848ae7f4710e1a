package dev.loupe.interpret;

import dev.loupe.store.SampleText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Texts that were seen, so that (nearly) the same one counts once: the same token at the peak, and
 * at least four in five of the up to eight tokens on either side the same, place by place. The
 * analysis folds by the same rule, but only within a kind of samples: a text that many documents
 * have could otherwise be explained from one of them and tested on another.
 */
final class NearTexts {
  private static final int AROUND = 8;

  private final Map<String, List<String[]>> seen = new HashMap<>(); // by the token at the peak

  /** Whether a text is unlike all before it; it then is one of them. */
  boolean add(SampleText text) {
    String[] around = around(text);
    List<String[]> alike = seen.computeIfAbsent(around[AROUND], _ -> new ArrayList<>());
    if (alike.stream().anyMatch(other -> isNear(other, around))) {
      return false;
    }
    alike.add(around);
    return true;
  }

  /** The tokens' texts around the peak, empty where there is none. */
  private static String[] around(SampleText text) {
    String[] around = new String[2 * AROUND + 1];
    Arrays.fill(around, "");
    for (int i = 0; i < around.length; i++) {
      int at = text.peak() - AROUND + i;
      if (at >= 0 && at < text.tokens().size()) {
        around[i] = text.tokens().get(at).text();
      }
    }
    return around;
  }

  /** Of texts with the same token at the peak. */
  private static boolean isNear(String[] a, String[] b) {
    int there = 0;
    int same = 0;
    for (int i = 0; i < a.length; i++) {
      if (i != AROUND && !(a[i].isEmpty() && b[i].isEmpty())) {
        there++;
        same += a[i].equals(b[i]) ? 1 : 0;
      }
    }
    return 5 * same >= 4 * there;
  }
}
