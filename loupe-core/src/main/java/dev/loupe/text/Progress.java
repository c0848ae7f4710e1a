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
}
