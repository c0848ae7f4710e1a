package dev.loupe.web;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.FeatureName;
import dev.loupe.dictionary.Suite;
import dev.loupe.files.Json;
import dev.loupe.store.FeatureJson;
import dev.loupe.store.FeatureRow;
import dev.loupe.store.LogitsRow;
import dev.loupe.store.SampleKind;
import dev.loupe.store.StoreSummary;
import dev.loupe.store.StoredFeature;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** {@code /api/dictionaries/...}: one dictionary and its features, from files alone. */
final class DictionaryRoutes implements HttpService {
  /** Features in one answer of previews. */
  static final int PREVIEWS = 60;

  private static final int SHOWN_TOKENS = 5;
  private static final int SHOWN_AROUND = 12;

  private final Suite suite;
  private final Stores stores;
  private final Records records;
  private final Columns columns;

  DictionaryRoutes(Suite suite, Stores stores, Records records, Columns columns) {
    this.suite = suite;
    this.stores = stores;
    this.records = records;
    this.columns = columns;
  }

  @Override
  public void routing(HttpRules rules) {
    rules
        .get("/{dictionary}", this::dictionary)
        .get("/{dictionary}/training", this::training)
        .get("/{dictionary}/columns", this::columns)
        .get("/{dictionary}/columns/tokens", this::tokenColumns)
        .get("/{dictionary}/previews", this::previews)
        .get("/{dictionary}/features/{feature}", this::feature);
  }

  private void dictionary(ServerRequest request, ServerResponse response) {
    DictionaryName name = known(Parameters.dictionary(request));
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", name);
    json.put("contract", file(name, "dictionary.json"));
    json.put("checksums", file(name, "checksums.json"));
    if (stores.summaries().containsKey(name)) {
      json.put("analysis", stores.summary(name));
    }
    Answers.tagged(request, response, Body.json(json));
  }

  private JsonNode file(DictionaryName name, String file) {
    Path path = suite.folder(name).resolve(file);
    return Files.isRegularFile(path) ? Json.read(path, JsonNode.class) : Json.mapper().nullNode();
  }

  /** The dictionary, if it is one of the suite's. */
  private DictionaryName known(DictionaryName name) {
    if (!suite.names().contains(name)) {
      stores.summary(name); // says what there is
    }
    return name;
  }

  private void training(ServerRequest request, ServerResponse response) {
    DictionaryName name = known(Parameters.dictionary(request));
    Path path = suite.folder(name).resolve("training.jsonl");
    if (!Files.isRegularFile(path)) {
      throw RequestException.notFound(
          "expected the training log of %s, got none; was it trained elsewhere?".formatted(name));
    }
    try (Stream<String> lines = Files.lines(path)) {
      String rows = lines.filter(line -> !line.isBlank()).reduce((a, b) -> a + "," + b).orElse("");
      Answers.tagged(
          request,
          response,
          Body.of(Body.JSON, ("[" + rows + "]").getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + path, e);
    }
  }

  private void columns(ServerRequest request, ServerResponse response) {
    Answers.tagged(request, response, columns.numbers(Parameters.dictionary(request)));
  }

  private void tokenColumns(ServerRequest request, ServerResponse response) {
    Answers.tagged(request, response, columns.tokens(Parameters.dictionary(request)));
  }

  private void feature(ServerRequest request, ServerResponse response) {
    FeatureName name = Parameters.feature(request);
    Answers.tagged(request, response, records.of(name.dictionary(), name.feature()));
  }

  private void previews(ServerRequest request, ServerResponse response) {
    DictionaryName name = Parameters.dictionary(request);
    List<Integer> features =
        Parameters.list(request, "features", PREVIEWS, Integer::parseInt).stream()
            .distinct()
            .toList();
    StoreSummary summary = stores.summary(name);
    features.forEach(feature -> Records.check(summary, feature));
    List<Map<String, Object>> previews =
        stores.ask(name, store -> store.read(features, EnumSet.of(SampleKind.TOP))).stream()
            .map(stored -> preview(name, stored))
            .toList();
    Answers.tagged(request, response, Body.json(previews));
  }

  private static Map<String, Object> preview(DictionaryName name, StoredFeature stored) {
    FeatureRow row = stored.feature();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", new FeatureName(name, row.feature()));
    json.put("rate", row.rate().value());
    json.put("maximum", row.maximum());
    json.put("dead", row.dead());
    json.put("dense", row.dense());
    json.put("tokens", first(row.tokens().texts()));
    json.put(
        "token_activation_shares",
        Arrays.copyOf(row.tokens().shares(), Math.min(SHOWN_TOKENS, row.tokens().shares().length)));
    json.put("top_tokens", first(logits(stored.logits())));
    json.put("log_counts", stored.histogram().logCounts());
    row.category()
        .ifPresent(category -> {
          json.put("category", category.name());
          json.put("category_f1", category.f1().value());
        });
    json.put(
        "samples",
        stored.samples().stream()
            .limit(2)
            .map(text -> FeatureJson.compact(text.around(SHOWN_AROUND, SHOWN_AROUND / 2)))
            .toList());
    return json;
  }

  private static String[] logits(LogitsRow row) {
    return row.top().texts();
  }

  private static List<String> first(String[] texts) {
    return Stream.of(texts).limit(SHOWN_TOKENS).toList();
  }
}
