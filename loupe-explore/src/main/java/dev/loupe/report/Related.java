package dev.loupe.report;

import dev.loupe.analyze.AnalysisSetup;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.FeatureName;
import dev.loupe.dictionary.Site;
import dev.loupe.dictionary.Suite;
import dev.loupe.store.FeatureStore;
import dev.loupe.store.StoreSummary;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which dictionaries and which feature of a suite are looked at where nobody chose. */
final class Related {
  private static final int MOST_SPLITS = 3;

  private Related() {}

  /** Two dictionaries of one place. */
  record Widths(DictionaryName narrow, DictionaryName wide) {
    /** The name of the report that compares them. */
    String report() {
      return "splitting-%s-%s".formatted(narrow, wide);
    }
  }

  /** The narrowest and the widest dictionary of the first places that have several widths. */
  static List<Widths> splits(Suite suite) {
    Map<String, List<DictionaryName>> places =
        suite.names().stream()
            .sorted(Comparator.comparingInt(DictionaryName::expansion))
            .collect(
                Collectors.groupingBy(
                    name -> Series.place(name) + "-" + name.variant(),
                    LinkedHashMap::new,
                    Collectors.toList()));
    return places.values().stream()
        .map(of -> new Widths(of.getFirst(), of.getLast()))
        .filter(pair -> pair.narrow().expansion() < pair.wide().expansion())
        .sorted(
            Comparator.<Widths, Site>comparing(pair -> pair.narrow().site())
                .thenComparing(Widths::narrow))
        .limit(MOST_SPLITS)
        .toList();
  }

  /**
   * The feature whose neighbourhood is drawn: of a residual dictionary in the middle the one that
   * tells its category of documents best, or else one that is more than a detector of one token.
   * Empty without a feature store.
   */
  static Optional<FeatureName> telling(Suite suite) {
    return middle(suite)
        .flatMap(name -> {
          Path store = store(suite, name);
          Optional<Integer> best =
              FeatureStore.summary(store).categories().stream()
                  .flatMap(categories -> categories.measured().best().stream())
                  .filter(found -> found.sign() > 0)
                  .max(Comparator.comparingDouble(StoreSummary.Best::f1))
                  .map(StoreSummary.Best::candidate);
          return best.or(() -> interesting(store)).map(f -> new FeatureName(name, f));
        });
  }

  private static Optional<Integer> interesting(Path folder) {
    try (FeatureStore store = FeatureStore.open(folder)) {
      return store.interesting(1, 0, "true").stream().findFirst();
    }
  }

  /** Of the analysed dictionaries one in the middle, of the residual stream if there is. */
  private static Optional<DictionaryName> middle(Suite suite) {
    double middle = suite.names().stream().mapToInt(DictionaryName::layer).average().orElse(0);
    return analysed(suite)
        .min(
            Comparator.<DictionaryName>comparingInt(name -> name.site() == Site.R ? 0 : 1)
                .thenComparingDouble(name -> Math.abs(name.layer() - middle))
                .thenComparing(Comparator.naturalOrder()));
  }

  private static Stream<DictionaryName> analysed(Suite suite) {
    return suite.names().stream().filter(name -> FeatureStore.isWritten(store(suite, name)));
  }

  private static Path store(Suite suite, DictionaryName name) {
    return AnalysisSetup.features(suite).resolve(name.toString());
  }
}
