package dev.loupe.interpret;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.loupe.files.Json;
import dev.loupe.store.SampleText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A simple condition on a token and what stands before it, whatever its case; with others of its
 * kind it says when a feature fires.
 *
 * @param kind what is looked at
 * @param text what it must be; for {@link Kind#SHAPE} the name of a {@link Shape}
 */
public record Rule(Kind kind, String text) {
  /** What a rule looks at. */
  public enum Kind {
    /** The text up to and with the token ends in this: a token, or the last few together. */
    ENDS("On the tokens"),
    /** The text before the token ends in this. */
    AFTER("After the tokens"),
    /** The token begins with this. */
    BEGINS("On tokens that begin with"),
    /** The token is of a {@link Shape}. */
    SHAPE("On"),
    /** The passage has this word anywhere. */
    MENTIONS("In passages with the words");

    private final String words;

    Kind(String words) {
      this.words = words;
    }
  }

  /** Kinds of tokens. */
  public enum Shape {
    NUMBER("numbers") {
      @Override
      boolean is(String token) {
        return !token.isBlank() && token.strip().chars().allMatch(Character::isDigit);
      }
    },
    PUNCTUATION("punctuation") {
      @Override
      boolean is(String token) {
        return !token.isBlank() && token.strip().codePoints().noneMatch(Character::isLetterOrDigit);
      }
    },
    CAPITAL("words with a capital") {
      @Override
      boolean is(String token) {
        return !token.isBlank() && Character.isUpperCase(token.strip().codePointAt(0));
      }
    },
    BREAK("line breaks") {
      @Override
      boolean is(String token) {
        return token.indexOf('\n') >= 0;
      }
    };

    private final String words;

    Shape(String words) {
      this.words = words;
    }

    abstract boolean is(String token);
  }

  public Rule {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("expected a text of a rule, got none");
    }
    if (kind == Kind.SHAPE) {
      Shape.valueOf(text);
    }
  }

  /** A passage made ready for many rules. */
  static final class Passage {
    private final List<String> tokens; // as they are
    private final int[] ends; // of each token in the text
    private final String text; // in lower case

    Passage(List<SampleText.Token> tokens) {
      this.tokens = tokens.stream().map(SampleText.Token::text).toList();
      StringBuilder all = new StringBuilder();
      ends = new int[tokens.size()];
      for (int i = 0; i < ends.length; i++) {
        all.append(lower(this.tokens.get(i)));
        ends[i] = all.length();
      }
      text = all.toString();
    }

    int size() {
      return ends.length;
    }

    String token(int i) {
      return tokens.get(i);
    }

    int start(int i) {
      return i == 0 ? 0 : ends[i - 1];
    }

    int end(int i) {
      return ends[i];
    }

    String text() {
      return text;
    }

    boolean endsAt(int end, String suffix) {
      return end >= suffix.length() && text.startsWith(suffix, end - suffix.length());
    }
  }

  /** Lower case, of the same length. */
  static String lower(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    return lower.length() == text.length() ? lower : text;
  }

  /** Whether it holds of a token; of {@link Kind#MENTIONS} for all tokens or none. */
  boolean holds(Passage passage, int i) {
    return switch (kind) {
      case ENDS -> passage.end(i) > passage.start(i) && passage.endsAt(passage.end(i), text);
      case AFTER -> passage.endsAt(passage.start(i), text);
      case BEGINS -> lower(passage.token(i)).strip().startsWith(text);
      case SHAPE -> Shape.valueOf(text).is(passage.token(i));
      case MENTIONS -> mentions(passage.text(), text);
    };
  }

  /** False only where it holds of no token. */
  private boolean mayHold(Passage passage) {
    return kind == Kind.SHAPE || passage.text().contains(text);
  }

  private static boolean mentions(String text, String word) {
    for (int at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
      int end = at + word.length();
      boolean begins = at == 0 || !Character.isLetter(text.charAt(at - 1));
      if (begins && (end == text.length() || !Character.isLetter(text.charAt(end)))) {
        return true;
      }
    }
    return false;
  }

  /** Whether one of them holds of a token of the passage. */
  static boolean anyHolds(List<Rule> rules, Passage passage) {
    List<Rule> possible = rules.stream().filter(rule -> rule.mayHold(passage)).toList();
    for (int i = 0; i < passage.size(); i++) {
      for (Rule rule : possible) {
        if (rule.holds(passage, i)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Rules in words. */
  static String words(List<Rule> rules) {
    List<String> parts = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      String texts =
          rules.stream()
              .filter(rule -> rule.kind == kind)
              .map(Rule::shown)
              .collect(Collectors.joining(", "));
      if (!texts.isEmpty()) {
        parts.add(kind.words + " " + texts);
      }
    }
    return String.join("; ", parts);
  }

  private String shown() {
    return kind == Kind.SHAPE ? Shape.valueOf(text).words : "“" + text.replace("\n", "↵") + "”";
  }

  /** Rules as text for a file. */
  static String format(List<Rule> rules) {
    try {
      return Json.mapper().writeValueAsString(rules);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("rules that are no JSON", e);
    }
  }

  /** Reads what {@link #format} wrote; IllegalArgumentException for anything else. */
  static List<Rule> parse(String text) {
    try {
      return Json.mapper().readValue(text, new TypeReference<List<Rule>>() {});
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("expected rules, got: " + e.getOriginalMessage(), e);
    }
  }
}
