package dev.loupe.dictionary;

import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;

/**
 * Sums over tokens of what a contract expects: mean norms, L0 and explained variance. Written where
 * a dictionary is made, and measured again where it is checked. One thread at a time.
 */
public final class ExpectedSums {
  private long tokens;
  private double normsIn;
  private double normsOut;
  private double active;
  private double unexplained;

  /**
   * Adds tokens; borrows everything.
   *
   * @param x raw inputs, float32 [n, D in]
   * @param y raw targets, float32 [n, D out]
   */
  public void add(Dictionary dictionary, Tensor x, Tensor y) {
    try (TensorScope _ = TensorScope.open()) {
      try (Codes codes = dictionary.encode(x)) {
        Tensor errors = squares(Arithmetic.subtract(dictionary.decode(codes), y));
        unexplained += Reductions.total(Arithmetic.divide(errors, squares(y)));
        active += codes.active();
      }
      normsIn += Reductions.total(Reductions.norm(x, 1));
      normsOut += Reductions.total(Reductions.norm(y, 1));
      tokens += x.size(0);
    }
  }

  private static Tensor squares(Tensor rows) {
    return Arithmetic.clampMin(Reductions.sumDouble(Arithmetic.square(rows), 1), 1e-12);
  }

  /** The means over the tokens added, which had contexts of this length. */
  public Contract.Expected means(int context) {
    return new Contract.Expected(
        tokens,
        context,
        normsIn / tokens,
        normsOut / tokens,
        active / tokens,
        1 - unexplained / tokens);
  }
}
