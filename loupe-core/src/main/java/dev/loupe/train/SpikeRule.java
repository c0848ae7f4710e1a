package dev.loupe.train;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * What a loss far above the usual is, and what follows. The batch is saved in any case ({@link
 * Incidents}).
 *
 * @param response what follows
 * @param factor a loss above so many times the usual one ({@link LossWatch}) is a spike
 */
public record SpikeRule(Response response, double factor) {
  /** Goes on. A sound run's loss was at most 1.5 times the usual one, while K annealed (demo). */
  public static final SpikeRule USUAL = new SpikeRule(Response.WARN, 3);

  public SpikeRule {
    if (!(factor > 1)) {
      throw new IllegalArgumentException("expected a spike factor above 1, got " + factor);
    }
  }

  /** What to do about a batch whose loss or gradient is not finite, or a spike. */
  public enum Response {
    /** Use a spike's batch; stop at what is not finite, which cannot be used. */
    @JsonProperty("warn")
    WARN,
    /** Leave the batch out, for that dictionary. */
    @JsonProperty("skip")
    SKIP,
    /** Stop before the update. */
    @JsonProperty("stop")
    STOP
  }
}
