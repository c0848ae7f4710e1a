package dev.loupe.probing;

import dev.loupe.evaluate.Resamples;
import dev.loupe.evaluate.Series;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Means over places of test words, resampled by word. Borrows the resamples. */
final class WordScores {
  private final int[] wordOf; // of each test unit, numbered among the test words
  private final Resamples resamples;

  /**
   * @param resamples of the test words, in their order
   */
  WordScores(Words words, Resamples resamples) {
    int[] tested =
        IntStream.range(0, words.isTest().length).filter(w -> words.isTest()[w]).toArray();
    this.wordOf =
        Arrays.stream(words.units(true))
            .map(unit -> Arrays.binarySearch(tested, words.wordOf()[unit]))
            .toArray();
    this.resamples = resamples;
  }

  /** F1 of a dense probe. */
  Score f1(LetterProbe probe) {
    int n = probe.labels().length;
    double[] found = new double[n];
    double[] both = new double[n];
    for (int i = 0; i < n; i++) {
      found[i] = probe.predicted()[i] && probe.labels()[i] ? 2 : 0;
      both[i] = (probe.predicted()[i] ? 1 : 0) + (probe.labels()[i] ? 1 : 0);
    }
    return Score.of(ratio(IntStream.range(0, n).toArray(), found, both));
  }

  /** The mean of a value over places. */
  Series mean(int[] places, double[] values) {
    double[] ones = new double[places.length];
    Arrays.fill(ones, 1);
    return ratio(places, values, ones);
  }

  private Series ratio(int[] places, double[] above, double[] below) {
    double[] sumsAbove = new double[resamples.documents()];
    double[] sumsBelow = new double[resamples.documents()];
    for (int i = 0; i < places.length; i++) {
      sumsAbove[wordOf[places[i]]] += above[i];
      sumsBelow[wordOf[places[i]]] += below[i];
    }
    List<Series> sums = resamples.series(List.of(sumsAbove, sumsBelow));
    return sums.getFirst().over(sums.getLast());
  }

  /** How many words some places are of. */
  int words(int[] places) {
    return (int) Arrays.stream(places).map(place -> wordOf[place]).distinct().count();
  }

  /** The mean of several numbers, resampled as one. */
  static Score mean(List<Series> numbers) {
    List<Series> left = new ArrayList<>(numbers);
    Series sum = left.removeFirst();
    for (Series next : left) {
      sum = sum.plus(next);
    }
    return Score.of(sum.over(numbers.size()));
  }
}
