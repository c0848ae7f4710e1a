package dev.loupe.store;

/**
 * Up to 32 tokens of a context: a row of {@code windows.parquet}. Windows part a context without
 * gaps, so that the ones before and after have the numbers before and after, as far as they are of
 * the same context.
 *
 * @param window its number
 * @param context number of its context in the analysed corpus
 * @param firstPosition of its tokens in the context; position 0 is the begin id, and in no window
 * @param source name of the source of its document in the corpus
 * @param file name of the file there
 * @param row of the document in that file, from 0
 * @param metadata all other fields of the document, as JSON
 * @param text from the first character of the first token to the last of the last
 * @param ids of its tokens
 * @param starts first character of each token, in Unicode code points from the start of the
 *     document
 * @param ends character after the last of each
 * @param losses of the token after each, in nats; NaN where the context ends or the token does not
 *     count; none where they are not known yet
 */
@SuppressWarnings("ArrayRecordComponent") // a row to be written or shown; never compared
public record WindowRow(
    int window,
    int context,
    int firstPosition,
    String source,
    String file,
    long row,
    String metadata,
    String text,
    int[] ids,
    int[] starts,
    int[] ends,
    float[] losses) {
  /** Most tokens of a window. */
  public static final int TOKENS = 32;

  public WindowRow {
    Lists.requireEqual("the tokens of a window", ids.length, starts.length, ends.length);
    int characters = text.codePointCount(0, text.length());
    for (int i = 0; i < ids.length; i++) {
      if (starts[i] < starts[0] || ends[i] < starts[i] || ends[i] - starts[0] > characters) {
        throw new IllegalArgumentException(
            "expected token %d of window %d within its %d characters, got %d to %d of a text from %d on"
                .formatted(i, window, characters, starts[i], ends[i], starts[0]));
      }
    }
  }
}
