package dev.loupe.search;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * What is looked for: words, {@code "exact phrases"} and {@code /regular expressions/}, all of
 * which a feature must have somewhere. Case does not matter but in phrases.
 *
 * @param terms at least one
 */
public record Query(List<Term> terms) {
  static final int LONGEST = 400;
  private static final int MOST_TERMS = 12;
  private static final Pattern PARTS =
      Pattern.compile("\"([^\"]*)\"|/((?:[^/\\\\]|\\\\.)+)/|(\\S+)");

  /** One thing that is looked for. */
  public record Term(Pattern pattern) {
    /** Where it is in a text, first and after the last character, in code points. */
    Optional<int[]> find(String text, Deadline deadline) {
      Matcher matcher = pattern.matcher(deadline.over(text));
      return matcher.find()
          ? Optional.of(
              new int[] {
                text.codePointCount(0, matcher.start()), text.codePointCount(0, matcher.end())
              })
          : Optional.empty();
    }
  }

  public Query {
    terms = List.copyOf(terms);
  }

  /** IllegalArgumentException for nothing, too much, or a wrong regular expression. */
  public static Query parse(String text) {
    if (text.length() > LONGEST) {
      throw new IllegalArgumentException(
          "expected a query of at most %d characters, got %d".formatted(LONGEST, text.length()));
    }
    List<Term> terms = new ArrayList<>();
    Matcher parts = PARTS.matcher(text);
    while (parts.find()) {
      if (parts.group(1) != null && !parts.group(1).isEmpty()) {
        terms.add(new Term(Pattern.compile(Pattern.quote(parts.group(1)))));
      } else if (parts.group(2) != null) {
        terms.add(new Term(regex(parts.group(2))));
      } else if (parts.group(3) != null) {
        terms.add(
            new Term(
                Pattern.compile(
                    Pattern.quote(parts.group(3)),
                    Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE)));
      }
    }
    if (terms.isEmpty() || terms.size() > MOST_TERMS) {
      throw new IllegalArgumentException(
          "expected 1 to %d words, \"phrases\" or /expressions/, got %d"
              .formatted(MOST_TERMS, terms.size()));
    }
    return new Query(terms);
  }

  private static Pattern regex(String text) {
    try {
      return Pattern.compile(text, Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "expected a regular expression, got /%s/: %s at character %d"
              .formatted(text, e.getDescription(), e.getIndex()),
          e);
    }
  }
}
