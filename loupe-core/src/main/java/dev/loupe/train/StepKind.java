package dev.loupe.train;

import dev.loupe.dictionary.Scale;
import dev.loupe.dictionary.Screening;
import dev.loupe.tensor.Device;
import java.util.Locale;

/** The implementations of a step. */
public enum StepKind {
  /** SIMD kernels that touch only the features that fired: CPU. */
  SIMD,
  /** Dense libtorch operations by tiles: any device. */
  TORCH;

  /** The fastest on a device. */
  public static StepKind fastest(Device device) {
    return device.isCpu() ? SIMD : TORCH;
  }

  /** A step that takes over the beginning; the caller closes it. */
  TrainingStep step(Recipe recipe, Scale scale, Screening screening, Initial initial) {
    return switch (this) {
      case SIMD -> new SimdStep(recipe, scale, screening, initial);
      case TORCH -> new TorchStep(recipe, scale, initial);
    };
  }

  /** As suite.json has it: results depend on it. */
  String describe(Screening screening) {
    String name = name().toLowerCase(Locale.ROOT);
    return this == SIMD ? name + ", screening " + screening.label() : name;
  }
}
