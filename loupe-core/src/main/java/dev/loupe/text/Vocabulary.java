package dev.loupe.text;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The names of all ids, read from tokenizer.json. What the native tokenizer does not tell: how many
 * ids there are, and which id a name has.
 */
final class Vocabulary {
  private static final ObjectReader PARTS =
      Json.MAPPER.reader().without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  private static final String WORD_START = "\u2581";

  private final Map<String, Integer> ids = new HashMap<>();
  private boolean byteLevel;

  private Vocabulary() {}

  static Vocabulary parse(byte[] tokenizerJson, Path file) {
    Vocabulary vocabulary = new Vocabulary();
    try (JsonParser parser = Json.MAPPER.createParser(tokenizerJson)) {
      vocabulary.readTop(parser);
    } catch (IOException e) {
      throw new CorpusException(
          "expected a Hugging Face tokenizer.json, got %s in %s".formatted(e.getMessage(), file),
          e);
    }
    if (vocabulary.ids.isEmpty()) {
      throw new CorpusException(
          "expected a vocabulary under model.vocab, got none in %s; is it a Hugging Face"
                  .formatted(file)
              + " tokenizer.json?");
    }
    return vocabulary;
  }

  /** Largest id + 1. */
  int size() {
    return ids.values().stream().mapToInt(Integer::intValue).max().orElse(-1) + 1;
  }

  Optional<Integer> id(String name) {
    return Optional.ofNullable(ids.get(name));
  }

  /**
   * For each id the text that the decoder cannot give from the id alone, else empty: decoders of
   * SentencePiece vocabularies drop the space at the start.
   */
  String[] pieces() {
    String[] pieces = new String[size()];
    Arrays.fill(pieces, "");
    if (!byteLevel) {
      ids.forEach((name, id) ->
          pieces[id] = name.contains(WORD_START) ? name.replace(WORD_START, " ") : "");
    }
    return pieces;
  }

  private void readTop(JsonParser parser) throws IOException {
    parser.nextToken();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String field = parser.currentName();
      parser.nextToken();
      switch (field) {
        case "added_tokens" -> addTokens(PARTS.readTree(parser));
        case "decoder" -> byteLevel = PARTS.readTree(parser).toString().contains("\"ByteLevel\"");
        case "model" -> readModel(parser);
        default -> parser.skipChildren(); // merges are large and not needed
      }
    }
  }

  private void readModel(JsonParser parser) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      boolean vocab = parser.currentName().equals("vocab");
      parser.nextToken();
      if (vocab) {
        addVocabulary(PARTS.readTree(parser));
      } else {
        parser.skipChildren();
      }
    }
  }

  private void addTokens(JsonNode tokens) {
    tokens.forEach(token -> ids.put(token.path("content").asText(), token.path("id").asInt()));
  }

  private void addVocabulary(JsonNode vocab) {
    if (vocab.isArray()) { // Unigram: [[piece, score], ...], the id is the position
      for (int id = 0; id < vocab.size(); id++) {
        ids.put(vocab.get(id).path(0).asText(), id);
      }
    } else {
      vocab.properties().forEach(entry -> ids.put(entry.getKey(), entry.getValue().asInt()));
    }
  }
}
