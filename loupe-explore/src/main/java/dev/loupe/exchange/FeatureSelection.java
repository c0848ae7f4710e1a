package dev.loupe.exchange;

import dev.loupe.files.Excerpt;
import dev.loupe.kernel.Range;
import java.util.BitSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Some features of a dictionary, ascending.
 *
 * @param numbers each once
 */
public record FeatureSelection(List<Integer> numbers) {
  private static final Pattern PART = Pattern.compile("(\\d{1,9})(?:-(\\d{1,9}))?");

  public FeatureSelection {
    numbers = List.copyOf(numbers);
  }

  /** All of a dictionary's features. */
  public static FeatureSelection all(int features) {
    BitSet numbers = new BitSet();
    numbers.set(0, features);
    return of(numbers);
  }

  /**
   * Reads numbers and ranges, both ends included, such as {@code 0-99,417}.
   *
   * @param features of the dictionary
   * @throws IllegalArgumentException for a text that is none, or a feature that it lacks
   */
  public static FeatureSelection parse(String text, int features) {
    BitSet numbers = new BitSet();
    for (String part : text.split(",", -1)) {
      Matcher matcher = PART.matcher(part.strip());
      if (!matcher.matches()) {
        throw wrong("features such as 0-99,417", "'" + part + "'", text);
      }
      int first = Integer.parseInt(matcher.group(1));
      int last = matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2));
      if (last < first) {
        throw wrong("a range from low to high", "'" + part + "'", text);
      }
      if (last >= features) {
        throw wrong("features from 0 to " + (features - 1), "" + last, text);
      }
      numbers.set(first, last + 1);
    }
    return of(numbers);
  }

  private static IllegalArgumentException wrong(String expected, String got, String text) {
    return new IllegalArgumentException(
        Excerpt.of("expected %s, got %s in '%s'".formatted(expected, got, text)));
  }

  private static FeatureSelection of(BitSet numbers) {
    return new FeatureSelection(numbers.stream().boxed().toList());
  }

  int size() {
    return numbers.size();
  }

  /** In parts of at most so many. */
  List<List<Integer>> parts(int most) {
    return Range.split(numbers.size(), most).stream()
        .map(range -> numbers.subList(range.from(), range.to()))
        .toList();
  }
}
