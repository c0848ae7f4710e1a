package dev.loupe.interpret;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.judge.Answer;
import dev.loupe.judge.Judge;
import java.util.List;
import java.util.Optional;

/**
 * Lets a judge explain the features of a dictionary.
 *
 * @param how what the judge is shown and asked
 * @param model who the judge is
 */
public record JudgedExplainer(
    JudgeExplainer how, DictionaryName dictionary, Judge judge, String model) implements Explainer {
  @Override
  public String method() {
    return how.label();
  }

  @Override
  public String settings() {
    return how.method() + " " + model;
  }

  @Override
  public boolean asks() {
    return true;
  }

  @Override
  public Optional<Explanation> explain(ExampleSets sets, String basis) {
    Answer answer = judge.ask(how.question(Evidence.of(dictionary, sets)));
    return how.read(answer)
        .map(words ->
            new Explanation(
                sets.feature(),
                method(),
                model,
                words.text(),
                basis,
                List.of(answer.key()),
                Optional.empty()));
  }
}
