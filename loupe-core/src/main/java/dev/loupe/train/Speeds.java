package dev.loupe.train;

import java.util.Map;

/**
 * How fast this machine is, as far as a plan needs it: measured in a few seconds, or scaled from
 * what was.
 *
 * @param modelSecondsPerToken of a pass through all layers, on all threads
 * @param modelHow it was found
 * @param stepSeconds of one step on all threads, a mean over the schedule, by number of features
 * @param stepHow they were found
 */
public record Speeds(
    double modelSecondsPerToken, String modelHow, Map<Long, Double> stepSeconds, String stepHow) {
  public Speeds {
    stepSeconds = Map.copyOf(stepSeconds);
  }
}
