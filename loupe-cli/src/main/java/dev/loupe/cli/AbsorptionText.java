package dev.loupe.cli;

import dev.loupe.probing.AbsorptionReport;
import dev.loupe.probing.Score;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** An absorption report as tables. */
final class AbsorptionText {
  /** Letters that are shown of those that cannot be measured. */
  private static final int BEST = 3;

  private AbsorptionText() {}

  static String of(AbsorptionReport report) {
    StringBuilder text = new StringBuilder();
    text.append(
        "%,d words to fit on, %,d to test on, %,d places in %,d documents; 95 %% intervals over words\n\n"
            .formatted(
                report.trainWords(), report.testWords(), report.places(), report.documents()));
    text.append(hooks(report)).append("\n\n");
    if (!report.measurable()) {
      return text
          + "Not measurable for %s: no dense probe of a first letter reaches an F1 of %.2f on words that it has not seen."
              .formatted(report.model(), report.rule().leastF1());
    }
    return text.append(dictionaries(report)).toString();
  }

  private static String hooks(AbsorptionReport report) {
    TextTable table =
        new TextTable(
            List.of(
                "dense probe at", "measurable", "letters", "best of the others", "too few words"),
            "letters",
            "best of the others",
            "too few words");
    report
        .hooks()
        .forEach((hook, of) -> {
          List<AbsorptionReport.Letter> others =
              of.letters().stream()
                  .filter(letter -> !letter.measurable() && letter.f1().isPresent())
                  .sorted(Comparator.comparingDouble(letter -> -f1(letter)))
                  .limit(BEST)
                  .toList();
          table.row(
              hook,
              "" + of.measurable(),
              letters(of, AbsorptionReport.Letter::measurable),
              String.join(
                  ", ", others.stream().map(l -> "%s %.2f".formatted(l.letter(), f1(l))).toList()),
              letters(of, letter -> letter.f1().isEmpty()));
        });
    return table.toString();
  }

  private static String letters(
      AbsorptionReport.OfHook hook, Predicate<AbsorptionReport.Letter> which) {
    return String.join(
        "", hook.letters().stream().filter(which).map(AbsorptionReport.Letter::letter).toList());
  }

  private static double f1(AbsorptionReport.Letter letter) {
    return letter.f1().map(Score::value).orElse(0.0);
  }

  private static String dictionaries(AbsorptionReport report) {
    TextTable table =
        new TextTable(
            List.of(
                "dictionary", "letters", "places", "main features", "full", "", "fraction", " "),
            "",
            " ");
    report
        .dictionaries()
        .forEach((name, of) -> {
          int places =
              of.letters().values().stream().mapToInt(AbsorptionReport.OfLetter::places).sum();
          double main =
              of.letters().values().stream()
                  .mapToInt(letter -> letter.mainFeatures().size())
                  .average()
                  .orElse(0);
          table.row(
              name,
              "" + of.letters().size(),
              "%,d".formatted(places),
              of.letters().isEmpty() ? "-" : "%.1f a letter".formatted(main),
              of.full().map(ProbingText::number).orElse("not measurable"),
              interval(of.full()),
              of.fraction().map(ProbingText::number).orElse("not measurable"),
              interval(of.fraction()));
        });
    return table.toString();
  }

  private static String interval(Optional<Score> score) {
    return score.map(ProbingText::interval).orElse("");
  }
}
