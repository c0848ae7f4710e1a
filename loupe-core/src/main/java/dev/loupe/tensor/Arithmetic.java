package dev.loupe.tensor;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.global.torch;

/**
 * Operations element by element, with the usual repetition of dimensions of length one. Those that
 * end in {@code InPlace} overwrite their first argument and return it.
 */
public final class Arithmetic {
  private Arithmetic() {}

  public static Tensor add(Tensor a, Tensor b) {
    return Native.tensor(() -> torch.add(a.handle(), b.handle()));
  }

  public static Tensor subtract(Tensor a, Tensor b) {
    return Native.tensor(() -> torch.subtract(a.handle(), b.handle()));
  }

  public static Tensor multiply(Tensor a, Tensor b) {
    return Native.tensor(() -> torch.multiply(a.handle(), b.handle()));
  }

  public static Tensor divide(Tensor a, Tensor b) {
    return Native.tensor(() -> torch.divide(a.handle(), b.handle()));
  }

  public static Tensor add(Tensor a, double b) {
    return Native.tensor(() -> torch.add(a.handle(), new Scalar(b)));
  }

  public static Tensor multiply(Tensor a, double b) {
    return Native.tensor(() -> torch.multiply(a.handle(), new Scalar(b)));
  }

  /** A sum that stays whole for tensors of whole numbers. */
  public static Tensor add(Tensor a, long b) {
    return Native.tensor(() -> torch.add(a.handle(), new Scalar(b)));
  }

  /** A product that stays whole for tensors of whole numbers. */
  public static Tensor multiply(Tensor a, long b) {
    return Native.tensor(() -> torch.multiply(a.handle(), new Scalar(b)));
  }

  public static Tensor divide(Tensor a, double b) {
    return Native.tensor(() -> torch.divide(a.handle(), new Scalar(b)));
  }

  public static Tensor addInPlace(Tensor a, Tensor b) {
    Native.run(() -> a.handle().add_(b.handle()));
    return a;
  }

  /** a += scale * b. */
  public static Tensor addInPlace(Tensor a, Tensor b, double scale) {
    Native.run(() -> a.handle().add_(b.handle(), new Scalar(scale)));
    return a;
  }

  /** a += scale * b, of whole numbers. */
  public static Tensor addInPlace(Tensor a, Tensor b, long scale) {
    Native.run(() -> a.handle().add_(b.handle(), new Scalar(scale)));
    return a;
  }

  public static Tensor addInPlace(Tensor a, double b) {
    Native.run(() -> a.handle().add_(new Scalar(b)));
    return a;
  }

  public static Tensor multiplyInPlace(Tensor a, Tensor b) {
    Native.run(() -> a.handle().mul_(b.handle()));
    return a;
  }

  public static Tensor multiplyInPlace(Tensor a, double b) {
    Native.run(() -> a.handle().mul_(new Scalar(b)));
    return a;
  }

  public static Tensor divideInPlace(Tensor a, Tensor b) {
    Native.run(() -> a.handle().div_(b.handle()));
    return a;
  }

  /** a += scale * b * c. */
  public static Tensor addProductInPlace(Tensor a, Tensor b, Tensor c, double scale) {
    Native.run(() -> a.handle().addcmul_(b.handle(), c.handle(), new Scalar(scale)));
    return a;
  }

  /** a += scale * b / c. */
  public static Tensor addQuotientInPlace(Tensor a, Tensor b, Tensor c, double scale) {
    Native.run(() -> a.handle().addcdiv_(b.handle(), c.handle(), new Scalar(scale)));
    return a;
  }

  /** ⌊a / b⌋ of whole numbers that are not negative. */
  public static Tensor floorDivide(Tensor a, long b) {
    return Native.tensor(() -> torch.floor_divide(a.handle(), new Scalar(b)));
  }

  public static Tensor square(Tensor a) {
    return Native.tensor(() -> torch.square(a.handle()));
  }

  public static Tensor sqrt(Tensor a) {
    return Native.tensor(() -> torch.sqrt(a.handle()));
  }

  public static Tensor rsqrt(Tensor a) {
    return Native.tensor(() -> torch.rsqrt(a.handle()));
  }

  public static Tensor exp(Tensor a) {
    return Native.tensor(() -> torch.exp(a.handle()));
  }

  public static Tensor cos(Tensor a) {
    return Native.tensor(() -> torch.cos(a.handle()));
  }

  public static Tensor sin(Tensor a) {
    return Native.tensor(() -> torch.sin(a.handle()));
  }

  public static Tensor negative(Tensor a) {
    return Native.tensor(() -> torch.neg(a.handle()));
  }

  public static Tensor absolute(Tensor a) {
    return Native.tensor(() -> torch.abs(a.handle()));
  }

  public static Tensor relu(Tensor a) {
    return Native.tensor(() -> torch.relu(a.handle()));
  }

  public static Tensor reluInPlace(Tensor a) {
    Native.run(() -> a.handle().relu_());
    return a;
  }

  /** a = a * sigmoid(a). */
  public static Tensor siluInPlace(Tensor a) {
    Native.run(() -> torch.silu_(a.handle()));
    return a;
  }

  public static Tensor clampMin(Tensor a, double minimum) {
    return Native.tensor(() -> torch.clamp_min(a.handle(), new Scalar(minimum)));
  }

  /** Where a > b, as booleans. */
  public static Tensor greater(Tensor a, Tensor b) {
    return Native.tensor(() -> torch.gt(a.handle(), b.handle()));
  }

  /** Where a > b, as booleans. */
  public static Tensor greater(Tensor a, double b) {
    return Native.tensor(() -> torch.gt(a.handle(), new Scalar(b)));
  }

  /** Where {@code a < b}, as booleans. */
  public static Tensor less(Tensor a, double b) {
    return Native.tensor(() -> torch.lt(a.handle(), new Scalar(b)));
  }

  /** Where either holds, of booleans. */
  public static Tensor or(Tensor a, Tensor b) {
    return Native.tensor(() -> torch.logical_or(a.handle(), b.handle()));
  }

  /** a where the condition holds, else b. */
  public static Tensor where(Tensor condition, Tensor a, Tensor b) {
    return Native.tensor(() -> torch.where(condition.handle(), a.handle(), b.handle()));
  }

  /** False if any element is infinite or not a number. */
  public static boolean allFinite(Tensor a) {
    // one pass without a mask: a sum of products with zero is zero unless an element is not finite
    return Native.value(
        () -> torch.sum(torch.mul(a.handle(), new Scalar(0.0))).item_double() == 0.0);
  }
}
