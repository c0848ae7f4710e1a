package dev.loupe.text;

/**
 * The tokens of one text, without any special token that the text does not contain itself.
 *
 * @param ids token ids // [tokens]
 * @param starts first character of each token, in Unicode code points of the text // [tokens]
 * @param ends character after the last of each token, in code points. Tokens that are parts of one
 *     character overlap: each spans the whole character // [tokens]
 */
@SuppressWarnings("ArrayRecordComponent") // a plain carrier of columns; never compared
public record Encoding(int[] ids, int[] starts, int[] ends) {
  /** Checks that the columns have one length. */
  public Encoding {
    if (starts.length != ids.length || ends.length != ids.length) {
      throw new IllegalArgumentException(
          "expected %d starts and ends, got %d and %d"
              .formatted(ids.length, starts.length, ends.length));
    }
  }

  /** Number of tokens. */
  public int length() {
    return ids.length;
  }
}
