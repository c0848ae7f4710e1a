package dev.loupe.analyze;

import dev.loupe.store.FeatureRow;
import dev.loupe.store.StoreSummary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How well candidates (features, directions, neurons) tell the categories of documents by a
 * threshold on the document's score. Sign and threshold are chosen for the largest F1 on one half
 * of the documents, and scored on the other. A threshold always parts the choosing documents.
 * Immutable, for any thread.
 */
public final class CategorySearch {
  /** Name of the contexts that scores are of, in the files of codes. */
  static final String CONTEXTS = "floors.contexts";

  private final CategoryDocuments documents;
  private final int[] choosing; // documents of each category in the choosing half
  private final int[] scoring; // and in the other
  private final int choosingCount;

  public CategorySearch(CategoryDocuments documents) {
    this.documents = documents;
    this.choosing = documents.counts(false);
    this.scoring = documents.counts(true);
    int count = 0;
    for (boolean scores : documents.scores()) {
      count += scores ? 0 : 1;
    }
    this.choosingCount = count;
  }

  /**
   * A candidate's scores.
   *
   * @param documents those listed; all others have the score 0
   * @param values of these
   */
  @SuppressWarnings("ArrayRecordComponent") // a plain carrier of columns; never compared
  public record Scores(int[] documents, float[] values) {}

  /**
   * A rule for a category: documents with a score above the threshold (sign 1) or not above it
   * (sign −1).
   *
   * @param f1 on the choosing half; 0 for a rule that finds nothing
   */
  public record Rule(int sign, float threshold, double f1) {
    static final Rule NONE = new Rule(1, Float.POSITIVE_INFINITY, 0);
  }

  /** The best rule of a candidate for each category, by F1 on the choosing half. */
  public Rule[] choose(Scores scores) {
    int[] listed = highestFirst(scores);
    Sweep sweep = new Sweep(scores, listed);
    int from = 0;
    while (from < listed.length) {
      int to = from + 1;
      while (to < listed.length && scores.values[listed[to]] == scores.values[listed[from]]) {
        to++;
      }
      sweep.group(from, to);
      from = to;
    }
    return sweep.rules();
  }

  /** The listed choosing documents by their scores, as indices; of equals the first. */
  private int[] highestFirst(Scores scores) {
    long[] keys = new long[scores.documents.length];
    int n = 0;
    for (int i = 0; i < keys.length; i++) {
      if (!documents.scores()[scores.documents[i]]) {
        keys[n++] = Pool.largestFirst(scores.values[i], (long) i << 32);
      }
    }
    Arrays.sort(keys, 0, n);
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      order[i] = (int) keys[i];
    }
    return order;
  }

  /** Between two scores, at least the lower and less than the higher one. */
  private static float middle(float low, float high) {
    float middle = low + (high - low) / 2;
    return middle < high ? middle : low;
  }

  /** Documents added from the highest score down; a cut is how many are above a threshold. */
  private final class Sweep {
    private final Scores scores;
    private final int[] listed; // indices into the scores
    private final int[] found; // of each category above the threshold
    private final double[] best; // F1 of each category
    private final int[] cuts; // of the best rule
    private final boolean[] below; // whether the best rule takes those below

    Sweep(Scores scores, int[] listed) {
      this.scores = scores;
      this.listed = listed;
      int categories = choosing.length;
      found = new int[categories];
      best = new double[categories];
      cuts = new int[categories];
      below = new boolean[categories];
    }

    /** Adds a group of equal scores: the only cuts worth a look are those before and after it. */
    void group(int from, int to) {
      for (int i = from; i < to && from > 0; i++) {
        int category = category(i);
        if (category >= 0) {
          consider(category, from, true);
        }
      }
      for (int i = from; i < to; i++) {
        int category = category(i);
        if (category >= 0) {
          found[category]++;
        }
      }
      for (int i = from; i < to && to < choosingCount; i++) {
        int category = category(i);
        if (category >= 0) {
          consider(category, to, false);
        }
      }
    }

    private int category(int i) {
      return documents.categories()[scores.documents[listed[i]]];
    }

    private void consider(int category, int cut, boolean takesBelow) {
      int positives = choosing[category];
      int hits = takesBelow ? positives - found[category] : found[category];
      int predicted = takesBelow ? choosingCount - cut : cut;
      if (2.0 * hits > best[category] * (predicted + positives)) { // no division in vain
        best[category] = 2.0 * hits / (predicted + positives);
        cuts[category] = cut;
        below[category] = takesBelow;
      }
    }

    Rule[] rules() {
      Rule[] rules = new Rule[found.length];
      for (int category = 0; category < rules.length; category++) {
        if (listed.length > 0 && listed.length < choosingCount) {
          consider(category, listed.length, true); // all that are silent
        }
        rules[category] = best[category] == 0 ? Rule.NONE : rule(category);
      }
      return rules;
    }

    private Rule rule(int category) {
      int cut = cuts[category];
      float above = scores.values[listed[cut - 1]];
      float under = cut < listed.length ? scores.values[listed[cut]] : Math.min(above, 0);
      return new Rule(below[category] ? -1 : 1, middle(under, above), best[category]);
    }
  }

  /**
   * The F1 of a rule on the scoring half. F1 = 2J / (1 + J) grows with J, the share of hits among
   * hits, misses and false alarms, whose Wilson interval gives the interval.
   */
  public FeatureRow.Interval score(int category, Rule rule, Scores scores) {
    int hits = 0;
    int listedAbove = 0;
    for (int i = 0; i < scores.documents.length; i++) {
      int document = scores.documents[i];
      if (documents.scores()[document] && scores.values[i] > rule.threshold) {
        listedAbove++;
        hits += documents.categories()[document] == category ? 1 : 0;
      }
    }
    int positives = scoring[category];
    int predicted = listedAbove;
    if (rule.sign < 0) {
      hits = positives - hits;
      predicted = documents.size() - choosingCount - listedAbove;
    }
    FeatureRow.Interval share = Wilson.interval(hits, predicted + positives - hits);
    return new FeatureRow.Interval(f1(share.value()), f1(share.low()), f1(share.high()));
  }

  private static double f1(double share) {
    return 2 * share / (1 + share);
  }

  /** Documents that choose, and documents that score. */
  int choosingCount() {
    return choosingCount;
  }

  int scoringCount() {
    return documents.size() - choosingCount;
  }

  /** The best of many candidates for each category; candidates are to be offered by number. */
  final class Best {
    private final String among;
    private final Rule[] rules;
    private final int[] candidates;
    private final Scores[] scores; // of the candidates
    private int offered;

    Best(String among) {
      this.among = among;
      int n = documents.names().size();
      rules = new Rule[n];
      Arrays.fill(rules, Rule.NONE);
      candidates = new int[n];
      scores = new Scores[n];
      Arrays.fill(scores, new Scores(new int[0], new float[0]));
    }

    /** Takes a candidate where its rule is better on the choosing half; of equals the first. */
    void offer(int candidate, Rule[] chosen, Scores scored) {
      offered++;
      for (int category = 0; category < rules.length; category++) {
        take(category, candidate, chosen[category], scored);
      }
    }

    /** Takes over what another has found among later candidates. */
    void merge(Best later) {
      offered += later.offered;
      for (int category = 0; category < rules.length; category++) {
        take(category, later.candidates[category], later.rules[category], later.scores[category]);
      }
    }

    private void take(int category, int candidate, Rule rule, Scores scored) {
      if (rule.f1 > rules[category].f1) {
        rules[category] = rule;
        candidates[category] = candidate;
        scores[category] = scored;
      }
    }

    StoreSummary.Search summary() {
      List<StoreSummary.Best> best = new ArrayList<>();
      double sum = 0;
      int above = 0;
      for (int category = 0; category < rules.length; category++) {
        FeatureRow.Interval f1 = score(category, rules[category], scores[category]);
        sum += f1.value();
        above += f1.value() > 0.5 ? 1 : 0;
        best.add(
            new StoreSummary.Best(
                documents.names().get(category),
                scoring[category],
                candidates[category],
                rules[category].sign,
                rules[category].threshold,
                f1.value(),
                f1.low(),
                f1.high()));
      }
      return new StoreSummary.Search(among, offered, sum / rules.length, above, best);
    }
  }
}
