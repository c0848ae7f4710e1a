package dev.loupe.report;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Suite;
import dev.loupe.evaluate.Metric;
import dev.loupe.evaluate.Report;
import dev.loupe.figure.Estimate;
import java.util.List;
import java.util.TreeSet;

/** What dictionaries have in common in figures: kinds, layers, and numbers with intervals. */
final class Series {
  private Series() {}

  static Estimate estimate(Metric metric) {
    return Estimate.of(metric.value(), metric.low(), metric.high());
  }

  static Estimate estimate(Report report, DictionaryName name, String metric) {
    return estimate(report.metric(name.toString(), metric));
  }

  /** The dictionaries of a report, floors and other gates among them. */
  static List<DictionaryName> names(Report report) {
    return List.copyOf(
        new TreeSet<>(report.dictionaries().keySet().stream().map(DictionaryName::parse).toList()));
  }

  /** Whether a name is one of the suite's, and not of what was evaluated beside. */
  static boolean isTrained(Suite suite, DictionaryName name) {
    return suite.names().contains(name);
  }

  /** What a dictionary is compared as: its gate and width, or the floor that it is. */
  static String kind(Suite suite, DictionaryName name) {
    String width = " " + name.expansion() + "x";
    if (name.variant().equals("pca")) {
      return "principal components";
    }
    if (name.variant().equals("random")) {
      return "random directions" + width;
    }
    if (name.variant().endsWith("topkgate")) {
      return "TopK gate" + width;
    }
    return (suite.recipe(name).path("gate").asText().equals("relu") ? "ReLU" : "TopK") + width;
  }

  /** Layer and site, as {@code L2R}. */
  static String place(DictionaryName name) {
    return "L" + name.layer() + name.site();
  }

  /** Site and width, with a variant if any: all that is not the layer. */
  static String column(DictionaryName name) {
    return name.toString().replaceFirst("^L\\d+", "");
  }
}
