package dev.loupe.judge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.files.Json;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What came of a question.
 *
 * @param outcome how it ended
 * @param text what the judge wrote; empty where it wrote nothing
 * @param key of the file that keeps question and answer, see {@link AnswerCache}
 */
public record Answer(Outcome outcome, String text, String key) {
  /**
   * The JSON object in the text, with what can be read of one that is cut short: whole entries of
   * its lists.
   */
  public Optional<ObjectNode> json() {
    return LenientJson.find(text);
  }

  /**
   * The objects of a list of the answer by their number {@code id}. One that is missing, was not
   * asked for, or is there twice, is not there.
   *
   * @param list key of the list in the answer
   * @param asked the ids
   */
  public Map<Integer, ObjectNode> items(String list, Set<Integer> asked) {
    Map<Integer, ObjectNode> items = new TreeMap<>();
    Set<Integer> seen = new TreeSet<>();
    for (JsonNode item : json().map(object -> object.path(list)).orElse(none())) {
      int id = id(item.path("id"));
      if (item instanceof ObjectNode object && asked.contains(id)) {
        if (seen.add(id)) {
          items.put(id, object);
        } else {
          items.remove(id);
        }
      }
    }
    return items;
  }

  private static JsonNode none() {
    return Json.mapper().missingNode();
  }

  /** Some judges write numbers as text. */
  private static int id(JsonNode id) {
    if (id.isTextual()) {
      return id.textValue().matches("\\d{1,9}") ? Integer.parseInt(id.textValue()) : -1;
    }
    return id.isIntegralNumber() && id.canConvertToInt() ? id.intValue() : -1;
  }
}
