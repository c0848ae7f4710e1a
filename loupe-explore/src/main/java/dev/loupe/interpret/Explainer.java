package dev.loupe.interpret;

import java.util.Optional;

/** Puts what a feature fires on into words. Thread-safe. */
public interface Explainer {
  /** Names it in files, as {@link Explanation#method}. */
  String method();

  /**
   * Explains a feature.
   *
   * @param sets of which only {@link ExampleSets#explain} and what is stored of the whole may be
   *     used
   * @param basis to be put into the result
   * @return empty where there is nothing to say
   */
  Optional<Explanation> explain(ExampleSets sets, String basis);

  /**
   * Whether it asks somebody, whose silence may be an accident: the next run then asks again. What
   * follows from the store alone is not looked for twice.
   */
  default boolean asks() {
    return false;
  }

  /** What it depends on beside the store: part of the basis. */
  default String settings() {
    return "";
  }
}
