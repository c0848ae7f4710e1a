package dev.loupe.store;

/**
 * The logit lens of a feature, (d ⊙ final gain) · W_U over the tokenizer's ids: a row of {@code
 * logits.parquet}.
 *
 * @param mean over the vocabulary
 * @param deviation likewise
 * @param counts 50 bins of equal width from minimum to maximum
 * @param top largest first
 * @param bottom smallest first
 */
@SuppressWarnings("ArrayRecordComponent") // a row to be written or shown; never compared
public record LogitsRow(
    int feature,
    float mean,
    float deviation,
    float minimum,
    float maximum,
    int[] counts,
    Tokens top,
    Tokens bottom) {
  public static final int BINS = 50;

  /**
   * Tokens with their logits.
   *
   * @param z (logit − mean) / deviation
   */
  @SuppressWarnings("ArrayRecordComponent") // likewise
  public record Tokens(int[] ids, String[] texts, float[] logits, float[] z) {
    public Tokens {
      Lists.requireEqual("logits", ids.length, texts.length, logits.length, z.length);
    }
  }
}
