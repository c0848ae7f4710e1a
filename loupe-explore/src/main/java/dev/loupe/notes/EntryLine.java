package dev.loupe.notes;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.dictionary.FeatureName;
import dev.loupe.files.Json;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.OptionalLong;
import java.util.Set;

/**
 * An entry as a line of the file: a JSON object with {@code id}, {@code time}, {@code author},
 * {@code feature}, {@code kind}, and {@code text} and {@code of} where the kind has one.
 */
final class EntryLine {
  /** The longest line: a text all of escaped pairs of surrogates, and room for the rest. */
  static final int MAX_BYTES = 1 << 18;

  private static final Set<String> KEYS =
      Set.of("id", "time", "author", "feature", "kind", "text", "of");

  private EntryLine() {}

  /** The line in UTF-8, without a newline. */
  static byte[] write(Entry entry) {
    ObjectNode line = Json.mapper().createObjectNode();
    line.put("id", entry.id());
    line.put("time", entry.time().toString());
    line.put("author", entry.author());
    line.put("feature", entry.feature().toString());
    line.put("kind", entry.kind().label());
    if (!entry.text().isEmpty()) {
      line.put("text", entry.text());
    }
    entry.of().ifPresent(of -> line.put("of", of));
    try {
      return Json.mapper().writeValueAsBytes(line);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an entry that is no JSON: " + entry, e);
    }
  }

  /** IllegalArgumentException for bytes that are no such line. */
  static Entry parse(byte[] bytes) {
    try {
      if (!(Json.mapper().readTree(bytes) instanceof ObjectNode line)) {
        throw new IllegalArgumentException("expected a JSON object, got something else");
      }
      line.fieldNames().forEachRemaining(EntryLine::checkKey);
      return new Entry(number(line, "id"), time(text(line, "time")), said(line));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("expected JSON, got: " + e.getOriginalMessage(), e);
    } catch (IOException e) { // bytes that are no text
      throw new IllegalArgumentException("expected JSON, got: " + e.getMessage(), e);
    }
  }

  private static NewEntry said(ObjectNode line) {
    return new NewEntry(
        text(line, "author"),
        FeatureName.parse(text(line, "feature")),
        EntryKind.parse(text(line, "kind")),
        line.has("text") ? text(line, "text") : "",
        line.has("of") ? OptionalLong.of(number(line, "of")) : OptionalLong.empty());
  }

  private static void checkKey(String key) {
    if (!KEYS.contains(key)) {
      throw new IllegalArgumentException(
          "expected keys of id, time, author, feature, kind, text, of, got '%.40s'".formatted(key));
    }
  }

  private static long number(ObjectNode line, String key) {
    JsonNode value = line.path(key);
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw new IllegalArgumentException(
          "expected a whole number as %s, got %.40s"
              .formatted(key, value.isMissingNode() ? "none" : value));
    }
    return value.longValue();
  }

  private static String text(ObjectNode line, String key) {
    JsonNode value = line.path(key);
    if (!value.isTextual()) {
      throw new IllegalArgumentException(
          "expected a text as %s, got %.40s"
              .formatted(key, value.isMissingNode() ? "none" : value));
    }
    return value.textValue();
  }

  private static Instant time(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "expected a time such as 2026-05-04T12:00:00Z, got '%.40s'".formatted(text), e);
    }
  }
}
