package dev.loupe.interpret;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.dictionary.FeatureName;
import dev.loupe.judge.Answer;
import dev.loupe.judge.Judge;
import dev.loupe.judge.Question;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The questions about one explanation, or feature, of one scorer, and how to read their answers.
 *
 * @param <S> the score
 */
public interface Sheet<S> {
  /** Most items that one question shows. */
  int MOST = 10;

  /** Always the same for the same items, explanation and seed. */
  List<Question> questions();

  /**
   * The score.
   *
   * @param answers one to each question, in their order
   */
  S score(List<Answer> answers);

  /** Asks one after another. */
  default S ask(Judge judge) {
    return score(questions().stream().map(judge::ask).toList());
  }

  /** In an order that follows from seed, feature and purpose. */
  static <T> List<T> shuffled(List<T> items, Random random) {
    List<T> shuffled = new ArrayList<>(items);
    Collections.shuffle(shuffled, random);
    return shuffled;
  }

  /** Chance that follows from seed, feature and purpose. */
  static Random random(long seed, FeatureName feature, String purpose) {
    return new Random(seed * 1_000_003 + (feature + " " + purpose).hashCode());
  }

  /** What an answer says of so many items, by their number from 1. */
  static Map<Integer, ObjectNode> items(Answer answer, int count) {
    return answer.items(
        "items", IntStream.rangeClosed(1, count).boxed().collect(Collectors.toSet()));
  }

  /** Lines with their number from 1 before them. */
  static String numbered(List<String> lines) {
    return IntStream.range(0, lines.size())
        .mapToObj(i -> "[%d] %s".formatted(i + 1, lines.get(i)))
        .collect(Collectors.joining("\n"));
  }

  /** In parts of at most so many. */
  static <T> List<List<T>> parts(List<T> items, int most) {
    List<List<T>> parts = new ArrayList<>();
    for (int from = 0; from < items.size(); from += most) {
      parts.add(List.copyOf(items.subList(from, Math.min(items.size(), from + most))));
    }
    return parts;
  }
}
