package dev.loupe.store;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Features as JSON, with the names of the store's columns: what programs are given. */
public final class FeatureJson {
  private FeatureJson() {}

  /** A feature's row. */
  public static Map<String, Object> of(FeatureRow row) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("feature", row.feature());
    json.put("firings", row.firings());
    json.put("rate", row.rate().value());
    json.put("rate_low", row.rate().low());
    json.put("rate_high", row.rate().high());
    json.put("contexts", row.contexts());
    json.put("maximum", row.maximum());
    json.put("mean", row.mean());
    json.put("deviation", row.deviation());
    json.put("quantiles", row.quantiles());
    put(json, "token_share", row.tokenShare());
    json.put("token_ids", row.tokens().ids());
    json.put("tokens", row.tokens().texts());
    json.put("token_firings", row.tokens().firings());
    json.put("token_activation_shares", row.tokens().shares());
    json.put("position_firings", row.positionFirings());
    json.put("dead", row.dead());
    json.put("dense", row.dense());
    json.put("single_token", row.singleToken());
    row.category()
        .ifPresent(category -> {
          json.put("category", category.name());
          json.put("category_sign", category.sign());
          json.put("category_threshold", category.threshold());
          json.put("category_f1", category.f1().value());
          json.put("category_f1_low", category.f1().low());
          json.put("category_f1_high", category.f1().high());
        });
    json.put("band_edges", row.bandEdges());
    json.put("band_windows", row.bandWindows());
    return json;
  }

  /** All that the store knows of a feature. */
  public static Map<String, Object> whole(FeatureStore store, int feature) {
    StoredFeature stored = store.read(List.of(feature), EnumSet.allOf(SampleKind.class)).getFirst();
    Map<String, Object> json = withoutSamples(stored);
    json.put("samples", stored.samples().stream().map(FeatureJson::of).toList());
    return json;
  }

  /** All but the samples. */
  public static Map<String, Object> withoutSamples(StoredFeature stored) {
    Map<String, Object> json = of(stored.feature());
    HistogramRow histogram = stored.histogram();
    json.put("log_edges", histogram.logEdges());
    json.put("log_counts", histogram.logCounts());
    json.put("linear_counts", histogram.linearCounts());
    json.put("logits", logits(stored.logits()));
    json.put("neighbours", stored.neighbours().stream().map(FeatureJson::of).toList());
    return json;
  }

  /**
   * A sample with its texts as one list, and where it fires: a third of the bytes of a list of
   * tokens.
   */
  public static Map<String, Object> compact(SampleText text) {
    Map<String, Object> json = head(text);
    json.put("first", text.tokens().getFirst().position());
    json.put("tokens", text.tokens().stream().map(SampleText.Token::text).toList());
    int[] firing =
        IntStream.range(0, text.tokens().size())
            .filter(i -> text.tokens().get(i).activation() > 0)
            .toArray();
    json.put("firing", firing);
    json.put(
        "activations",
        IntStream.of(firing).mapToObj(i -> text.tokens().get(i).activation()).toList());
    return json;
  }

  private static Map<String, Object> logits(LogitsRow row) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("mean", row.mean());
    json.put("deviation", row.deviation());
    json.put("minimum", row.minimum());
    json.put("maximum", row.maximum());
    json.put("counts", row.counts());
    json.put("top", row.top());
    json.put("bottom", row.bottom());
    return json;
  }

  private static Map<String, Object> of(NeighboursRow row) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("relation", row.relation());
    json.put("dictionary", row.dictionary());
    json.put("neighbours", row.neighbours());
    if (row.relation().equals(NeighboursRow.COACTIVATION)) {
      json.put("phi", row.phi());
      json.put("lift", row.lift());
      json.put("firings", row.firings());
    } else {
      json.put("cosines", row.cosines());
    }
    return json;
  }

  private static Map<String, Object> of(SampleText text) {
    Map<String, Object> json = head(text);
    List<Map<String, Object>> tokens = new ArrayList<>();
    for (SampleText.Token token : text.tokens()) {
      Map<String, Object> each = new LinkedHashMap<>();
      each.put("id", token.id());
      each.put("text", token.text());
      each.put("activation", token.activation());
      put(each, "loss", token.loss());
      tokens.add(each);
    }
    json.put("tokens", tokens);
    return json;
  }

  private static Map<String, Object> head(SampleText text) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("kind", text.sample().kind().label());
    if (text.sample().band() >= 0) {
      json.put("band", text.sample().band());
    }
    json.put("rank", text.sample().rank());
    json.put("window", text.sample().window());
    json.put("position", text.sample().position());
    json.put("activation", text.sample().activation());
    json.put("duplicates", text.sample().duplicates());
    json.put("source", text.window().source());
    json.put("file", text.window().file());
    json.put("row", text.window().row());
    json.put("metadata", text.window().metadata());
    json.put("peak", text.peak());
    return json;
  }

  /** JSON has no NaN. */
  private static void put(Map<String, Object> json, String key, float value) {
    if (!Float.isNaN(value)) {
      json.put(key, value);
    }
  }
}
