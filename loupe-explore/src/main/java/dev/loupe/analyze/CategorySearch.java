package dev.loupe.analyze;

import dev.loupe.store.FeatureRow;
import dev.loupe.store.StoreSummary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How well candidates (features, directions, neurons) tell the categories of documents by a
 * threshold on the document's score. Sign and threshold are chosen for the largest F1 on one half of
 * the documents, and scored on the other. A threshold always parts the choosing documents. Immutable,
 * for any thread.
 */
final class CategorySearch {
  /** Name of the contexts that scores are of, in the files of codes. */
  static final String CONTEXTS = "floors.contexts";

  private final CategoryDocuments documents;
  private final int[] choosing; // documents of each category in the choosing half
  private final int[] scoring; // and in the other
  private final int choosingCount;

  CategorySearch(CategoryDocuments documents) {
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
  record Scores(int[] documents, float[] values) {}

  /**
   * A rule for a category: documents with a score above the threshold (sign 1) or not above it (sign
   * −1).
   *
   * @param f1 on the choosing half; 0 for a rule that finds nothing
   */
  record Rule(int sign, float threshold, double f1) {
    static final Rule NONE = new Rule(1, Float.POSITIVE_INFINITY, 0);
  }

  /** The best rule of a candidate for each category, by F1 on the choosing half. */
  Rule[] choose(Scores scores) {
    int[] listed = highestFirst(scores);
    Sweep sweep = new Sweep(documents.names().size());
    int from = 0;
    while (from < listed.length) {
      float value = scores.values[listed[from]];
      int to = from;
      while (to < listed.length && scores.values[listed[to]] == value) {
        to++;
      }
      float above = from == 0 ? Float.POSITIVE_INFINITY : scores.values[listed[from - 1]];
      float below = to < listed.length ? scores.values[listed[to]] : Math.min(value, 0);
      sweep.group(listed, from, to, scores, middle(value, above), middle(below, value));
      from = to;
    }
    if (listed.length > 0 && listed.length < choosingCount) {
      sweep.end(listed.length, middle(0, scores.values[listed[listed.length - 1]]));
    }
    return sweep.best;
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

  /** Documents added from the highest score down. */
  private final class Sweep {
    private final int[] found; // of each category above the threshold
    private final Rule[] best;

    Sweep(int categories) {
      found = new int[categories];
      best = new Rule[categories];
      Arrays.fill(best, Rule.NONE);
    }

    /** Adds a group of equal scores: the thresholds are those before it and after it. */
    void group(int[] listed, int from, int to, Scores scores, float before, float after) {
      for (int i = from; i < to && from > 0; i++) {
        consider(category(scores, listed[i]), from, -1, before);
      }
      for (int i = from; i < to; i++) {
        int category = category(scores, listed[i]);
        if (category >= 0) {
          found[category]++;
        }
      }
      for (int i = from; i < to && to < choosingCount; i++) {
        consider(category(scores, listed[i]), to, 1, after);
      }
    }

    private int category(Scores scores, int i) {
      return documents.categories()[scores.documents[i]];
    }

    /** After the last: all others are below. */
    void end(int above, float threshold) {
      for (int category = 0; category < found.length; category++) {
        consider(category, above, -1, threshold);
      }
    }

    private void consider(int category, int above, int sign, float threshold) {
      if (category < 0) {
        return;
      }
      int positives = choosing[category];
      int hits = sign > 0 ? found[category] : positives - found[category];
      int predicted = sign > 0 ? above : choosingCount - above;
      double f1 = 2.0 * hits / (predicted + positives);
      if (f1 > best[category].f1) {
        best[category] = new Rule(sign, threshold, f1);
      }
    }
  }

  /**
   * The F1 of a rule on the scoring half. F1 = 2J / (1 + J) grows with J, the share of hits among
   * hits, misses and false alarms, whose Wilson interval gives the interval.
   */
  FeatureRow.Interval score(int category, Rule rule, Scores scores) {
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
    private final FeatureRow.Interval[] scores;
    private int offered;

    Best(String among) {
      this.among = among;
      int n = documents.names().size();
      rules = new Rule[n];
      Arrays.fill(rules, Rule.NONE);
      candidates = new int[n];
      scores = new FeatureRow.Interval[n];
      Arrays.fill(scores, new FeatureRow.Interval(0, 0, 0));
    }

    /** Takes a candidate where its rule is better on the choosing half; of equals the first. */
    void offer(int candidate, Rule[] chosen, Scores scored) {
      offered++;
      for (int category = 0; category < rules.length; category++) {
        if (chosen[category].f1 > rules[category].f1) {
          rules[category] = chosen[category];
          candidates[category] = candidate;
          scores[category] = score(category, chosen[category], scored);
        }
      }
    }

    /** Takes over what another has found among later candidates. */
    void merge(Best later) {
      offered += later.offered;
      for (int category = 0; category < rules.length; category++) {
        if (later.rules[category].f1 > rules[category].f1) {
          rules[category] = later.rules[category];
          candidates[category] = later.candidates[category];
          scores[category] = later.scores[category];
        }
      }
    }

    StoreSummary.Search summary() {
      List<StoreSummary.Best> best = new ArrayList<>();
      double sum = 0;
      int above = 0;
      for (int category = 0; category < rules.length; category++) {
        FeatureRow.Interval f1 = scores[category];
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
