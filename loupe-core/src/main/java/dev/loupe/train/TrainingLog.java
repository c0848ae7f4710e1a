package dev.loupe.train;

import dev.loupe.files.AtomicFile;
import dev.loupe.files.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code training.jsonl} of one dictionary, a line for each logged step, with {@code timing.jsonl}
 * beside it, kept apart because times are not reproducible.
 */
final class TrainingLog {
  private final Path lines;
  private final Path timing;
  private long steps;
  private long clipped;

  TrainingLog(Path folder) {
    this.lines = folder.resolve("training.jsonl");
    this.timing = folder.resolve("timing.jsonl");
  }

  /** Forgets what was logged at a step or after it, as when a run goes on from there. */
  void rewind(long step) {
    for (Path file : List.of(lines, timing)) {
      if (Files.exists(file)) {
        try {
          List<String> kept =
              Files.readAllLines(file).stream().filter(l -> step(l) < step).toList();
          AtomicFile.writeText(file, kept.isEmpty() ? "" : String.join("\n", kept) + "\n");
        } catch (IOException e) {
          throw new UncheckedIOException("cannot read " + file, e);
        }
      }
    }
  }

  private static long step(String line) {
    try {
      return Json.mapper().readTree(line).path("step").asLong();
    } catch (IOException e) {
      return Long.MAX_VALUE; // a line cut off by a kill
    }
  }

  void count(TrainingStep.Outcome outcome) {
    steps++;
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
    line.put("clip_rate", (double) clipped / steps);
    line.put("dead_features", dead);
    append(lines, line);
    steps = 0;
    clipped = 0;
  }

  void writeTiming(long step, double seconds, double modelSeconds) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("step", step);
    line.put("seconds", seconds);
    line.put("model_seconds", modelSeconds);
    append(timing, line);
  }

  private static void append(Path file, Map<String, Object> line) {
    try {
      Files.writeString(
          file,
          Json.mapper().writeValueAsString(line) + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }
}
