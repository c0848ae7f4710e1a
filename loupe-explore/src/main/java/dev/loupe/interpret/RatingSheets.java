package dev.loupe.interpret;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.judge.AnswerCache;
import dev.loupe.store.FeatureStore;
import dev.loupe.tensor.SeededRandom;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which explanations a person is to rate, and their sheets. Explanations that a judge has tested
 * come first, others after them, in an order that each person has for themselves: neither the order
 * nor the sheet tells who made the words, or how they did. Immutable.
 */
public final class RatingSheets {
  private static final long SEED = 0; // as interpret has it by default

  private final DictionaryName dictionary;
  private final JudgedScorer.Test test;
  private final Map<Integer, FeatureExplanations> explained;
  private final AnswerCache answers;

  /**
   * @param test detection or fuzzing
   * @param answers of judges, of the suite
   */
  public RatingSheets(
      DictionaryName dictionary,
      JudgedScorer.Test test,
      Explanations explanations,
      AnswerCache answers) {
    this.dictionary = dictionary;
    this.test = test;
    this.explained = explanations.each(Optional::of);
    this.answers = answers;
  }

  /** How many explanations a judge has tested so. */
  public int judged() {
    return (int) current().filter(this::isJudged).count();
  }

  private Stream<FeatureExplanations.Explained> current() {
    return explained.values().stream().flatMap(of -> of.current().stream());
  }

  private boolean isJudged(FeatureExplanations.Explained one) {
    return one.score(test.label()).isPresent();
  }

  /** The next one for a person: empty where they have rated all that there is. */
  public Optional<RatingSheet> next(String rater, List<Rating> ratings, FeatureStore store) {
    Set<String> rated =
        ratings.stream()
            .filter(r -> r.rater().equals(rater) && r.test().equals(test.label()))
            .map(Rating::explanation)
            .collect(Collectors.toSet());
    SeededRandom order = new SeededRandom(SEED, "ratings of " + rater);
    return current()
        .filter(one -> !rated.contains(one.explanation().id()))
        .sorted(
            Comparator.comparing((FeatureExplanations.Explained one) -> !isJudged(one))
                .thenComparingLong(one -> order.bits(one.explanation().id().hashCode())))
        .flatMap(one -> sheet(one, store).stream())
        .findFirst();
  }

  /** The sheet of an explanation; empty where there is none such, or it cannot be tested. */
  public Optional<RatingSheet> of(String explanation, FeatureStore store) {
    return current()
        .filter(one -> one.explanation().id().equals(explanation))
        .findFirst()
        .flatMap(one -> sheet(one, store));
  }

  private Optional<RatingSheet> sheet(FeatureExplanations.Explained one, FeatureStore store) {
    ExampleSets sets =
        ExampleSets.of(
            store.read(List.of(one.explanation().feature()), ExampleSets.KINDS).getFirst());
    return RatingSheet.of(dictionary, one, sets, test, answers, SEED);
  }
}
