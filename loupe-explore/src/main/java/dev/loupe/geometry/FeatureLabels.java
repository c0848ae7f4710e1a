package dev.loupe.geometry;

import dev.loupe.analyze.AnalysisSetup;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.FeatureName;
import dev.loupe.dictionary.Suite;
import dev.loupe.notes.Entry;
import dev.loupe.notes.Notebook;
import dev.loupe.store.FeatureColumns;
import dev.loupe.store.FeatureStore;
import dev.loupe.store.TokenColumns;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What the feature stores and the notes of a suite say of its features. Holds about 100 bytes a
 * feature of each dictionary that was asked for; owns nothing that must be closed. One thread.
 */
final class FeatureLabels {
  private static final int TOKENS = 5;

  private final Suite suite;
  private final Notebook notebook;
  private final Map<DictionaryName, Optional<Stored>> stores = new HashMap<>();

  FeatureLabels(Suite suite) {
    this.suite = suite;
    this.notebook = Notebook.open(suite.directory(), true, InstantSource.system());
  }

  private record Stored(FeatureColumns numbers, TokenColumns tokens) {}

  FeatureLabel of(DictionaryName dictionary, int feature) {
    FeatureName name = new FeatureName(dictionary, feature);
    Optional<Stored> stored = stores.computeIfAbsent(dictionary, this::read);
    return new FeatureLabel(
        name,
        stored.isPresent()
            ? OptionalDouble.of(Distribution.rounded(stored.get().numbers.rate()[feature]))
            : OptionalDouble.empty(),
        stored.map(of -> tokens(of.tokens, feature)).orElse(List.of()),
        explanation(name));
  }

  /** What somebody wrote about it. */
  Optional<String> explanation(FeatureName name) {
    return notebook.state(name).explanation().map(Entry::text);
  }

  private Optional<Stored> read(DictionaryName dictionary) {
    Path folder = AnalysisSetup.features(suite).resolve(dictionary.toString());
    if (!FeatureStore.isWritten(folder)) {
      return Optional.empty();
    }
    try (FeatureStore store = FeatureStore.open(folder)) {
      return Optional.of(new Stored(store.columns(), store.tokenColumns()));
    }
  }

  private static List<String> tokens(TokenColumns columns, int feature) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < TOKENS; i++) {
      int id = columns.tokens()[feature * TokenColumns.TOKENS + i];
      if (id >= 0) {
        texts.add(columns.texts().getOrDefault(id, ""));
      }
    }
    return texts;
  }
}
