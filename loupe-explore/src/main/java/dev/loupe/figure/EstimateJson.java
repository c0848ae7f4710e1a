package dev.loupe.figure;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import java.io.IOException;

/** The short form of an {@link Estimate}: a number, three numbers, or null. */
final class EstimateJson {
  private EstimateJson() {}

  static final class Writer extends JsonSerializer<Estimate> {
    @Override
    public void serialize(Estimate estimate, JsonGenerator json, SerializerProvider provider)
        throws IOException {
      if (!estimate.measured()) {
        json.writeNull();
      } else if (estimate.interval()) {
        json.writeStartArray();
        json.writeNumber(estimate.value());
        json.writeNumber(estimate.low());
        json.writeNumber(estimate.high());
        json.writeEndArray();
      } else {
        json.writeNumber(estimate.value());
      }
    }
  }

  static final class Reader extends JsonDeserializer<Estimate> {
    private static final String EXPECTED = "expected a number, [value, low, high] or null";

    @Override
    public Estimate deserialize(JsonParser json, DeserializationContext context)
        throws IOException {
      if (!json.isExpectedStartArrayToken()) {
        return Estimate.of(number(json, context));
      }
      json.nextToken();
      double value = number(json, context);
      json.nextToken();
      double low = number(json, context);
      json.nextToken();
      double high = number(json, context);
      if (json.nextToken() != JsonToken.END_ARRAY) {
        context.reportInputMismatch(Estimate.class, EXPECTED + ", got a fourth value");
      }
      try {
        return Estimate.of(value, low, high);
      } catch (IllegalArgumentException e) {
        return context.reportInputMismatch(Estimate.class, e.getMessage());
      }
    }

    private static double number(JsonParser json, DeserializationContext context)
        throws IOException {
      if (!json.currentToken().isNumeric()) {
        context.reportInputMismatch(Estimate.class, EXPECTED + ", got '" + json.getText() + "'");
      }
      return json.getDoubleValue();
    }

    @Override
    public Estimate getNullValue(DeserializationContext context) {
      return Estimate.NONE;
    }
  }
}
