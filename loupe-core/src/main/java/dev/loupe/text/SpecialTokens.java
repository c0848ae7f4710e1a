package dev.loupe.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The begin-of-text and end-of-text ids of a model: the union of {@code bos_token_id} and {@code
 * eos_token_id} (a number or a list) in config.json and generation_config.json, and of {@code
 * bos_token} and {@code eos_token} (a string or an object with {@code content}) in
 * tokenizer_config.json. None of them is ever a counted token.
 *
 * @param begin begin ids in the order found; the first is the one that documents start with
 * @param end end ids in the order found
 */
public record SpecialTokens(List<Integer> begin, List<Integer> end) {
  /** Copies the lists. */
  public SpecialTokens {
    begin = List.copyOf(begin);
    end = List.copyOf(end);
  }

  /** The id that every context starts with; CorpusException where the configuration lists none. */
  public int documentStart() {
    if (begin.isEmpty()) {
      throw new CorpusException(
          "expected a begin-of-text id, got none: neither bos_token_id in config.json nor bos_token"
              + " in tokenizer_config.json is set; add bos_token_id to config.json");
    }
    return begin.getFirst();
  }

  /** Whether {@code id} is a begin or an end id. */
  public boolean contains(int id) {
    return isOneOf(begin, id) || isOneOf(end, id);
  }

  /**
   * Reads the three configuration files of a model directory; files that are missing add nothing.
   */
  static SpecialTokens read(Path modelDirectory, Vocabulary vocabulary) {
    Set<Integer> begin = new LinkedHashSet<>();
    Set<Integer> end = new LinkedHashSet<>();
    for (String name : List.of("config.json", "generation_config.json")) {
      JsonNode config = Json.readIfPresent(modelDirectory.resolve(name));
      begin.addAll(ids(config.path("bos_token_id"), modelDirectory.resolve(name)));
      end.addAll(ids(config.path("eos_token_id"), modelDirectory.resolve(name)));
    }
    JsonNode names = Json.readIfPresent(modelDirectory.resolve("tokenizer_config.json"));
    vocabulary.id(name(names.path("bos_token"))).ifPresent(begin::add);
    vocabulary.id(name(names.path("eos_token"))).ifPresent(end::add);
    return new SpecialTokens(List.copyOf(begin), List.copyOf(end));
  }

  private static boolean isOneOf(List<Integer> ids, int id) {
    for (int each : ids) {
      if (each == id) {
        return true;
      }
    }
    return false;
  }

  private static List<Integer> ids(JsonNode node, Path file) {
    List<Integer> ids = new ArrayList<>();
    if (node.isArray()) {
      node.forEach(each -> ids.addAll(ids(each, file)));
    } else if (node.isInt() && node.intValue() >= 0) {
      ids.add(node.intValue());
    } else if (!node.isMissingNode() && !node.isNull()) {
      throw new CorpusException(
          "expected a token id or a list of them in bos_token_id and eos_token_id, got %s in %s"
              .formatted(node, file));
    }
    return ids;
  }

  private static String name(JsonNode node) {
    return node.isObject() ? node.path("content").asText() : node.asText();
  }
}
