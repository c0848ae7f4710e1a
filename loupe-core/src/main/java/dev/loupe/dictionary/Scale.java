package dev.loupe.dictionary;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * The two numbers that bring raw activations to mean norm √D, as a dictionary was trained (paper,
 * section 3.3.1): S = √D / mean norm.
 *
 * @param normIn mean norm of the inputs in raw units
 * @param normOut mean norm of the targets in raw units
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record Scale(double normIn, double normOut) {
  public Scale {
    if (!(normIn > 0 && normOut > 0 && Double.isFinite(normIn) && Double.isFinite(normOut))) {
      throw new IllegalArgumentException(
          "expected positive mean norms, got " + normIn + " (in) and " + normOut + " (out)");
    }
  }

  /** The scale of standardised weights, which take and give raw units: both factors are one. */
  static Scale standard(long dIn, long dOut) {
    return new Scale(Math.sqrt((double) dIn), Math.sqrt((double) dOut));
  }

  /** S_in, the factor from raw inputs to the space of the encoder. */
  public double factorIn(long dIn) {
    return Math.sqrt((double) dIn) / normIn;
  }

  /** S_out, the factor from raw targets to the space of the decoder. */
  public double factorOut(long dOut) {
    return Math.sqrt((double) dOut) / normOut;
  }
}
