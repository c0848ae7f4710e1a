package dev.loupe.exchange;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.annotation.OptBoolean;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.exc.InvalidNullException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.introspect.AnnotatedMember;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.type.LogicalType;
import dev.loupe.files.FileFormatException;
import dev.loupe.files.IoFailures;
import dev.loupe.files.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON into a record and takes the record for the schema: each component is a field that must
 * be there, unless it is annotated as not required, and not be null, unless it is optional; other
 * fields are errors, and so is what the record's constructor refuses. Messages have file, line and
 * field.
 */
final class Schema {
  private static final ObjectMapper MAPPER = mapper();

  private Schema() {}

  private static ObjectMapper mapper() {
    ObjectMapper mapper = Json.mapper().copy();
    mapper.disable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES); // but the required
    mapper.setAnnotationIntrospector(new Required());
    mapper.setDefaultSetterInfo(JsonSetter.Value.forValueNulls(Nulls.FAIL, Nulls.FAIL));
    mapper
        .configOverride(Optional.class)
        .setSetterInfo(JsonSetter.Value.forValueNulls(Nulls.SET, Nulls.FAIL));
    mapper
        .coercionConfigFor(LogicalType.Textual)
        .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
        .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
        .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail);
    return mapper;
  }

  /** Whatever does not say that it may be missing must be there. */
  private static final class Required extends JacksonAnnotationIntrospector {
    private static final long serialVersionUID = 1;

    @Override
    public Boolean hasRequiredMarker(AnnotatedMember member) {
      @Nullable JsonProperty property = member.getAnnotation(JsonProperty.class);
      return property == null || property.isRequired() != OptBoolean.FALSE;
    }
  }

  /** Reads a file that is one document. */
  static <T> T read(Path file, Class<T> type) {
    try {
      return value(file, Files.readString(file), 1, type);
    } catch (IOException e) {
      throw IoFailures.reading(file, e);
    }
  }

  /** Reads a file with a document a line, compressed where its name ends in gz. */
  static <T> List<T> readLines(Path file, Class<T> type) {
    List<T> rows = new ArrayList<>();
    int number = 0;
    try (InputStream raw = Files.newInputStream(file);
        InputStream in = file.toString().endsWith(".gz") ? new GZIPInputStream(raw) : raw;
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        rows.add(value(file, line, ++number, type));
      }
      return rows;
    } catch (IOException e) {
      if (number == 0 && !Files.isReadable(file)) {
        throw IoFailures.reading(file, e);
      }
      throw new FileFormatException(
          file,
          "expected whole lines of JSON, got %s after line %d".formatted(e.getMessage(), number),
          e);
    }
  }

  /** Reads a file of one such line. */
  static <T> T readLine(Path file, Class<T> type) {
    List<T> rows = readLines(file, type);
    if (rows.size() != 1) {
      throw new FileFormatException(file, "expected one line, got " + rows.size());
    }
    return rows.getFirst();
  }

  private static <T> T value(Path file, String document, int line, Class<T> type) {
    try {
      @Nullable T value = MAPPER.readValue(document, type);
      if (value == null) {
        throw new FileFormatException(file, "expected an object, got null at line " + line);
      }
      return value;
    } catch (JsonProcessingException e) {
      throw new FileFormatException(file, problem(e) + place(e, line), e);
    }
  }

  private static String problem(JsonProcessingException e) {
    return switch (e) {
      case UnrecognizedPropertyException _ -> "expected no such field, got one";
      case ValueInstantiationException refused when refused.getCause() != null ->
          refused.getCause().getMessage();
      case InvalidNullException _ -> "expected a value, got null";
      case MismatchedInputException absent
          when absent.getOriginalMessage().startsWith("Missing required creator property") ->
          "expected this field, got none";
      case JsonMappingException misfit -> misfit.getOriginalMessage();
      default -> "expected JSON, got: " + e.getOriginalMessage();
    };
  }

  /** {@code (field features.3.neg_str) at line 17}. */
  private static String place(JsonProcessingException e, int firstLine) {
    String field =
        e instanceof JsonMappingException misfit
            ? misfit.getPath().stream().map(Schema::step).collect(Collectors.joining("."))
            : "";
    @Nullable JsonLocation location = e.getLocation();
    int line = firstLine + (location == null ? 0 : Math.max(0, location.getLineNr() - 1));
    return (field.isEmpty() ? "" : " (field " + field + ")") + " at line " + line;
  }

  private static String step(JsonMappingException.Reference reference) {
    @Nullable String name = reference.getFieldName();
    return name == null ? "" + reference.getIndex() : name;
  }
}
