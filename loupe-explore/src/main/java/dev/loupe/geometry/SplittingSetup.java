package dev.loupe.geometry;

import dev.loupe.analyze.AnalysisSetup;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Suite;

/**
 * What to look at, on what.
 *
 * @param narrow the dictionary with fewer features
 * @param wide the one with more, of the same layer and site
 * @param on suite, model and corpus; its {@code only} is not read
 * @param rules when a feature refines another
 * @param baselineDraws directions of the baseline, at most
 */
public record SplittingSetup(
    DictionaryName narrow,
    DictionaryName wide,
    AnalysisSetup on,
    SplittingRules rules,
    int baselineDraws) {
  /** Enough for a 99 % quantile. */
  public static final int BASELINE_DRAWS = 4_096;

  public SplittingSetup {
    Suite suite = on.suite();
    suite.folder(narrow); // refuses names that the suite lacks
    suite.folder(wide);
    if (narrow.layer() != wide.layer() || narrow.site() != wide.site()) {
      throw new IllegalArgumentException(
          "expected two dictionaries of one layer and site, got %s and %s".formatted(narrow, wide));
    }
    if (narrow.expansion() >= wide.expansion()) {
      throw new IllegalArgumentException(
          "expected the narrow dictionary first, got %s and %s".formatted(narrow, wide));
    }
    if (baselineDraws < 100) {
      throw new IllegalArgumentException(
          "expected a baseline of 100 directions or more, got " + baselineDraws);
    }
  }
}
