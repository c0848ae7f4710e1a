package dev.loupe.train;

/**
 * What a run does against kills and against bad batches. Nothing of it is decided when a run
 * begins: each may be another when it goes on.
 *
 * @param watch is told of states while it trains
 */
public record Safeguards(CheckpointRule checkpoints, SpikeRule spikes, StateWatch watch) {
  public static final Safeguards USUAL = new Safeguards(CheckpointRule.USUAL, SpikeRule.USUAL);

  /** States stay where they are written. */
  public Safeguards(CheckpointRule checkpoints, SpikeRule spikes) {
    this(checkpoints, spikes, StateWatch.NONE);
  }

  /** The same, with states watched. */
  public Safeguards watchedBy(StateWatch other) {
    return new Safeguards(checkpoints, spikes, other);
  }
}
