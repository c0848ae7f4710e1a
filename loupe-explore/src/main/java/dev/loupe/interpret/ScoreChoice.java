package dev.loupe.interpret;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Which of the examples to test on a judge is shown: 30 on which the feature fires, of all
 * strengths alike, and 10 of each kind on which it does not.
 */
final class ScoreChoice {
  private static final int ACTIVE = 30;
  private static final int OF_EACH_KIND = 10;

  private ScoreChoice() {}

  static List<Example> of(ExampleSets sets) {
    List<Example> chosen = new ArrayList<>(inTurn(strata(sets, true), ACTIVE));
    strata(sets, false).values().forEach(kind -> chosen.addAll(first(kind, OF_EACH_KIND)));
    return chosen;
  }

  private static Map<String, List<Example>> strata(ExampleSets sets, boolean active) {
    return sets.score().stream()
        .filter(example -> example.active() == active)
        .collect(Collectors.groupingBy(Example::stratum, TreeMap::new, Collectors.toList()));
  }

  /** One of each stratum, then a second of each, and so on. */
  private static List<Example> inTurn(Map<String, List<Example>> strata, int most) {
    List<Iterator<Example>> left =
        new ArrayList<>(strata.values().stream().map(List::iterator).toList());
    List<Example> chosen = new ArrayList<>();
    while (chosen.size() < most && !left.isEmpty()) {
      left.removeIf(stratum -> !stratum.hasNext());
      left.stream().limit(most - chosen.size()).map(Iterator::next).forEach(chosen::add);
    }
    return chosen;
  }

  private static List<Example> first(List<Example> kind, int most) {
    return kind.subList(0, Math.min(most, kind.size()));
  }
}
