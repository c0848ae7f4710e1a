package dev.loupe.files;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.SequencedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Strict JSON: unknown and repeated keys, anything after the document, missing numbers, and numbers
 * written as text are errors. Thread-safe.
 *
 * <p>A document that does not fit is a {@link FileFormatException} with file, line and column; a
 * file that cannot be read is an {@link java.io.UncheckedIOException}.
 */
public final class Json {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .addModule(new Jdk8Module())
          .build();

  private Json() {}

  /** The one mapper, for trees, strings and streams. Shared: not to be reconfigured. */
  public static ObjectMapper mapper() {
    return MAPPER;
  }

  /** Reads a file into a record (or any type that Jackson knows). */
  public static <T> T read(Path path, Class<T> type) {
    byte[] bytes = bytes(path);
    try {
      @Nullable T value = MAPPER.readValue(bytes, type);
      if (value == null) {
        throw new FileFormatException(path, "expected a JSON document, got null");
      }
      return value;
    } catch (JsonProcessingException e) {
      throw new FileFormatException(path, problem(e, bytes), e);
    } catch (IOException e) { // bytes that are no text
      throw new FileFormatException(path, "expected JSON, got " + e.getMessage(), e);
    }
  }

  /** Reads a file that must hold one JSON object. */
  public static ObjectNode readObject(Path path) {
    JsonNode node = read(path, JsonNode.class);
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw new FileFormatException(path, "expected a JSON object, got " + node.getNodeType());
  }

  /** The keys at which two values, as JSON objects, differ. */
  public static List<String> differences(Object one, Object other) {
    ObjectNode expected = object(one);
    ObjectNode got = object(other);
    SequencedSet<String> keys = new LinkedHashSet<>();
    expected.fieldNames().forEachRemaining(keys::add);
    got.fieldNames().forEachRemaining(keys::add);
    keys.removeIf(key -> Objects.equals(expected.get(key), got.get(key)));
    return List.copyOf(keys);
  }

  /** As a file gives it back: numbers in the type that they are read in. */
  private static ObjectNode object(Object value) {
    try {
      return (ObjectNode) MAPPER.readTree(MAPPER.writeValueAsBytes(value));
    } catch (IOException e) {
      throw new IllegalStateException("expected a value that is a JSON object", e);
    }
  }

  private static byte[] bytes(Path path) {
    try {
      return Files.readAllBytes(path);
    } catch (IOException e) {
      throw IoFailures.reading(path, e);
    }
  }

  private static String problem(JsonProcessingException e, byte[] document) {
    String place = place(e, document);
    return switch (e) {
      case UnrecognizedPropertyException unknown ->
          "expected one of the keys "
              + sorted(unknown.getKnownPropertyIds())
              + ", got '"
              + unknown.getPropertyName()
              + "'"
              + place;
      case ValueInstantiationException refused ->
          (refused.getCause() == null
                  ? refused.getOriginalMessage()
                  : refused.getCause().getMessage())
              + place;
      case MismatchedInputException absent when mentions(absent, "FAIL_ON_MISSING_CREATOR") ->
          "expected this key, got none" + place;
      case MismatchedInputException absent when mentions(absent, "FAIL_ON_NULL_FOR_PRIMITIVES") ->
          "expected a number or a boolean, got null" + place;
      case JsonMappingException misfit -> misfit.getOriginalMessage() + place;
      default -> "expected JSON, got: " + e.getOriginalMessage() + place;
    };
  }

  /** Jackson tells these faults apart only by the feature that its text names. */
  private static boolean mentions(MismatchedInputException e, String feature) {
    return e.getOriginalMessage().contains(feature);
  }

  private static Collection<String> sorted(@Nullable Collection<Object> keys) {
    return keys == null
        ? new TreeSet<>()
        : keys.stream().map(String::valueOf).collect(Collectors.toCollection(TreeSet::new));
  }

  /** {@code (key gate.threshold) at line 3, column 7}, as far as known. */
  private static String place(JsonProcessingException e, byte[] document) {
    List<JsonMappingException.Reference> path =
        e instanceof JsonMappingException mapping ? mapping.getPath() : List.of();
    JsonLocation location = path.isEmpty() ? e.getLocation() : locate(path, document);
    String key =
        path.stream()
            .map(step -> Objects.requireNonNullElse(step.getFieldName(), "" + step.getIndex()))
            .collect(Collectors.joining("."));
    return (key.isEmpty() ? "" : " (key " + key + ")")
        + (location == null
            ? ""
            : " at line " + location.getLineNr() + ", column " + location.getColumnNr());
  }

  /**
   * Where a key is, or, if it is missing, the object that lacks it. Jackson itself names the end of
   * the object for whatever a record refuses, because it collects the record's keys first.
   */
  private static @Nullable JsonLocation locate(
      List<JsonMappingException.Reference> path, byte[] document) {
    JsonPointer wanted = pointer(path);
    JsonPointer parent = wanted.head();
    JsonLocation container = null;
    try (JsonParser json = MAPPER.createParser(document)) {
      while (json.nextToken() != null) {
        JsonPointer here = json.getParsingContext().pathAsPointer();
        if (here.equals(wanted)) {
          return json.currentTokenLocation();
        }
        if (container == null && here.equals(parent)) {
          container = json.currentTokenLocation();
        }
      }
    } catch (IOException e) {
      return container; // a document that is also damaged further on
    }
    return container;
  }

  private static JsonPointer pointer(List<JsonMappingException.Reference> path) {
    JsonPointer pointer = JsonPointer.empty();
    for (JsonMappingException.Reference step : path) {
      pointer =
          step.getFieldName() == null
              ? pointer.appendIndex(Math.max(0, step.getIndex()))
              : pointer.appendProperty(step.getFieldName());
    }
    return pointer;
  }
}
