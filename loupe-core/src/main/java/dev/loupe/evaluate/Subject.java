package dev.loupe.evaluate;

import dev.loupe.dictionary.Contract;
import dev.loupe.dictionary.Dictionary;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Weights;
import dev.loupe.model.Hook;
import java.util.Optional;

/**
 * What is evaluated.
 *
 * @param named what it is called in the report
 * @param dictionary standardised; borrowed
 * @param weights what was measured on its weights as trained; empty where they are not there
 */
public record Subject(
    DictionaryName named, Dictionary dictionary, Optional<WeightMetrics> weights) {
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
    return new Subject(dictionary.name(), dictionary, Optional.empty());
  }

  /** With the weights as trained, which are measured now and may be closed afterwards. */
  public static Subject of(Dictionary dictionary, Weights raw) {
    return new Subject(dictionary.name(), dictionary, Optional.of(WeightMetrics.of(raw)));
  }

  /** Under another name: as with a gate that is not its own. */
  public static Subject of(DictionaryName name, Dictionary dictionary) {
    return new Subject(name, dictionary, Optional.empty());
  }

  String name() {
    return named.toString();
  }

  SubjectLabel label() {
    return new SubjectLabel(
        name(), hookIn(), hookOut(), dictionary.weights().outputSize(), weights);
  }

  Hook hookIn() {
    return dictionary.contract().hookIn();
  }

  Hook hookOut() {
    return dictionary.contract().hookOut();
  }
}
