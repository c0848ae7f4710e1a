package dev.loupe.cli;

import dev.loupe.text.Progress;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * Progress on stderr: a bar with speed and time left on a terminal, a line for each tenth of the
 * work elsewhere, with the time left.
 */
final class ConsoleProgress implements Progress, AutoCloseable {
  private static final double SHORT_SECONDS = 20;

  /** Columns of the terminal, from the launcher; 0 where stderr is none. */
  private final int columns = Integer.parseInt(System.getenv().getOrDefault("LOUPE_TERMINAL", "0"));

  private String task = "";
  private @Nullable ProgressBar bar;
  private long tenth;
  private long begun; // items that were through when the task began
  private long begunNanos;

  @Override
  public void report(String what, long done, long total) {
    report(what, done, total, "");
  }

  @Override
  public void report(String what, long done, long total, String detail) {
    if (!what.equals(task)) {
      close();
      task = what;
      tenth = -1;
      begun = done;
      begunNanos = System.nanoTime();
      if (columns > 0) {
        bar = start(what, done, total, columns);
      }
    }
    if (bar != null) {
      bar.stepTo(done);
      bar.setExtraMessage(detail);
      if (total > 0) {
        bar.maxHint(total);
      }
    } else {
      print(what, done, total, detail);
    }
  }

  private void print(String what, long done, long total, String detail) {
    long now = total <= 0 ? 0 : 10 * done / total;
    if (now > tenth) {
      tenth = now;
      System.err.println(
          total <= 0
              ? what
              : "%s %,d of %,d (%d %%)%s%s"
                  .formatted(
                      what,
                      done,
                      total,
                      100 * done / total,
                      left((System.nanoTime() - begunNanos) / 1e9, done - begun, total - done),
                      detail.isEmpty() ? "" : ", " + detail));
    }
  }

  /** How long the rest takes at the speed so far; nothing of what is short, or over. */
  static String left(double seconds, long done, long rest) {
    double left = seconds * rest / done;
    return done > 0 && rest > 0 && seconds + left >= SHORT_SECONDS
        ? ", %s left".formatted(TimeText.of(left))
        : "";
  }

  private static ProgressBar start(String what, long done, long total, int columns) {
    return new ProgressBarBuilder()
        .setTaskName(what)
        .setInitialMax(total)
        .startsFrom(done, Duration.ZERO) // a run that goes on: what was done before has no speed
        .setStyle(
            Colours.ARE_ALLOWED
                ? ProgressBarStyle.COLORFUL_UNICODE_BAR
                : ProgressBarStyle.UNICODE_BLOCK)
        .setUpdateIntervalMillis(250)
        .setSpeedUnit(ChronoUnit.SECONDS)
        .showSpeed()
        // with a width, so that JLine does not look for one: it would take SIGINT from the JVM
        .setConsumer(new ConsoleProgressBarConsumer(System.err, columns - 1))
        .build();
  }

  /** Ends the bar that is shown, before something else is printed. */
  void end() {
    close();
    task = "";
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}
