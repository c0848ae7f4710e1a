package dev.loupe.judge;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.files.Json;

/**
 * What an answer should look like. Endpoints that can are held to it; to the others the question's
 * own words must say it.
 *
 * @param name of {@code [a-z_]}
 * @param schema a JSON schema of an object, as text
 */
public record AnswerShape(String name, String schema) {
  public AnswerShape {
    if (!name.matches("[a-z_]{1,64}")) {
      throw new IllegalArgumentException(
          "expected a name of a-z and _ for the shape of an answer, got '" + name + "'");
    }
    parse(schema);
  }

  /** The schema as a new tree. */
  ObjectNode tree() {
    return parse(schema);
  }

  private static ObjectNode parse(String schema) {
    try {
      JsonNode tree = Json.mapper().readTree(schema);
      if (tree instanceof ObjectNode object) {
        return object;
      }
      throw new IllegalArgumentException("expected a JSON schema, got " + tree.getNodeType());
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "expected a JSON schema, got: " + e.getOriginalMessage(), e);
    }
  }
}
