package dev.loupe.geometry;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.loupe.analyze.NearestDirections;
import dev.loupe.dictionary.DictionaryName;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much of a dictionary comes back when only the seed is another.
 *
 * @param forward maximum cosines of the first one's features towards the second
 * @param backward of the second one's towards the first
 * @param matched cosines of pairs, matched one to one, always the nearest pair of those still free
 * @param unmatched live features without a partner, of the larger dictionary
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record Stability(
    DictionaryName first,
    DictionaryName second,
    Distribution forward,
    Distribution backward,
    Distribution matched,
    int unmatched) {
  private static final Pattern SEED = Pattern.compile("(.*?)\\.?s\\d+");

  static Stability of(Directions first, Directions second) {
    float[] pairs = GreedyMatching.of(first.unit(), second.unit()).pairs();
    return new Stability(
        first.name(),
        second.name(),
        Distribution.of(NearestDirections.of(first.unit(), second.unit(), 1, false).maxima()),
        Distribution.of(NearestDirections.of(second.unit(), first.unit(), 1, false).maxima()),
        Distribution.of(pairs),
        Math.max(first.size(), second.size()) - pairs.length);
  }

  /** Whether two names differ in the seed alone: {@code L2R-8x-s0} and {@code L2R-8x-s1}. */
  static boolean differInSeed(DictionaryName a, DictionaryName b) {
    Matcher of = SEED.matcher(a.variant());
    Matcher with = SEED.matcher(b.variant());
    return !a.equals(b)
        && a.layer() == b.layer()
        && a.site() == b.site()
        && a.expansion() == b.expansion()
        && of.matches()
        && with.matches()
        && of.group(1).equals(with.group(1));
  }

  /** Pairs that differ in the seed alone, in the order of the names. */
  static List<List<DictionaryName>> pairs(List<DictionaryName> names) {
    List<List<DictionaryName>> pairs = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      for (DictionaryName other : names.subList(i + 1, names.size())) {
        if (differInSeed(names.get(i), other)) {
          pairs.add(List.of(names.get(i), other));
        }
      }
    }
    return pairs;
  }
}
