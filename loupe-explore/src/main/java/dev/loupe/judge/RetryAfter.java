package dev.loupe.judge;

import com.openai.core.http.Headers;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;

/** The header {@code Retry-After}: seconds, or a date of HTTP. */
final class RetryAfter {
  private RetryAfter() {}

  /** Empty where there is none or it cannot be read. */
  static Optional<Duration> of(Headers headers, Clock clock) {
    List<String> values = headers.values("retry-after");
    return values.isEmpty() ? Optional.empty() : parse(values.getFirst().strip(), clock);
  }

  private static Optional<Duration> parse(String text, Clock clock) {
    if (text.matches("\\d{1,9}(\\.\\d{1,3})?")) {
      return Optional.of(Duration.ofMillis((long) (Double.parseDouble(text) * 1_000)));
    }
    try {
      Instant when = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      Duration wait = Duration.between(clock.instant(), when);
      return Optional.of(wait.isNegative() ? Duration.ZERO : wait);
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
