package dev.loupe.cli;

import dev.loupe.geometry.FeatureLabel;
import dev.loupe.geometry.SplittingReport;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What {@code splitting} found, for people. */
final class SplittingText {
  private static final int FAMILIES = 8;
  private static final int CHILDREN = 6;
  private static final int NEW = 15;

  private SplittingText() {}

  static String of(SplittingReport report) {
    return String.join(
        "\n\n",
        counts(report),
        "Families with most children\n"
            + trees(report.families().stream().limit(FAMILIES).toList()),
        "Families of features that tell a category of documents\n" + trees(ofCategories(report)),
        newFeatures(report));
  }

  /** With two children or more, the best told category first. */
  private static List<SplittingReport.Tree> ofCategories(SplittingReport report) {
    return report.families().stream()
        .filter(tree -> tree.children().size() > 1 && tree.category().isPresent())
        .sorted(Comparator.comparingDouble(tree -> -tree.category().orElseThrow().f1()))
        .limit(FAMILIES)
        .toList();
  }

  private static String counts(SplittingReport report) {
    SplittingReport.Counts counts = report.counts();
    return """
    %,d tokens of %,d documents, %,d with a category
    %s: %,d features; %,d split, %,d kept as one, %,d with no refinement, %,d rare, %,d dense
    %s: %,d features; %s
    If they fired half the tokens later: %s
    Maximum cosine of wide features to narrow ones: mean %.3f; by chance %.3f, 99 %% below %.3f\
    """
        .formatted(
            counts.tokens(),
            counts.documents(),
            counts.categoryDocuments(),
            report.settings().narrow(),
            counts.narrowFeatures(),
            counts.narrowSplit(),
            counts.narrowKept(),
            counts.narrowAlone(),
            counts.narrowRare(),
            counts.narrowDense(),
            report.settings().wide(),
            counts.wideFeatures(),
            kinds(counts.wide()),
            kinds(counts.wideByChance()),
            report.measured().mean(),
            report.chance().mean(),
            report.chance().quantile(0.99));
  }

  private static String kinds(Map<String, Integer> counts) {
    return counts.entrySet().stream()
        .map(kind -> "%,d %s".formatted(kind.getValue(), kind.getKey().replace('_', ' ')))
        .collect(Collectors.joining(", "));
  }

  private static String trees(List<SplittingReport.Tree> trees) {
    TextTable table =
        new TextTable(
            List.of(
                "feature",
                "fires",
                "covers",
                "contained",
                "cosine",
                "in category",
                "F1",
                "best",
                "fires on"),
            "best",
            "fires on");
    for (SplittingReport.Tree tree : trees) {
      table.row(
          tree.parent().feature().toString(),
          "%,d".formatted(tree.firings()),
          GeometryText.percent(tree.coverage()),
          "",
          "",
          precision(tree.inCategory()),
          f1(tree.category()),
          category(tree.category()),
          words(tree.parent()));
      tree.children().stream().limit(CHILDREN).forEach(child -> table.row(row(child)));
      if (tree.children().size() > CHILDREN) {
        String more = "  and %d more".formatted(tree.children().size() - CHILDREN);
        table.row(more, "", "", "", "", "", "", "", "");
      }
    }
    return table.toString();
  }

  private static String[] row(SplittingReport.Child child) {
    return new String[] {
      "  " + child.feature().feature(),
      "%,d".formatted(child.firings()),
      GeometryText.percent(child.covers()),
      GeometryText.percent(child.containment()),
      GeometryText.number(child.cosine()),
      precision(child.inParentsCategory()),
      f1(child.category()),
      category(child.category()),
      words(child.feature())
    };
  }

  private static String newFeatures(SplittingReport report) {
    TextTable table =
        new TextTable(
            List.of("new", "fires", "nearest", "cosine", "container", "contained", "fires on"),
            "fires on");
    report.newFeatures().stream()
        .limit(NEW)
        .forEach(of ->
            table.row(
                of.feature().feature().toString(),
                "%,d".formatted(of.firings()),
                "" + of.nearest().feature(),
                GeometryText.number(of.cosine()),
                of.container().map(name -> "" + name.feature()).orElse("-"),
                GeometryText.percent(of.containment()),
                words(of.feature())));
    return table.toString();
  }

  private static String precision(Optional<SplittingReport.Share> share) {
    return share.map(of -> GeometryText.percent(of.precision())).orElse("-");
  }

  private static String f1(Optional<SplittingReport.Category> category) {
    return category.map(of -> "%.2f".formatted(of.f1())).orElse("-");
  }

  private static String category(Optional<SplittingReport.Category> category) {
    return category.map(SplittingReport.Category::name).orElse("-");
  }

  private static String words(FeatureLabel label) {
    return GeometryText.words(label);
  }
}
