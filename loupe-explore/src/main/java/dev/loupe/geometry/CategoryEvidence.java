package dev.loupe.geometry;

import dev.loupe.analyze.CategoryDocuments;
import dev.loupe.analyze.CategorySearch;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the categories of documents (WordNet's, in the demo corpus) say of features: ground truth
 * for what a feature and its refinements are about. Borrows everything.
 */
final class CategoryEvidence {
  private final CategoryDocuments documents;
  private final CategorySearch search;
  private final int[] contexts; // of each token

  CategoryEvidence(CategoryDocuments documents, int[] contexts) {
    this.documents = documents;
    this.search = new CategorySearch(documents);
    this.contexts = contexts;
  }

  boolean isEmpty() {
    return documents.isEmpty();
  }

  int documentCount() {
    return documents.categories().length;
  }

  /** Of the categories that it tells by firing, not by being silent, the best. */
  Optional<SplittingReport.Category> best(FiringLists lists, int feature) {
    if (isEmpty()) {
      return Optional.empty();
    }
    CategorySearch.Scores scores = scores(lists, feature);
    CategorySearch.Rule[] rules = search.choose(scores);
    int best = -1;
    for (int c = 0; c < rules.length; c++) {
      boolean better = best < 0 || rules[c].f1() > rules[best].f1();
      best = rules[c].sign() > 0 && rules[c].f1() > 0 && better ? c : best;
    }
    if (best < 0) {
      return Optional.empty();
    }
    double f1 = search.score(best, rules[best], scores).value();
    return Optional.of(
        new SplittingReport.Category(documents.names().get(best), Distribution.rounded(f1)));
  }

  /** How a feature lies to a category. */
  SplittingReport.Share share(FiringLists lists, int feature, String category) {
    int number = documents.names().indexOf(category);
    int[] fires = scores(lists, feature).documents();
    int hits = 0;
    for (int document : fires) {
      hits += documents.categories()[document] == number ? 1 : 0;
    }
    int positives = 0;
    for (int of : documents.categories()) {
      positives += of == number ? 1 : 0;
    }
    return new SplittingReport.Share(
        Distribution.rounded(fires.length == 0 ? 0 : (double) hits / fires.length),
        Distribution.rounded(positives == 0 ? 0 : (double) hits / positives));
  }

  /** The largest activation in each document in which it fires. */
  private CategorySearch.Scores scores(FiringLists lists, int feature) {
    Map<Integer, Float> maxima = new TreeMap<>();
    for (int i = lists.starts()[feature]; i < lists.starts()[feature + 1]; i++) {
      int document = documents.contextDocuments()[contexts[lists.tokens()[i]]];
      if (document >= 0) {
        maxima.merge(document, lists.values()[i], Math::max);
      }
    }
    int[] found = new int[maxima.size()];
    float[] values = new float[maxima.size()];
    int n = 0;
    for (Map.Entry<Integer, Float> entry : maxima.entrySet()) {
      found[n] = entry.getKey();
      values[n++] = entry.getValue();
    }
    return new CategorySearch.Scores(found, values);
  }
}
