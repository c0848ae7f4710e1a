package dev.loupe.evaluate;

import java.util.Map;

/**
 * Takes what an evaluation measures, in the order of the corpus: to add it up, or to keep it for
 * the process that does.
 */
interface EvaluationSums {
  /** The next group of tokens; borrowed. */
  void addRates(GroupSums group);

  /** Features that fire, by dictionary, in groups that are added before or after. */
  void addFirings(Map<String, Firings> firings);

  /** The next batch of those on which losses are measured. */
  void addLosses(DocumentSums batch);
}
