package dev.loupe.interpret;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.judge.Answer;
import dev.loupe.judge.Judge;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The consistency from 1 to 5 that the judge gave along with an explanation by the paper's
 * protocol. It is of the explained examples, and tells nothing of others; the question is the one
 * that was asked to explain, and so in the cache.
 *
 * @param model who the judge is
 */
public record RubricScorer(DictionaryName dictionary, Judge judge, String model) implements Scorer {
  @Override
  public String name() {
    return Score.SAME_EXAMPLES;
  }

  @Override
  public String author() {
    return model;
  }

  @Override
  public String settings() {
    return JudgeExplainer.PAPER.method();
  }

  @Override
  public boolean tests(Explanation explanation) {
    return explanation.method().equals(JudgeExplainer.PAPER.label())
        && explanation.author().equals(model);
  }

  @Override
  public boolean hasBaseline() {
    return false;
  }

  @Override
  public Outcome score(Explanation explanation, ExampleSets sets) {
    Evidence evidence = Evidence.of(dictionary, sets);
    Answer answer = judge.ask(JudgeExplainer.PAPER.question(evidence));
    OptionalInt rating =
        JudgeExplainer.PAPER
            .read(answer)
            .map(JudgeExplanation::rubricSameExamples)
            .orElse(OptionalInt.empty());
    int shown = evidence.top(JudgeExplainer.PAPER_PASSAGES).size();
    Optional<Interval> value =
        rating.stream().mapToObj(r -> new Interval(r, r, r)).findFirst(); // one opinion
    Measured measured =
        new Measured(
            "rating",
            value.flatMap(Interval::kept),
            shown,
            0,
            value.isPresent() ? 0 : 1,
            List.of());
    return Outcome.of(measured, List.of(answer));
  }
}
