package dev.loupe.interpret;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.FeatureName;
import dev.loupe.judge.Answer;
import dev.loupe.judge.Judge;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * Lets a judge test explanations of the features of a dictionary.
 *
 * @param test what the judge is asked
 * @param model who the judge is
 * @param seed of the order of items and of the resampling
 */
public record JudgedScorer(
    Test test, DictionaryName dictionary, Judge judge, String model, long seed) implements Scorer {
  /** To be raised when a prompt or the choice of items changes. */
  private static final int FORM = 1;

  /** What a judge can be asked. */
  public enum Test {
    DETECTION,
    FUZZING,
    INTRUDER,
    SIMULATION;

    /** Name of the option and in files. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Override
  public String name() {
    return test.label();
  }

  @Override
  public String author() {
    return model;
  }

  @Override
  public String settings() {
    return "form " + FORM;
  }

  /** The intruder is of the feature, whatever is said of it: once, with its rules. */
  @Override
  public boolean tests(Explanation explanation) {
    return test != Test.INTRUDER || explanation.method().equals(RuleExplainer.METHOD);
  }

  @Override
  public boolean hasBaseline() {
    return test != Test.INTRUDER; // whose question has no explanation
  }

  @Override
  public Outcome score(Explanation explanation, ExampleSets sets) {
    FeatureName feature = new FeatureName(dictionary, sets.feature());
    List<Example> items = ScoreChoice.of(sets);
    String words = explanation.text();
    return switch (test) {
      case DETECTION ->
          outcome(ItemSheet.detection(feature, words, items, seed), BinaryScore::measured);
      case FUZZING ->
          outcome(ItemSheet.fuzzing(feature, words, items, seed), BinaryScore::measured);
      case INTRUDER ->
          outcome(IntruderSheet.of(feature, items, seed), IntruderSheet.Score::measured);
      case SIMULATION ->
          outcome(SimulationSheet.of(feature, words, items, seed), SimulationSheet.Score::measured);
    };
  }

  private <S> Outcome outcome(Sheet<S> sheet, Function<S, Measured> measured) {
    List<Answer> answers = sheet.questions().stream().map(judge::ask).toList();
    return Outcome.of(measured.apply(sheet.score(answers)), answers);
  }
}
