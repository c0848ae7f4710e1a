package dev.loupe.probing;

import dev.loupe.tensor.SeededRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One category against the rest, as many documents of each on either side of the split.
 *
 * @param category the class
 * @param train documents to fit on
 * @param trainLabels which of them are in the category
 * @param test held-out documents
 * @param testLabels which of them are
 */
@SuppressWarnings("ArrayRecordComponent") // a plain carrier; never compared
record Task(String category, int[] train, boolean[] trainLabels, int[] test, boolean[] testLabels) {
  /** Documents of a category with fewer than these there is no task for. */
  static final int LEAST_TRAIN = 50;

  static final int LEAST_TEST = 20;

  /** The tasks of all categories that have enough documents, in their order. */
  static List<Task> of(LabelledDocuments documents, long seed) {
    List<Task> tasks = new ArrayList<>();
    for (int category = 0; category < documents.categories().size(); category++) {
      int[] train = balanced(documents, category, false, seed);
      int[] test = balanced(documents, category, true, seed);
      if (train.length >= 2 * LEAST_TRAIN && test.length >= 2 * LEAST_TEST) {
        tasks.add(
            new Task(
                documents.categories().get(category),
                train,
                firstHalf(train.length),
                test,
                firstHalf(test.length)));
      }
    }
    return List.copyOf(tasks);
  }

  /** Documents of the category, then as many others, chosen by hash. */
  private static int[] balanced(
      LabelledDocuments documents, int category, boolean test, long seed) {
    SeededRandom random =
        new SeededRandom(seed, "negatives of " + documents.categories().get(category));
    int[] side =
        IntStream.range(0, documents.size()).filter(d -> documents.isTest()[d] == test).toArray();
    int[] own = IntStream.of(side).filter(d -> documents.category()[d] == category).toArray();
    int[] others =
        IntStream.of(side)
            .filter(d -> documents.category()[d] != category)
            .boxed()
            .sorted(Comparator.comparingLong((Integer d) -> random.bits(d)))
            .mapToInt(Integer::intValue)
            .toArray();
    int each = Math.min(own.length, others.length);
    return IntStream.concat(IntStream.of(own).limit(each), IntStream.of(others).limit(each))
        .toArray();
  }

  private static boolean[] firstHalf(int length) {
    boolean[] labels = new boolean[length];
    Arrays.fill(labels, 0, length / 2, true);
    return labels;
  }
}
