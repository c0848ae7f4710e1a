package dev.loupe.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * One text of a corpus.
 *
 * @param reference where it stands
 * @param text the whole text, not cut
 * @param metadata all other fields of its row; empty where there are none
 */
public record Document(DocumentReference reference, String text, ObjectNode metadata) {
  /** Its {@code category}, or else {@code meta.category}; empty where it has none. */
  public String category() {
    JsonNode own = metadata.path("category");
    JsonNode category = own.isTextual() ? own : metadata.path("meta").path("category");
    return category.isTextual() ? category.textValue() : "";
  }
}
