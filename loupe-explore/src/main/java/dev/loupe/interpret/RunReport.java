package dev.loupe.interpret;

import dev.loupe.files.AtomicFile;
import dev.loupe.files.IoFailures;
import dev.loupe.text.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;

/** Writes down how far a run has come, beside telling who started it. For one thread. */
final class RunReport implements Progress {
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final Path file;
  private final Progress also;
  private final InstantSource clock;
  private final Instant started;
  private Instant written;
  private String stage = "starting";
  private long done;
  private long total = -1;

  private RunReport(Path file, Progress also, InstantSource clock) {
    this.file = file;
    this.also = also;
    this.clock = clock;
    this.started = clock.instant();
    this.written = started;
  }

  /** Writes that it has started. */
  static RunReport start(Path file, Progress also, InstantSource clock) {
    try {
      Files.createDirectories(file.getParent());
    } catch (IOException e) {
      throw IoFailures.writing(file, e);
    }
    AtomicFile.removePartials(file);
    RunReport report = new RunReport(file, also, clock);
    report.write(InterpretRun.State.RUNNING, "");
    return report;
  }

  @Override
  public void report(String what, long now, long of) {
    also.report(what, now, of);
    boolean next = !what.equals(stage);
    stage = what;
    done = now;
    total = of;
    if (next || Duration.between(written, clock.instant()).compareTo(PAUSE) >= 0) {
      write(InterpretRun.State.RUNNING, "");
    }
  }

  /** Writes how it ended. */
  void end(InterpretRun.State state, String message) {
    write(state, message);
  }

  private void write(InterpretRun.State state, String message) {
    written = clock.instant();
    AtomicFile.writeJson(
        file, new InterpretRun(state, time(started), time(written), stage, done, total, message));
  }

  private static String time(Instant instant) {
    return instant.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
