package dev.loupe.interpret;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What rules themselves predict: a passage is said to be active where one of them holds of a token.
 * Balanced accuracy, with precision and recall among the strata: of the examples, of which more are
 * active than of the corpus, and in the corpus, see {@link CorpusWindows}.
 */
public final class RuleScorer implements Scorer {
  static final String MEASURE = "balanced_accuracy";

  private final CorpusWindows corpus;

  /**
   * A scorer for one store.
   *
   * @param corpus its windows
   */
  public RuleScorer(CorpusWindows corpus) {
    this.corpus = corpus;
  }

  @Override
  public String name() {
    return "rule";
  }

  @Override
  public boolean tests(Explanation explanation) {
    return explanation.rules().isPresent();
  }

  @Override
  public Outcome score(Explanation explanation, ExampleSets sets) {
    List<Rule> rules = Rule.parse(explanation.rules().orElseThrow());
    Map<String, int[]> strata = new TreeMap<>(); // right, all
    int[] positive = new int[2]; // said active, all
    int[] negative = new int[2];
    for (Example example : sets.score()) {
      boolean said = Rule.anyHolds(rules, new Rule.Passage(example.tokens()));
      int[] side = example.active() ? positive : negative;
      side[0] += said ? 1 : 0;
      side[1]++;
      int[] stratum = strata.computeIfAbsent(example.stratum(), _ -> new int[2]);
      stratum[0] += said == example.active() ? 1 : 0;
      stratum[1]++;
    }
    if (positive[1] == 0 || negative[1] == 0) {
      return Outcome.of(Measured.unknown(MEASURE, positive[1], negative[1], 0));
    }
    Interval accuracy =
        Numbers.meanOfShares(positive[0], positive[1], negative[1] - negative[0], negative[1]);
    List<Measured.Stratum> kinds = new ArrayList<>();
    kinds.add(share("precision", positive[0], positive[0] + negative[0]));
    kinds.add(share("recall", positive[0], positive[1]));
    kinds.addAll(corpus.precisionAndRecall(rules, sets));
    strata.forEach((name, right) -> kinds.add(share(name, right[0], right[1])));
    return Outcome.of(new Measured(MEASURE, accuracy.kept(), positive[1], negative[1], 0, kinds));
  }

  private static Measured.Stratum share(String name, int hits, int tries) {
    return new Measured.Stratum(
        name, tries, tries == 0 ? Optional.empty() : Optional.of(hits / (double) tries));
  }
}
