package dev.loupe.probing;

import java.util.stream.IntStream;

/**
 * The dense probe of a first letter at a hook: fitted to the places of some words, at their natural
 * rates, and tested on other words.
 *
 * @param direction unit probe direction, [D]
 * @param predicted for each test unit whether the probe says the letter // [test units]
 * @param projections of the activation on the direction // [test units]
 * @param labels whether the word begins with the letter // [test units]
 */
@SuppressWarnings("ArrayRecordComponent") // a plain carrier; never compared
record LetterProbe(
    char letter, double[] direction, boolean[] predicted, double[] projections, boolean[] labels) {
  /** What a probe must reach for absorption to mean anything. */
  static final double LEAST_F1 = 0.8;

  static final int LEAST_TRAIN_WORDS = 10;
  static final int LEAST_TEST_WORDS = 5;

  /** Whether there are enough words with this letter to fit and to test a probe. */
  static boolean isPossible(Words words, char letter) {
    return words.count(letter, false) >= LEAST_TRAIN_WORDS
        && words.count(letter, true) >= LEAST_TEST_WORDS;
  }

  static LetterProbe fit(DenseTable activations, Words words, char letter) {
    int[] train = words.units(false);
    int[] test = words.units(true);
    LinearProbe probe = LinearProbe.fit(activations.pick(train), words.labels(train, letter));
    DenseTable tested = activations.pick(test);
    double[] direction = probe.direction();
    LinearProbe projection = new LinearProbe(direction, 0, probe.penalty());
    return new LetterProbe(
        letter,
        direction,
        probe.predict(tested),
        IntStream.range(0, test.length).mapToDouble(i -> projection.logit(tested, i)).toArray(),
        words.labels(test, letter));
  }

  double f1() {
    return MainFeatures.f1(predicted, labels);
  }

  boolean isMeasurable() {
    return f1() >= LEAST_F1;
  }

  /** Test units of the letter that the probe finds: where its direction is there to be absorbed. */
  int[] found() {
    return IntStream.range(0, labels.length).filter(i -> labels[i] && predicted[i]).toArray();
  }
}
