package dev.loupe.cli;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.interpret.InterpretSummary;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What {@code interpret} says when it is done. */
final class InterpretText {
  private InterpretText() {}

  static String of(Path suite, Map<DictionaryName, InterpretSummary> done) {
    TextTable table =
        new TextTable(
            List.of(
                "dictionary",
                "method",
                "explained",
                "best of",
                "test",
                "mean",
                "95 %",
                "other's",
                "lift"),
            "method",
            "test");
    done.forEach((name, summary) -> {
      for (InterpretSummary.Method method : summary.methods()) {
        String of = "%,d of %,d".formatted(method.explained(), summary.features());
        String best = "%,d".formatted(method.best());
        if (method.scores().isEmpty()) {
          table.row(name.toString(), method.method(), of, best, "", "", "", "", "");
        }
        for (InterpretSummary.Scored scored : method.scores()) {
          table.row(
              name.toString(),
              method.method(),
              of,
              best,
              scored.scorer() + " " + scored.measure(),
              two(scored.mean()),
              two(scored.low()) + " to " + two(scored.high()),
              scored.baseline().map(InterpretText::two).orElse(""),
              scored.baseline().map(b -> two(scored.mean() - b)).orElse(""));
        }
      }
    });
    return """
    What the features are said to be, and how well that holds on other documents
    %s

    best of: features of which it is the best explanation. other's: the same test of another
    feature's words. Means over features, each counting once.

    Next
      ./loupe features %s %s
      ./loupe serve %s\
    """
        .formatted(table, suite, done.keySet().iterator().next(), suite);
  }

  private static String two(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }
}
