package dev.loupe.train;

/** A loss above the bound that was set for it. */
public final class LossSpikeException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  private final double loss;

  LossSpikeException(double loss, double bound) {
    super("expected a loss of at most %s, got %s".formatted(bound, loss));
    this.loss = loss;
  }

  double loss() {
    return loss;
  }
}
