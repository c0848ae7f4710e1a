package dev.loupe.store;

import java.util.List;

/**
 * What a store has of one feature, for those who go through many.
 *
 * @param neighbours by relation and dictionary, in the order in which they were written
 * @param samples of the kinds that were asked for, by kind, band and rank
 */
public record StoredFeature(
    FeatureRow feature,
    HistogramRow histogram,
    LogitsRow logits,
    List<NeighboursRow> neighbours,
    List<SampleText> samples) {
  public StoredFeature {
    neighbours = List.copyOf(neighbours);
    samples = List.copyOf(samples);
  }
}
