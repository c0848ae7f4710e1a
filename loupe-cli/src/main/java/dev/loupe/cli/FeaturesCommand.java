package dev.loupe.cli;

import dev.loupe.analyze.Analysis;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Suite;
import dev.loupe.store.FeatureJson;
import dev.loupe.store.FeatureRow;
import dev.loupe.store.FeatureStore;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code loupe features}. */
@Command(
    name = "features",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Lists the features of an analysed dictionary.",
    footer = {
      "",
      "Example: ./loupe features runs/first L2R-8x --sort category",
      "         ./loupe features runs/first L2R-8x --where \"rate < 0.01 and token_share < 0.3\"",
      "The columns of --where are those of features.parquet, which the guide explains; subqueries"
          + " may ask the other tables."
    })
final class FeaturesCommand implements Callable<Integer> {
  /** What features are sorted by. */
  enum Sort {
    NUMBER("feature"),
    MAX("maximum DESC, feature"),
    RATE("rate DESC, feature"),
    CATEGORY("category_f1 DESC NULLS LAST, feature"),
    INTERESTING("feature");

    private final String order;

    Sort(String order) {
      this.order = order;
    }
  }

  @Parameters(index = "0", paramLabel = "SUITE", description = "the suite's folder")
  private Path suite = Path.of("");

  @Parameters(index = "1", paramLabel = "NAME", description = "a dictionary, such as L2R-8x")
  private String name = "";

  @Option(
      names = "--sort",
      paramLabel = "BY",
      defaultValue = "NUMBER",
      description =
          "number, max, rate, category (best F1 first), or interesting: a choice of those that are"
              + " more than names of tokens (default: number)")
  private Sort sort = Sort.NUMBER;

  @Option(
      names = "--where",
      paramLabel = "SQL",
      defaultValue = "true",
      description = "only features of which this SQL condition holds")
  private String where = "true";

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "20",
      description = "how many to list (default: ${DEFAULT-VALUE})")
  private int limit = 20;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "of --sort interesting (default: ${DEFAULT-VALUE})")
  private long seed;

  @Mixin private OutputOptions output = new OutputOptions();

  @Override
  public Integer call() {
    if (limit < 1) {
      throw new IllegalArgumentException("expected a --limit of at least 1, got " + limit);
    }
    try (FeatureStore store = Analysis.open(Suite.open(suite), DictionaryName.parse(name))) {
      List<FeatureRow> rows =
          sort == Sort.INTERESTING
              ? store.interesting(limit, seed, where).stream().map(store::feature).toList()
              : store.features(where, sort.order, limit);
      output.print(rows.stream().map(FeatureJson::of).toList(), () -> table(rows));
      long all = store.count(where);
      if (all > rows.size()) {
        output.note("%,d of %,d features; --limit shows more.".formatted(rows.size(), all));
      }
    }
    return 0;
  }

  private static String table(List<FeatureRow> rows) {
    TextTable table =
        new TextTable(
            List.of("feature", "rate", "max", "mean", "by token", "F1", "category", "", "fires on"),
            "category",
            "",
            "fires on");
    for (FeatureRow row : rows) {
      table.row(
          "" + row.feature(),
          row.dead() ? "dead" : "%.3f %%".formatted(100 * row.rate().value()),
          "%.1f".formatted(row.maximum()),
          "%.1f".formatted(row.mean()),
          Float.isNaN(row.tokenShare()) ? "-" : "%.0f %%".formatted(100 * row.tokenShare()),
          row.category().map(c -> "%.2f".formatted(c.f1().value())).orElse("-"),
          row.category().map(c -> c.name() + (c.sign() < 0 ? " (silent)" : "")).orElse("-"),
          row.singleToken() ? "one token" : row.dense() ? "dense" : "",
          tokens(row));
    }
    return table.toString();
  }

  private static String tokens(FeatureRow row) {
    return String.join(
        " ", Arrays.stream(row.tokens().texts()).limit(5).map(SampleLine::quoted).toList());
  }
}
