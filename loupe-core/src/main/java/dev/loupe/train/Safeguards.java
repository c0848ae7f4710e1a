package dev.loupe.train;

/**
 * What a run does against kills and against bad batches. Nothing of it is decided when a run
 * begins: each may be another when it goes on.
 */
public record Safeguards(CheckpointRule checkpoints, SpikeRule spikes) {
  public static final Safeguards USUAL = new Safeguards(CheckpointRule.USUAL, SpikeRule.USUAL);
}
