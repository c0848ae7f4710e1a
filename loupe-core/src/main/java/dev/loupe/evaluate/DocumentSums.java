package dev.loupe.evaluate;

import java.util.Arrays;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Sums of named quantities by document, which is all that an evaluation adds up but for {@link
 * TargetSums} and {@link FiringCounts}. Those of consecutive groups of tokens are merged in the
 * order of the corpus, wherever they were computed, so that a total does not depend on how the work
 * was divided. Several threads may ask for columns, and each fill its own.
 */
final class DocumentSums {
  private final int[] documents; // ascending
  private final SortedMap<String, double[]> columns = new TreeMap<>();

  private DocumentSums(int[] documents) {
    this.documents = documents;
  }

  /** For the documents 0, 1, ... */
  static DocumentSums ofAll(int documents) {
    return new DocumentSums(IntStream.range(0, documents).toArray());
  }

  /** For some documents; numbers may repeat. */
  static DocumentSums of(int[] some) {
    return new DocumentSums(Arrays.stream(some).sorted().distinct().toArray());
  }

  /** The documents, ascending; borrowed. */
  int[] documents() {
    return documents;
  }

  /** The rows of some of the documents. */
  int[] rows(int[] some) {
    return Arrays.stream(some).map(document -> Arrays.binarySearch(documents, document)).toArray();
  }

  /** A sum for each row, zeros at first; borrowed. */
  synchronized double[] column(String name) {
    return columns.computeIfAbsent(name, _ -> new double[documents.length]);
  }

  /** As {@link #column}, which must be there. */
  double[] sums(String name) {
    double[] found = columns.get(name);
    if (found == null) {
      throw new IllegalStateException(
          "expected sums of %s, got those of %s".formatted(name, columns.keySet()));
    }
    return found;
  }

  /** All columns by name, borrowed. */
  SortedMap<String, double[]> columns() {
    return Collections.unmodifiableSortedMap(columns);
  }

  /** Adds the sums of what comes next in the corpus; all of its documents must be here. */
  void merge(DocumentSums next) {
    int[] rows = rows(next.documents);
    next.columns.forEach((name, values) -> {
      double[] sums = column(name);
      for (int i = 0; i < rows.length; i++) {
        sums[rows[i]] += values[i];
      }
    });
  }
}
