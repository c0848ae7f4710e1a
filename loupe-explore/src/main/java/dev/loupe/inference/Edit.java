package dev.loupe.inference;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.loupe.dictionary.FeatureName;
import java.util.Locale;
import java.util.OptionalInt;

/**
 * A change of what a feature writes, made to the true activation of its dictionary's output hook,
 * so that what the dictionary does not reconstruct stays as it is. f is the feature's activation, d
 * its unit decoder column.
 *
 * @param value of the mode, raw units or a factor
 * @param from first position that is changed; position 0 never is
 * @param to position after the last one that is changed; empty for all
 */
public record Edit(FeatureName feature, Mode mode, double value, OptionalInt from, OptionalInt to) {
  /** How an activation x is changed. */
  public enum Mode {
    /** x + v · d. */
    ADD,
    /** x + (v − 1) · f · d. */
    SCALE,
    /** x + (v − f) · d. */
    CLAMP,
    /** x − f · d. */
    ABLATE;

    @JsonValue
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** IllegalArgumentException for anything else. */
    @JsonCreator
    public static Mode parse(String label) {
      for (Mode mode : values()) {
        if (mode.label().equals(label)) {
          return mode;
        }
      }
      throw new IllegalArgumentException(
          "expected a mode of add, scale, clamp or ablate, got '%.40s'".formatted(label));
    }
  }

  public Edit {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException("expected a finite value of an edit, got " + value);
    }
  }

  /** A change at all positions. */
  public static Edit of(FeatureName feature, Mode mode, double value) {
    return new Edit(feature, mode, value, OptionalInt.empty(), OptionalInt.empty());
  }

  /** By how many d the activation changes where the feature's is f. */
  double change(double f) {
    return switch (mode) {
      case ADD -> value;
      case SCALE -> (value - 1) * f;
      case CLAMP -> value - f;
      case ABLATE -> -f;
    };
  }

  boolean isAt(int position) {
    return position >= from.orElse(1) && position < to.orElse(Integer.MAX_VALUE);
  }
}
