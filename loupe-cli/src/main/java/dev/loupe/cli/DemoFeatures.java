package dev.loupe.cli;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.store.FeatureRow;
import dev.loupe.store.FeatureStore;
import dev.loupe.store.SampleKind;
import dev.loupe.store.SampleText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A few features of one dictionary with their strongest samples. */
final class DemoFeatures {
  private static final int FEATURES = 6;
  private static final int EXAMPLES = 4;
  private static final int BEFORE = 14;
  private static final int AFTER = 6;

  private final DemoPrinter printer;

  DemoFeatures(DemoPrinter printer) {
    this.printer = printer;
  }

  /** Prints them, and gives them as JSON. */
  List<Map<String, Object>> show(FeatureStore store) {
    DictionaryName name = store.summary().dictionary();
    printer.heading(
        "Features of %s that are more than detectors of one token (each line a place where it fires most)"
            .formatted(name));
    return store.interesting(FEATURES, 0, "true").stream()
        .map(f -> feature(store, name, f))
        .toList();
  }

  private Map<String, Object> feature(FeatureStore store, DictionaryName name, int feature) {
    FeatureRow row = store.feature(feature);
    SampleLine plain = SampleLine.plain();
    SampleLine line = printer.coloured() ? SampleLine.coloured() : plain;
    printer.line("");
    printer.line(
        "%s/%d  fires %,d times in %,d contexts, up to %.1f; the token alone explains %.0f %%%s"
            .formatted(
                name,
                feature,
                row.firings(),
                row.contexts(),
                row.maximum(),
                100 * Math.max(0, row.tokenShare()),
                row.category().map(DemoFeatures::category).orElse("")));
    List<String> examples = new ArrayList<>();
    store.texts(feature).stream()
        .filter(text -> text.sample().kind() == SampleKind.TOP)
        .limit(EXAMPLES)
        .map(text -> text.around(BEFORE, AFTER))
        .forEach((SampleText text) -> {
          printer.line("  " + line.of(text, row.maximum()));
          examples.add(plain.of(text, row.maximum()));
        });
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("feature", name + "/" + feature);
    json.put("firings", row.firings());
    json.put("maximum", row.maximum());
    json.put("token_share", row.tokenShare());
    json.put("examples", examples);
    return json;
  }

  private static String category(FeatureRow.Category category) {
    return category.f1().value() < 0.3
        ? ""
        : "; finds %s with an F1 of %.2f".formatted(category.name(), category.f1().value());
  }
}
