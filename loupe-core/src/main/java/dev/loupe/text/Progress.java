package dev.loupe.text;

/**
 * Is told how far a long operation has come. Called often and from the working thread: be quick.
 */
@FunctionalInterface
public interface Progress {
  /** Tells nobody. */
  Progress NONE = (what, done, total) -> {};

  /**
   * Reports that {@code done} of {@code total} items are through.
   *
   * @param what the operation and its unit, for instance {@code "reading demo:books (documents)"}
   * @param total number of items, -1 where it is not known
   */
  void report(String what, long done, long total);

  /**
   * As {@link #report(String, long, long)}, with a word about the work that changes all along, for
   * those who show it.
   */
  default void report(String what, long done, long total, String detail) {
    report(what, done, total);
  }
}
