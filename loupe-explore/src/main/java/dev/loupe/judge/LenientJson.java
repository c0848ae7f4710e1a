package dev.loupe.judge;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.files.Json;
import java.io.CharArrayReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/**
 * Finds the JSON object in what a language model wrote: alone, in a fence, after thoughts, or cut
 * short. The last whole object counts, or the first that is not whole if it is longer: its fields
 * that are, and of its lists the entries that are.
 */
final class LenientJson {
  private static final int MAX_CHARACTERS = 1 << 20;
  private static final int MAX_BRACES = 100; // that begin no object

  private final JsonParser parser;
  private boolean broken;

  private LenientJson(JsonParser parser) {
    this.parser = parser;
  }

  static Optional<ObjectNode> find(String text) {
    char[] all = text.substring(0, Math.min(text.length(), MAX_CHARACTERS)).toCharArray();
    Found whole = Found.NOTHING;
    Found part = Found.NOTHING;
    int tries = MAX_BRACES;
    for (int at = brace(text, 0); at >= 0 && at < all.length && tries > 0; ) {
      Found found = read(all, at);
      if (found.whole()) {
        whole = whole.length() == 0 || !found.isEmpty() ? found : whole;
      } else {
        part = part.length() == 0 && !found.isEmpty() ? found : part;
        tries--;
      }
      at = brace(text, at + (found.whole() || !found.isEmpty() ? found.length() : 1));
    }
    return (whole.length() >= part.length() ? whole : part).object();
  }

  /**
   * An object, as far as it goes.
   *
   * @param length in characters, at least 1
   */
  private record Found(Optional<ObjectNode> object, boolean whole, int length) {
    static final Found NOTHING = new Found(Optional.empty(), false, 0);

    boolean isEmpty() {
      return object.map(ObjectNode::isEmpty).orElse(true);
    }
  }

  private static Found read(char[] all, int at) {
    // from a stream, so that the parser counts from 0
    try (JsonParser parser =
        Json.mapper().createParser(new CharArrayReader(all, at, all.length - at))) {
      parser.nextToken();
      LenientJson reader = new LenientJson(parser);
      ObjectNode object = reader.object();
      int length = (int) parser.currentLocation().getCharOffset();
      return new Found(Optional.of(object), !reader.broken, Math.max(1, length));
    } catch (IOException e) {
      throw new UncheckedIOException("could not read characters in memory", e);
    }
  }

  private static int brace(String text, int from) {
    return text.indexOf('{', from);
  }

  /** After the brace that opens it. */
  private ObjectNode object() throws IOException {
    ObjectNode object = Json.mapper().createObjectNode();
    while (next() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      Optional<JsonNode> value = value(next());
      value.ifPresent(found -> object.set(name, found));
    }
    return object;
  }

  private ArrayNode array() throws IOException {
    ArrayNode array = Json.mapper().createArrayNode();
    for (JsonToken token = next(); token != JsonToken.END_ARRAY && !broken; token = next()) {
      Optional<JsonNode> value = value(token);
      if (!broken) {
        value.ifPresent(array::add);
      }
    }
    return array;
  }

  private Optional<JsonNode> value(JsonToken token) throws IOException {
    JsonNodeFactory nodes = Json.mapper().getNodeFactory();
    try {
      return switch (token) {
        case START_OBJECT -> Optional.of(object());
        case START_ARRAY -> Optional.of(array());
        case VALUE_STRING -> Optional.of(nodes.textNode(parser.getText()));
        case VALUE_NUMBER_INT -> Optional.of(nodes.numberNode(parser.getBigIntegerValue()));
        case VALUE_NUMBER_FLOAT -> Optional.of(nodes.numberNode(parser.getDoubleValue()));
        case VALUE_TRUE, VALUE_FALSE -> Optional.of(nodes.booleanNode(parser.getBooleanValue()));
        default -> Optional.empty(); // null is as nothing
      };
    } catch (JsonProcessingException e) { // the value is only read now
      broken = true;
      return Optional.empty();
    }
  }

  /** The next token; NOT_AVAILABLE from where it is no JSON any more. */
  private JsonToken next() throws IOException {
    if (broken) {
      return JsonToken.NOT_AVAILABLE;
    }
    try {
      JsonToken token = parser.nextToken();
      if (token != null) {
        return token;
      }
    } catch (JsonProcessingException e) {
      // as at the end: what came before is kept
    }
    broken = true;
    return JsonToken.NOT_AVAILABLE;
  }
}
