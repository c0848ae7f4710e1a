package dev.loupe.text;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.files.AtomicFile;
import dev.loupe.files.Json;
import dev.loupe.tensor.SeededRandom;
import java.nio.file.Path;
import java.util.List;

/** A corpus that is read in no time: documents of common words, half of them held out. */
public final class SmallCorpus {
  private static final List<String> CATEGORIES = List.of("water", "house", "light", "animal");
  private static final List<String> WORDS =
      List.of(
          "the", "river", "was", "cold", "and", "a", "man", "went", "down", "to", "it", "with",
          "his", "dog", "because", "night", "had", "come", "over", "all", "of", "them", "again",
          "she", "said", "that", "there", "were", "no", "more", "fires", "in", "town");

  private SmallCorpus() {}

  /** Writes so many documents of 30 to 120 words, with a category each; gives the file. */
  public static Path write(Path file, int documents) {
    SeededRandom random = new SeededRandom(5, "small corpus");
    StringBuilder lines = new StringBuilder();
    for (int document = 0; document < documents; document++) {
      int category = random.below(document * 1_000L, CATEGORIES.size());
      StringBuilder text = new StringBuilder();
      int words = 30 + random.below(document * 1_000L + 1, 90);
      for (int word = 0; word < words; word++) {
        int drawn = random.below(document * 1_000L + 2 + word, WORDS.size() + 4);
        String next = drawn < WORDS.size() ? WORDS.get(drawn) : CATEGORIES.get(category);
        text.append(word == 0 ? "" : word % 11 == 10 ? ". " : " ").append(next);
      }
      ObjectNode json = Json.mapper().createObjectNode().put("text", text.toString());
      json.putObject("meta")
          .put("category", CATEGORIES.get(category))
          .put("split", document % 2 == 0 ? "train" : "held-out");
      lines.append(json).append('\n');
    }
    AtomicFile.writeText(file, lines.toString());
    return file;
  }
}
