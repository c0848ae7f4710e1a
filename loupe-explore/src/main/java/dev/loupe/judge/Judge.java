package dev.loupe.judge;

/** Answers questions about features: an endpoint, or whatever knows the answers. Thread-safe. */
@FunctionalInterface
public interface Judge {
  /**
   * Asks, and waits for the answer.
   *
   * @return also what is no good answer; see {@link Answer#outcome()}
   * @throws JudgeException if there is no point in asking more: a wrong key or model, an endpoint
   *     that does not answer, a budget that is spent
   * @throws java.util.concurrent.CancellationException if the thread is interrupted
   */
  Answer ask(Question question);
}
