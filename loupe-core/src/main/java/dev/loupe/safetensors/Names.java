package dev.loupe.safetensors;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** Tensor names in messages: they come from files, so they may be of any length and content. */
final class Names {
  private static final int SHOWN_CHARS = 200;
  private static final int CLOSEST = 3;

  private Names() {}

  /** The name, cut and on one line. */
  static String shown(String name) {
    String line = name.replaceAll("\\p{Cntrl}", "?");
    return line.length() <= SHOWN_CHARS ? line : line.substring(0, SHOWN_CHARS) + "...";
  }

  /** The names with the fewest changed characters, for a message about a missing one. */
  static String closest(String wanted, Collection<String> names) {
    String target = shown(wanted);
    record Candidate(String name, int distance) {}
    List<Candidate> nearest =
        names.stream()
            .map(Names::shown)
            .map(name -> new Candidate(name, distance(target, name)))
            .sorted(Comparator.comparingInt(Candidate::distance))
            .limit(CLOSEST)
            .toList();
    return nearest.stream().map(Candidate::name).collect(Collectors.joining(", ", "[", "]"));
  }

  /** Levenshtein: insertions, deletions and replacements that lead from one to the other. */
  private static int distance(String from, String to) {
    int[] previous = new int[to.length() + 1];
    for (int j = 0; j < previous.length; j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int[] row = new int[previous.length];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int replaced = previous[j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replaced, 1 + Math.min(previous[j], row[j - 1]));
      }
      previous = row;
    }
    return previous[to.length()];
  }
}
