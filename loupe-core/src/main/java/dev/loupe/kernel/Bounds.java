package dev.loupe.kernel;

/**
 * How far a screened score may be from the exact one. For product p of token t with feature f the
 * score is p · norms[f] + offsets[f], and its error at most {@code |p| · norms[f] · relative +
 * token · margins[f]}.
 *
 * @param bfloat16 whether products are 16-bit, else float32
 * @param norms of the features, [F]
 * @param offsets what is added to a product, times the norm, [F]
 * @param margins error of a feature's scores per unit of {@code token}, [F]
 * @param relative error of a product for its size
 * @param token the token's own measure, of the row that is screened
 */
@SuppressWarnings("ArrayRecordComponent") // a view of columns; never compared
public record Bounds(
    boolean bfloat16,
    float[] norms,
    float[] offsets,
    float[] margins,
    float relative,
    float token) {}
