package dev.loupe.analyze;

import dev.loupe.kernel.CodeRows;
import dev.loupe.kernel.Range;
import java.util.Arrays;

/**
 * For a range of features the largest activation in each document that has a category, of those in
 * which they fire: first pass over the codes. One thread.
 */
final class DocumentMaxima {
  private final Range features;
  private final CategoryDocuments documents;
  private final int[] lastDocuments; // [features]
  private final float[] peaks; // [features]

  private int[] owners = new int[1 << 12]; // a peak of a feature in (a context of) a document
  private int[] ofDocuments = new int[1 << 12];
  private float[] values = new float[1 << 12];
  private int size;
  private int[] order = {}; // by feature, then document
  private int[] starts = {};

  DocumentMaxima(Range features, CategoryDocuments documents) {
    this.features = features;
    this.documents = documents;
    this.lastDocuments = new int[features.size()];
    this.peaks = new float[features.size()];
    Arrays.fill(lastDocuments, -1);
  }

  void add(TokenColumns tokens, CodeRows codes) {
    for (int t = 0; t < tokens.size(); t++) {
      int document = documents.contextDocuments()[tokens.contexts()[t]];
      if (document < 0) {
        continue;
      }
      int end = codes.starts()[t + 1];
      for (int i = FeatureCounts.first(codes, t, features.from()); i < end; i++) {
        int f = codes.features()[i] - features.from();
        if (f >= peaks.length) {
          break;
        }
        if (lastDocuments[f] != document) {
          end(f);
          lastDocuments[f] = document;
          peaks[f] = 0;
        }
        peaks[f] = Math.max(peaks[f], codes.values()[i]);
      }
    }
  }

  private void end(int f) {
    if (lastDocuments[f] < 0) {
      return;
    }
    if (size == owners.length) {
      owners = Arrays.copyOf(owners, size * 2);
      ofDocuments = Arrays.copyOf(ofDocuments, size * 2);
      values = Arrays.copyOf(values, size * 2);
    }
    owners[size] = f;
    ofDocuments[size] = lastDocuments[f];
    values[size++] = peaks[f];
  }

  /** Ends the pass. */
  void finish() {
    for (int f = 0; f < peaks.length; f++) {
      end(f);
    }
    starts = new int[peaks.length + 1];
    for (int i = 0; i < size; i++) {
      starts[owners[i] + 1]++;
    }
    for (int f = 0; f < peaks.length; f++) {
      starts[f + 1] += starts[f];
    }
    int[] next = starts.clone();
    order = new int[size];
    for (int i = 0; i < size; i++) {
      order[next[owners[i]]++] = i;
    }
  }

  /** Where a feature of the range fires; several contexts of one document are brought together. */
  CategorySearch.Scores of(int f) {
    int[] sorted =
        Arrays.stream(order, starts[f], starts[f + 1])
            .boxed()
            .sorted((x, y) -> Integer.compare(ofDocuments[x], ofDocuments[y]))
            .mapToInt(i -> i)
            .toArray();
    int[] found = new int[sorted.length];
    float[] maxima = new float[sorted.length];
    int n = 0;
    for (int i : sorted) {
      if (n > 0 && found[n - 1] == ofDocuments[i]) {
        maxima[n - 1] = Math.max(maxima[n - 1], values[i]);
      } else {
        found[n] = ofDocuments[i];
        maxima[n++] = values[i];
      }
    }
    return new CategorySearch.Scores(Arrays.copyOf(found, n), Arrays.copyOf(maxima, n));
  }
}
