package dev.loupe.interpret;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.files.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * How far the last run over a dictionary has come, for those who look on: {@code
 * SUITE/explanations/NAME.run.json}, written anew about once a second. A plain value.
 *
 * @param started ISO 8601
 * @param updated when this was written
 * @param stage what it does, with the unit
 * @param done of {@code total}
 * @param message why it ended; empty where it goes on, or went well
 */
public record InterpretRun(
    State state,
    String started,
    String updated,
    String stage,
    long done,
    long total,
    String message) {
  /** Seconds without a word after which a run that should go on must have been killed. */
  public static final long SILENCE_SECONDS = 900;

  /** Whether it goes on. */
  public enum State {
    RUNNING,
    DONE,
    /** By the user; the same command goes on. */
    STOPPED,
    FAILED;

    /** Lower-case, as in files. */
    @JsonValue
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Where it is kept. */
  static Path file(Path suite, DictionaryName name) {
    return suite.resolve(Explanations.FOLDER).resolve(name + ".run.json");
  }

  /** Of the last run there was; empty where there was none. */
  public static Optional<InterpretRun> read(Path suite, DictionaryName name) {
    Path file = file(suite, name);
    return Files.exists(file) ? Optional.of(Json.read(file, InterpretRun.class)) : Optional.empty();
  }

  /** Whether it says that it goes on, but has said nothing for long: a judge may be slow. */
  public boolean isSilent(Instant now) {
    return state == State.RUNNING
        && Instant.parse(updated).plusSeconds(SILENCE_SECONDS).isBefore(now);
  }
}
