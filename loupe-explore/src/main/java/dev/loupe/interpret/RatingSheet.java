package dev.loupe.interpret;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.FeatureName;
import dev.loupe.judge.AnswerCache;
import dev.loupe.judge.Question;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Passages for a person to rate: those of the first question that a judge gets in the same test of
 * the same explanation, so that the two can be compared.
 *
 * @param explanation which is tested; not to be shown but for its text
 * @param items what is shown
 * @param judge whose verdicts there are
 * @param judged by passage what the judge said; empty where it said nothing, or none did
 */
public record RatingSheet(
    Explanation explanation,
    JudgedScorer.Test test,
    List<ItemSheet.Item> items,
    Optional<String> judge,
    List<Optional<Boolean>> judged) {
  public RatingSheet {
    items = List.copyOf(items);
    judged = List.copyOf(judged);
  }

  /**
   * The sheet of an explanation.
   *
   * @param test detection or fuzzing
   * @param answers of judges
   * @param seed that interpret had: with another, no verdicts are found
   * @return empty where the feature has no passages to test on
   */
  static Optional<RatingSheet> of(
      DictionaryName dictionary,
      FeatureExplanations.Explained explained,
      ExampleSets sets,
      JudgedScorer.Test test,
      AnswerCache answers,
      long seed) {
    Explanation explanation = explained.explanation();
    FeatureName feature = new FeatureName(dictionary, explanation.feature());
    List<Example> examples = ScoreChoice.of(sets);
    ItemSheet sheet =
        switch (test) {
          case DETECTION -> ItemSheet.detection(feature, explanation.text(), examples, seed);
          case FUZZING -> ItemSheet.fuzzing(feature, explanation.text(), examples, seed);
          case INTRUDER, SIMULATION ->
              throw new IllegalArgumentException(
                  "expected a rating of detection or fuzzing, got " + test.label());
        };
    if (sheet.parts().isEmpty()) {
      return Optional.empty();
    }
    List<ItemSheet.Item> items = sheet.parts().getFirst();
    Question question = sheet.questions().getFirst();
    Optional<Score> score = explained.score(test.label());
    Optional<AnswerCache.Exchange> exchange = score.flatMap(s -> found(answers, s, question));
    return Optional.of(
        new RatingSheet(
            explanation,
            test,
            items,
            exchange.map(AnswerCache.Exchange::model),
            exchange
                .map(e -> ItemSheet.verdicts(items, e.answer("")))
                .orElse(IntStream.range(0, items.size()).mapToObj(_ -> none()).toList())
                .stream()
                .map(verdict -> verdict.map(Verdict::said))
                .toList()));
  }

  private static Optional<Verdict> none() {
    return Optional.empty();
  }

  /** The judge's answer, if its question was the very same. */
  private static Optional<AnswerCache.Exchange> found(
      AnswerCache answers, Score score, Question question) {
    String key = AnswerCache.key(score.author(), question);
    return score.prompts().contains(key) ? answers.find(key) : Optional.empty();
  }

  /** What a person said of all passages. */
  public Rating rated(String rater, List<Boolean> said) {
    if (said.size() != items.size()) {
      throw new IllegalArgumentException(
          "expected yes or no to each of %d passages, got %d".formatted(items.size(), said.size()));
    }
    return new Rating(
        rater,
        explanation.feature(),
        explanation.id(),
        test.label(),
        judge,
        IntStream.range(0, items.size())
            .mapToObj(i ->
                new Rating.Item(
                    items.get(i).stratum(), items.get(i).active(), said.get(i), judged.get(i)))
            .toList());
  }
}
