package dev.loupe.dictionary;

import dev.loupe.tensor.Device;
import dev.loupe.tensor.Torch;
import java.util.Locale;

/**
 * The type of the product with all features, which only has to find the candidates: their values
 * are computed again in float32 either way.
 */
public enum Screening {
  /** Several times faster where the processor has bfloat16 products. */
  BFLOAT16,
  FLOAT32;

  private static volatile Screening current =
      Torch.hasFastBfloat16(Device.CPU) ? BFLOAT16 : FLOAT32;

  /** Lower-case, as in options and files. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** What dictionaries of this process use: bfloat16 where the processor has it, unless set. */
  public static Screening current() {
    return current;
  }

  /** Sets what dictionaries use that encode for the first time from now on. */
  public static void use(Screening screening) {
    current = screening;
  }
}
