package dev.loupe.web;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Suite;
import dev.loupe.interpret.Explanations;
import dev.loupe.interpret.FeatureExplanations;
import dev.loupe.search.Said;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What machines say of features, read when first asked for and whenever more is there, also by a
 * run of {@code interpret} beside the server. Thread-safe.
 */
final class Interpretations implements Said {
  private final Suite suite;
  private final Map<DictionaryName, Explanations> open = new ConcurrentHashMap<>();
  private final Map<DictionaryName, Texts> texts = new ConcurrentHashMap<>();

  private record Texts(long version, Map<Integer, String> of) {}

  Interpretations(Suite suite) {
    this.suite = suite;
  }

  /** The file of a dictionary. */
  Explanations file(DictionaryName name) {
    return open.computeIfAbsent(
        name, n -> Explanations.open(suite.directory(), n, InstantSource.system()));
  }

  /** All that is said of a feature. */
  FeatureExplanations of(DictionaryName name, int feature) {
    return file(name).of(feature);
  }

  /** The best of each feature. */
  Map<Integer, FeatureExplanations.Explained> best(DictionaryName name) {
    return file(name).best();
  }

  @Override
  public Map<Integer, String> of(DictionaryName name) {
    long version = version(name);
    Texts known = texts.get(name);
    if (known == null || known.version() != version) {
      Map<Integer, String> now = new LinkedHashMap<>();
      best(name).forEach((feature, best) -> now.put(feature, best.explanation().text()));
      known = new Texts(version, now);
      texts.put(name, known);
    }
    return known.of();
  }

  @Override
  public long version(DictionaryName name) {
    return file(name).version();
  }
}
