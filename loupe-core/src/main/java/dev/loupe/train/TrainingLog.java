package dev.loupe.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.loupe.files.Json;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * {@code training.jsonl} of one dictionary, a line for each logged step, with {@code timing.jsonl}
 * beside it, kept apart because times are not reproducible.
 */
final class TrainingLog {
  private final Optional<LineFile> lines;
  private final Optional<LineFile> timing;
  private long updates;
  private long clipped;

  /**
   * @param folder of the dictionary; absent for a rank that does not write
   * @param updates since the last line
   * @param clipped of them
   */
  TrainingLog(Optional<Path> folder, long updates, long clipped) {
    this.lines = folder.map(path -> new LineFile(path.resolve("training.jsonl")));
    this.timing = folder.map(path -> new LineFile(path.resolve("timing.jsonl")));
    this.updates = updates;
    this.clipped = clipped;
  }

  /** Forgets what was logged at a step or after it, as when a run goes on from there. */
  void rewind(long step) {
    lines.ifPresent(file -> file.keep(line -> step(line) < step));
    timing.ifPresent(file -> file.keep(line -> step(line) < step));
  }

  private static long step(String line) {
    try {
      return Json.mapper().readTree(line).path("step").asLong(Long.MAX_VALUE);
    } catch (JsonProcessingException e) {
      return Long.MAX_VALUE; // a line cut off by a kill
    }
  }

  /** Updates since the last line. */
  long updates() {
    return updates;
  }

  /** Of the updates since the last line, those whose gradient was clipped. */
  long clipped() {
    return clipped;
  }

  void count(TrainingStep.Outcome outcome) {
    updates++;
    clipped += outcome.clipped() ? 1 : 0;
  }

  void write(TrainingStep.Settings settings, TrainingStep.Outcome outcome, long tokens, long dead) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("step", settings.step());
    line.put("tokens", tokens);
    line.put("loss", outcome.loss());
    line.put("explained_variance", outcome.explainedVariance());
    line.put("explained_variance_legacy", outcome.explainedVarianceLegacy());
    line.put("l0", outcome.l0());
    line.put("k", settings.k());
    line.put("l1", settings.l1());
    line.put("learning_rate", settings.learningRate());
    line.put("gradient_norm", outcome.gradientNorm());
    line.put("clip_rate", (double) clipped / updates);
    line.put("dead_features", dead);
    lines.ifPresent(file -> file.append(line));
    updates = 0;
    clipped = 0;
  }

  void writeTiming(long step, double seconds, double modelSeconds) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("step", step);
    line.put("seconds", seconds);
    line.put("model_seconds", modelSeconds);
    timing.ifPresent(file -> file.append(line));
  }

  /** Makes durable what was logged. */
  void sync() {
    lines.ifPresent(LineFile::sync);
    timing.ifPresent(LineFile::sync);
  }
}
