package dev.loupe.notes;

import dev.loupe.dictionary.FeatureName;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * What somebody has to say about a feature, before it has a number. IllegalArgumentException for
 * what is out of bounds.
 *
 * @param author who says it: 1 to {@value #MAX_AUTHOR} code points
 * @param text of an explanation or note, 1 to {@value #MAX_TEXT} code points without control
 *     characters but newline and tab; a tag, 1 to 64 letters, digits, spaces and {@code . _ -} that
 *     begins with a letter or digit; empty for other kinds
 * @param of the entry that an undo undoes; empty for other kinds
 */
public record NewEntry(
    String author, FeatureName feature, EntryKind kind, String text, OptionalLong of) {
  public static final int MAX_TEXT = 10_000;
  public static final int MAX_AUTHOR = 100;

  private static final Pattern TAG = Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N} ._-]{0,63}");

  public NewEntry {
    checkWords("an author", author, MAX_AUTHOR);
    checkLine("an author", author);
    checkText(kind, text);
    if (of.isPresent() != (kind == EntryKind.UNDO)) {
      throw new IllegalArgumentException(
          kind == EntryKind.UNDO
              ? "expected the number of the entry to undo, got none"
              : "expected an entry to undo for the kind undo only, got one for " + kind.label());
    }
  }

  public static NewEntry explanation(String author, FeatureName feature, String text) {
    return new NewEntry(author, feature, EntryKind.EXPLANATION, text, OptionalLong.empty());
  }

  public static NewEntry note(String author, FeatureName feature, String text) {
    return new NewEntry(author, feature, EntryKind.NOTE, text, OptionalLong.empty());
  }

  public static NewEntry tag(String author, FeatureName feature, String tag) {
    return new NewEntry(author, feature, EntryKind.TAG, tag, OptionalLong.empty());
  }

  public static NewEntry untag(String author, FeatureName feature, String tag) {
    return new NewEntry(author, feature, EntryKind.UNTAG, tag, OptionalLong.empty());
  }

  public static NewEntry bookmark(String author, FeatureName feature) {
    return new NewEntry(author, feature, EntryKind.BOOKMARK, "", OptionalLong.empty());
  }

  public static NewEntry unbookmark(String author, FeatureName feature) {
    return new NewEntry(author, feature, EntryKind.UNBOOKMARK, "", OptionalLong.empty());
  }

  /**
   * Undoes.
   *
   * @param id of the entry to undo, or of the undo to undo
   */
  public static NewEntry undo(String author, FeatureName feature, long id) {
    return new NewEntry(author, feature, EntryKind.UNDO, "", OptionalLong.of(id));
  }

  private static void checkText(EntryKind kind, String text) {
    switch (kind) {
      case EXPLANATION, NOTE -> checkWords("a text", text, MAX_TEXT);
      case TAG, UNTAG -> {
        if (!TAG.matcher(text).matches()) {
          throw new IllegalArgumentException(
              "expected a tag of 1 to 64 letters, digits, spaces and '.', '_', '-', a letter or"
                  + " digit first, got '"
                  + shortened(text)
                  + "'");
        }
      }
      case BOOKMARK, UNBOOKMARK, UNDO -> {
        if (!text.isEmpty()) {
          throw new IllegalArgumentException(
              "expected no text for %s, got '%s'".formatted(kind.label(), shortened(text)));
        }
      }
    }
  }

  private static void checkWords(String what, String text, int most) {
    int length = text.codePointCount(0, text.length());
    if (length > most || text.isBlank()) {
      throw new IllegalArgumentException(
          "expected %s of 1 to %,d characters, got %s"
              .formatted(what, most, text.isBlank() ? "a blank one" : "%,d".formatted(length)));
    }
    text.codePoints()
        .filter(NewEntry::isRefused)
        .findFirst()
        .ifPresent(character -> {
          throw new IllegalArgumentException(
              "expected %s without control characters but newline and tab, got U+%04X"
                  .formatted(what, character));
        });
  }

  private static void checkLine(String what, String text) {
    if (text.indexOf('\n') >= 0 || text.indexOf('\t') >= 0) {
      throw new IllegalArgumentException("expected " + what + " of one line, got a newline or tab");
    }
  }

  /** Also half a pair of surrogates, which no file in UTF-8 can hold. */
  private static boolean isRefused(int character) {
    return (Character.isISOControl(character) && character != '\n' && character != '\t')
        || Character.getType(character) == Character.SURROGATE;
  }

  private static String shortened(String text) {
    return text.length() > 80 ? text.substring(0, 80) + "…" : text;
  }
}
