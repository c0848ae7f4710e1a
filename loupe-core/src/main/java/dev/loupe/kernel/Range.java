package dev.loupe.kernel;

import java.util.ArrayList;
import java.util.List;

/** Numbers from .. to, without to: a fixed part of some work. */
public record Range(int from, int to) {
  public int size() {
    return to - from;
  }

  /** 0 .. count in consecutive parts of at most so many. */
  public static List<Range> split(int count, int size) {
    List<Range> ranges = new ArrayList<>();
    for (int from = 0; from < count; from += size) {
      ranges.add(new Range(from, Math.min(count, from + size)));
    }
    return ranges;
  }
}
