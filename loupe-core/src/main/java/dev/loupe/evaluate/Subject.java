package dev.loupe.evaluate;

import dev.loupe.dictionary.Contract;
import dev.loupe.dictionary.Dictionary;
import dev.loupe.dictionary.Weights;
import dev.loupe.model.Hook;
import java.util.Optional;

/**
 * What is evaluated.
 *
 * @param dictionary standardised; borrowed
 * @param weights what was measured on its weights as trained; empty where they are not there
 */
public record Subject(Dictionary dictionary, Optional<WeightMetrics> weights) {
  /** Refuses weights as trained. */
  public Subject {
    Contract contract = dictionary.contract();
    if (contract.form() != Contract.Form.STANDARDISED) {
      throw new IllegalArgumentException(
          "expected a standardised dictionary to evaluate, got %s %s"
              .formatted(contract.name(), contract.form().label()));
    }
  }

  public static Subject of(Dictionary dictionary) {
    return new Subject(dictionary, Optional.empty());
  }

  /** With the weights as trained, which are measured now and may be closed afterwards. */
  public static Subject of(Dictionary dictionary, Weights raw) {
    return new Subject(dictionary, Optional.of(WeightMetrics.of(raw)));
  }

  String name() {
    return dictionary.name().toString();
  }

  Hook hookIn() {
    return dictionary.contract().hookIn();
  }

  Hook hookOut() {
    return dictionary.contract().hookOut();
  }
}
