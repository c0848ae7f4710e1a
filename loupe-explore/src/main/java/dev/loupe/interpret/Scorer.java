package dev.loupe.interpret;

import static dev.loupe.judge.Outcome.UNREACHABLE;

import dev.loupe.judge.Answer;
import java.util.List;

/** Tests an explanation on the examples that it was not made from. Thread-safe. */
public interface Scorer {
  /** Names it in files, as {@link Score#scorer}. */
  String name();

  /** Who judges, as {@link Score#author}. */
  default String author() {
    return "loupe";
  }

  /** What the outcome depends on beside explanation and store: part of the basis. */
  default String settings() {
    return "";
  }

  /** Whether it tests this explanation. */
  default boolean tests(Explanation explanation) {
    return true;
  }

  /** Whether another feature's explanation gives a baseline. */
  default boolean hasBaseline() {
    return true;
  }

  /**
   * Tests.
   *
   * @param explanation of this feature, or of another as a baseline
   */
  Outcome score(Explanation explanation, ExampleSets sets);

  /**
   * What came of a test.
   *
   * @param prompts keys of the questions and answers
   * @param whole whether every question was answered, or is never going to be: what is not whole is
   *     not kept, so that it is asked again
   */
  record Outcome(Measured measured, List<String> prompts, boolean whole) {
    public Outcome {
      prompts = List.copyOf(prompts);
    }

    public static Outcome of(Measured measured) {
      return new Outcome(measured, List.of(), true);
    }

    /** What answers of a judge came to. */
    static Outcome of(Measured measured, List<Answer> answers) {
      return new Outcome(
          measured,
          answers.stream().map(Answer::key).toList(),
          answers.stream().noneMatch(answer -> answer.outcome() == UNREACHABLE));
    }
  }
}
