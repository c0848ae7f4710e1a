package dev.loupe.interpret;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.loupe.store.FeatureRow;
import java.util.List;
import java.util.Optional;

/**
 * A value with its 95 % interval and what it was measured on. A plain value.
 *
 * @param measure what the value is: auc, balanced_accuracy, accuracy, correlation, rating
 * @param result with its 95 % interval; empty where nothing could be measured
 * @param positives answered examples on which the feature fires
 * @param negatives answered examples on which it does not
 * @param failed examples without an answer, left out
 * @param strata the same by kind of example
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record Measured(
    String measure,
    Optional<FeatureRow.Interval> result,
    int positives,
    int negatives,
    int failed,
    List<Stratum> strata) {
  public Measured {
    strata = List.copyOf(strata);
    result =
        result.map(
            r -> new FeatureRow.Interval(rounded(r.value()), rounded(r.low()), rounded(r.high())));
  }

  /** To four places: there are tens of thousands of these, on tens of examples each. */
  private static double rounded(double value) {
    return Math.rint(value * 10_000) / 10_000;
  }

  /** The same without its strata. */
  Measured brief() {
    return new Measured(measure, result, positives, negatives, failed, List.of());
  }

  /**
   * A kind of example.
   *
   * @param name as {@link Example#stratum}
   * @param examples answered ones
   * @param value of the measure with this kind's examples against all of the other side; empty
   *     where it has no meaning
   */
  public record Stratum(String name, int examples, Optional<Double> value) {
    public Stratum {
      value = value.map(Measured::rounded);
    }
  }

  /** Whether there is a value. */
  public boolean known() {
    return result.isPresent();
  }

  /** The value; IllegalStateException where there is none. */
  public double value() {
    return result
        .orElseThrow(() -> new IllegalStateException("expected a value that is known, got none"))
        .value();
  }

  /** Nothing could be measured. */
  public static Measured unknown(String measure, int positives, int negatives, int failed) {
    return new Measured(measure, Optional.empty(), positives, negatives, failed, List.of());
  }
}
