package dev.loupe.cli;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times for people, and as options take them: {@code 90s}, {@code 10min}, {@code 1h}. */
final class TimeText {
  private static final Pattern TIME = Pattern.compile("(\\d{1,9})(s|min|h)");

  private TimeText() {}

  /** Three figures or so, in the unit that suits. */
  static String of(double seconds) {
    if (seconds < 100) {
      return "%.1f s".formatted(seconds);
    }
    if (seconds < 6_000) {
      return "%.1f min".formatted(seconds / 60);
    }
    return seconds < 200_000
        ? "%.1f h".formatted(seconds / 3_600)
        : "%,.1f days".formatted(seconds / 86_400);
  }

  /** Nothing for what is no time. */
  static Optional<Duration> parse(String text) {
    Matcher matcher = TIME.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long number = Long.parseLong(matcher.group(1));
    return Optional.of(
        switch (matcher.group(2)) {
          case "s" -> Duration.ofSeconds(number);
          case "min" -> Duration.ofMinutes(number);
          default -> Duration.ofHours(number);
        });
  }
}
