package dev.loupe.figure;

import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** A cell of a table: in JSON a text, or an {@link Estimate} in its form. */
@JsonDeserialize(using = Cell.Reader.class)
public sealed interface Cell {
  /** Words. */
  @JsonDeserialize // of itself, not by the reader of all cells
  record Text(@JsonValue String text) implements Cell {}

  /** A number, perhaps with an interval, or none. */
  @JsonDeserialize
  record Measured(@JsonValue Estimate estimate) implements Cell {}

  /** A cell of words. */
  static Cell of(String text) {
    return new Text(text);
  }

  /** A cell of a number. */
  static Cell of(double value) {
    return new Measured(Estimate.of(value));
  }

  /** A cell of a number. */
  static Cell of(Estimate estimate) {
    return new Measured(estimate);
  }

  /** A row of a table from strings, numbers, estimates and cells. */
  static List<Cell> row(Object... values) {
    return Arrays.stream(values).map(Cell::from).toList();
  }

  private static Cell from(Object value) {
    return switch (value) {
      case Cell cell -> cell;
      case String text -> of(text);
      case Estimate estimate -> of(estimate);
      case Number number -> of(number.doubleValue());
      default ->
          throw new IllegalArgumentException(
              "expected a text, a number or an estimate, got " + value.getClass());
    };
  }

  /** Tells a text from a number. */
  final class Reader extends JsonDeserializer<Cell> {
    @Override
    public Cell deserialize(JsonParser json, DeserializationContext context) throws IOException {
      return json.currentToken() == JsonToken.VALUE_STRING
          ? new Text(json.getText())
          : new Measured(context.readValue(json, Estimate.class));
    }

    @Override
    public Cell getNullValue(DeserializationContext context) {
      return new Measured(Estimate.NONE);
    }
  }
}
