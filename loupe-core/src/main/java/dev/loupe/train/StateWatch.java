package dev.loupe.train;

import java.nio.file.Path;

/**
 * Is told of each state that a run can go on from, to keep it also where this machine's end ends
 * nothing.
 */
@FunctionalInterface
public interface StateWatch {
  /** Does nothing. */
  StateWatch NONE = (_, _) -> {};

  /**
   * A state is whole on disk. Called on the training thread, which waits.
   *
   * @param suite the run's folder: what makes up the state is in its {@code resume/step-N}, and the
   *     logs up to it are beside
   * @param number N, which rises from state to state
   * @throws java.io.UncheckedIOException where it cannot be kept; the run goes on
   */
  void written(Path suite, long number);
}
