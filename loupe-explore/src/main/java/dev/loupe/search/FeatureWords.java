package dev.loupe.search;

import dev.loupe.store.TokenColumns;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A feature in words: what a machine says of it, the tokens it fires on, then its logits. */
final class FeatureWords {
  private static final int LOGITS = 8; // the first few tell most

  private FeatureWords() {}

  /** The words with what is said of the feature, if anything is, before them. */
  static String of(TokenColumns columns, int feature, @Nullable String said) {
    String words = of(columns, feature);
    return said == null ? words : words.isEmpty() ? said : said + ". " + words;
  }

  /** The words, between commas; blank for a feature that never fired or has no words. */
  static String of(TokenColumns columns, int feature) {
    int first = feature * TokenColumns.TOKENS;
    if (columns.tokens()[first] < 0) {
      return "";
    }
    Map<String, String> words = new LinkedHashMap<>();
    for (int rank = 0; rank < TokenColumns.TOKENS; rank++) {
      add(words, columns, columns.tokens()[first + rank]);
    }
    for (int rank = 0; rank < LOGITS; rank++) {
      add(words, columns, columns.top()[feature * TokenColumns.LOGITS + rank]);
    }
    return String.join(", ", words.values());
  }

  /** Adds a token that has a letter or digit, once whatever its case. */
  private static void add(Map<String, String> words, TokenColumns columns, int id) {
    String word = columns.texts().getOrDefault(id, "").strip();
    if (word.codePoints().anyMatch(Character::isLetterOrDigit)) {
      words.putIfAbsent(word.toLowerCase(Locale.ROOT), word);
    }
  }
}
