package dev.loupe.exchange;

import dev.loupe.dictionary.DictionaryName;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;

/**
 * What an export is called in Neuronpedia.
 *
 * @param modelId of the language model there
 * @param sourceSet name of a set of dictionaries of all layers
 * @param creatorId of the user whose it shall be
 * @param createdAt the time that all rows say: not when they were made, so that the same export
 *     gives the same bytes
 */
public record NeuronpediaNames(
    String modelId, String sourceSet, String creatorId, Instant createdAt) {
  /** The user that a new Neuronpedia begins with. */
  public static final String DEFAULT_CREATOR = "clkht01d40000jv08hvalcvly";

  /** No time in particular. */
  public static final String DEFAULT_TIME = "1970-01-01T00:00:00.000Z";

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  public NeuronpediaNames {
    require("model id", modelId);
    require("source set", sourceSet);
    require("creator id", creatorId);
  }

  private static void require(String what, String name) {
    if (!name.matches("[A-Za-z0-9._-]+")) {
      throw new IllegalArgumentException(
          "expected a %s of letters, digits and '.', '_', '-', got '%s'".formatted(what, name));
    }
  }

  /** The name of a dictionary's source set where no other is given: {@code loupe-r-8x}. */
  public static String sourceSet(DictionaryName dictionary) {
    return SourceName.set(dictionary);
  }

  /** Reads a time such as {@code 2026-05-04T12:00:00Z}. */
  public static Instant time(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException(
          "expected a time such as 2026-05-04T12:00:00Z, got '" + text + "'", e);
    }
  }

  /** The time as rows have it, {@code 1970-01-01T00:00:00.000Z}. */
  String createdAtText() {
    return TIME.format(createdAt);
  }

  /** The source that a dictionary is. */
  String source(DictionaryName dictionary) {
    return SourceName.source(dictionary, sourceSet);
  }
}
