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
        throw new IllegalArgumentException(
            "expected features such as 0-99,417, got '%s' in '%s'"
                .formatted(Excerpt.of(part), Excerpt.of(text)));
      }
      int first = Integer.parseInt(matcher.group(1));
      int last = matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2));
      if (last < first) {
        throw new IllegalArgumentException(
            "expected a range from low to high, got '%s' in '%s'"
                .formatted(Excerpt.of(part), Excerpt.of(text)));
      }
      if (last >= features) {
        throw new IllegalArgumentException(
            "expected features from 0 to %d, got %d in '%s'".formatted(features - 1, last, text));
      }
      numbers.set(first, last + 1);
    }
    return of(numbers);
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
