package dev.loupe.store;

import java.util.Arrays;
import java.util.Map;

/**
 * The tokens of all features of a dictionary: on which each fires most, and which its logits rank
 * first and last. Ids, largest first, -1 where there are fewer.
 *
 * @param tokens [F · {@link #TOKENS}]
 * @param top [F · {@link #LOGITS}]
 * @param bottom [F · {@link #LOGITS}]
 * @param texts of all ids that occur
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier of columns; never compared
public record TokenColumns(int[] tokens, int[] top, int[] bottom, Map<Integer, String> texts) {
  public static final int TOKENS = 10;
  public static final int LOGITS = 20;

  public TokenColumns {
    texts = Map.copyOf(texts);
  }

  static int[] filled(int features, int each) {
    int[] ids = new int[features * each];
    Arrays.fill(ids, -1);
    return ids;
  }
}
