package dev.loupe.kernel;

import java.util.Arrays;

/** The k largest of a list of floats. */
public final class Selection {
  private Selection() {}

  /** The k-th largest of the first {@code count} values; the list is not changed. */
  public static float largest(float[] values, int count, int k) {
    float[] work = Arrays.copyOf(values, count);
    int low = 0;
    int high = count - 1;
    int wanted = k - 1; // place in descending order
    while (low < high) {
      float pivot = median(work[low], work[(low + high) >>> 1], work[high]);
      int i = low;
      int j = high;
      while (i <= j) {
        while (work[i] > pivot) {
          i++;
        }
        while (work[j] < pivot) {
          j--;
        }
        if (i <= j) {
          float swapped = work[i];
          work[i++] = work[j];
          work[j--] = swapped;
        }
      }
      if (wanted <= j) {
        high = j;
      } else if (wanted >= i) {
        low = i;
      } else {
        return pivot;
      }
    }
    return work[wanted];
  }

  private static float median(float a, float b, float c) {
    return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
  }
}
