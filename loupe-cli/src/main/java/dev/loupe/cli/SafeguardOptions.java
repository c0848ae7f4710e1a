package dev.loupe.cli;

import dev.loupe.train.CheckpointRule;
import dev.loupe.train.Resume;
import dev.loupe.train.Safeguards;
import dev.loupe.train.SpikeRule;
import picocli.CommandLine.Option;

/** What a run does against kills and bad batches, the same in every command that trains. */
@Heading("Kills and bad batches")
final class SafeguardOptions {
  @Option(
      names = "--checkpoint-every",
      paramLabel = "HOW",
      defaultValue = "10min",
      description =
          "tokens or time from one state that --resume can go on from to the next: 2M, 90s, 10min,"
              + " 1h, never (default: ${DEFAULT-VALUE})")
  private String checkpointEvery = "10min";

  @Option(
      names = "--on-spike",
      paramLabel = "HOW",
      defaultValue = "warn",
      description =
          "what to do about a batch whose loss is not finite or far above the usual, beside saving"
              + " it in SUITE/incidents: warn (stop at what is not finite), skip, stop (default:"
              + " ${DEFAULT-VALUE})")
  private SpikeRule.Response onSpike = SpikeRule.Response.WARN;

  @Option(
      names = "--spike-factor",
      paramLabel = "X",
      defaultValue = "3",
      description =
          "far above: so many times the median of the last 64 losses (default: ${DEFAULT-VALUE})")
  private double spikeFactor = 3;

  @Option(
      names = "--resume-inexact",
      description =
          "go on with a stopped run also with other versions, machine or threads, which suite.json"
              + " records")
  private boolean resumeInexact;

  Safeguards safeguards() {
    return new Safeguards(rule(checkpointEvery), new SpikeRule(onSpike, spikeFactor));
  }

  /** Whether a run goes on that stopped. */
  boolean isResumed(boolean wanted) {
    return resume(wanted) != Resume.NO;
  }

  Resume resume(boolean wanted) {
    if (resumeInexact) {
      return Resume.INEXACT;
    }
    return wanted ? Resume.EXACT : Resume.NO;
  }

  private static CheckpointRule rule(String text) {
    if (text.equals("never")) {
      return new CheckpointRule.Never();
    }
    if (text.matches("\\d+m")) {
      throw new IllegalArgumentException(
          "expected --checkpoint-every in min or in millions of tokens (M), got '" + text + "'");
    }
    return TimeText.parse(text)
        .<CheckpointRule>map(CheckpointRule.EveryTime::new)
        .orElseGet(() -> new CheckpointRule.EveryTokens(tokens(text)));
  }

  private static long tokens(String text) {
    try {
      return Quantity.parse(text).value();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "expected --checkpoint-every such as 2M (tokens), 90s, 10min, 1h or never, got '"
              + text
              + "'",
          e);
    }
  }
}
