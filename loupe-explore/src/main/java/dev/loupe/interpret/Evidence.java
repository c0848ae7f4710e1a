package dev.loupe.interpret;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.FeatureName;
import dev.loupe.store.LogitsRow;
import dev.loupe.store.SampleKind;
import dev.loupe.store.SampleText;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What an explainer sees of a feature. None of it may be among what a scorer shows.
 *
 * @param maximum the feature's strongest activation anywhere
 * @param samples of any kinds
 */
public record Evidence(
    FeatureName feature, double maximum, List<SampleText> samples, LogitsRow logits) {
  public Evidence {
    samples = List.copyOf(samples);
  }

  /** What may be explained from. */
  static Evidence of(DictionaryName dictionary, ExampleSets sets) {
    return new Evidence(
        new FeatureName(dictionary, sets.feature()),
        sets.stored().feature().maximum(),
        sets.explain().stream().map(Example::text).toList(),
        sets.stored().logits());
  }

  /** The strongest contexts, of whatever kind, strongest first. */
  List<SampleText> top(int count) {
    return samples.stream()
        .filter(sample -> sample.sample().kind().isOfFirings())
        .sorted(Comparator.comparingDouble(sample -> -sample.sample().activation()))
        .limit(count)
        .toList();
  }

  /** So many of each of the strongest bands, strongest band first. */
  List<SampleText> bands(int bands, int each) {
    Map<Integer, List<SampleText>> byBand =
        samples.stream()
            .filter(sample -> sample.sample().kind() == SampleKind.BAND)
            .collect(
                Collectors.groupingBy(
                    sample -> -sample.sample().band(), TreeMap::new, Collectors.toList()));
    return byBand.values().stream()
        .limit(bands)
        .flatMap(band -> band.stream().limit(each))
        .toList();
  }

  /** Where it almost fires. */
  List<SampleText> nearMisses(int count) {
    return samples.stream()
        .filter(sample -> sample.sample().kind() == SampleKind.NEAR_MISS)
        .limit(count)
        .toList();
  }
}
