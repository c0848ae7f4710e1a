package dev.loupe.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.FeatureName;
import dev.loupe.dictionary.Suite;
import dev.loupe.evaluate.Report;
import dev.loupe.files.Json;
import dev.loupe.store.StoreSummary;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/** {@code /api/suite} and what else is about all dictionaries. */
final class SuiteRoutes implements HttpService {
  private final Suite suite;
  private final Stores stores;
  private final boolean hasModel;
  private final boolean readOnly;

  SuiteRoutes(Suite suite, Stores stores, boolean hasModel, boolean readOnly) {
    this.suite = suite;
    this.stores = stores;
    this.hasModel = hasModel;
    this.readOnly = readOnly;
  }

  @Override
  public void routing(HttpRules rules) {
    rules.get("/suite", this::suite).get("/random", this::random).get("/openapi.json", this::api);
  }

  private void suite(ServerRequest request, ServerResponse response) {
    Map<String, Object> json = new LinkedHashMap<>();
    Path name = suite.directory().toAbsolutePath().normalize().getFileName();
    json.put("name", name == null ? "suite" : name.toString());
    json.put("has_model", hasModel);
    json.put("read_only", readOnly);
    json.put("manifest", suite.manifest());
    json.put("dictionaries", suite.names().stream().map(this::dictionary).toList());
    json.put("reports", reports());
    Answers.tagged(request, response, Body.json(json));
  }

  private Map<String, Object> dictionary(DictionaryName name) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", name);
    json.put("layer", name.layer());
    json.put("site", name.site());
    json.put("expansion", name.expansion());
    json.put("variant", name.variant());
    StoreSummary summary = stores.summaries().get(name);
    if (summary != null) {
      json.put("analysis", brief(summary));
    }
    return json;
  }

  /** The summary without the best feature of each category, which only its own page shows. */
  private static JsonNode brief(StoreSummary summary) {
    ObjectNode node = Json.mapper().valueToTree(summary);
    if (node.path("categories").path("measured") instanceof ObjectNode measured) {
      measured.remove("best");
      node.path("categories").path("floors").forEach(floor -> ((ObjectNode) floor).remove("best"));
    }
    return node;
  }

  /** All evaluations in the suite's folder of reports, by file. */
  private List<Map<String, Object>> reports() {
    List<Map<String, Object>> reports = new ArrayList<>();
    for (Path file : reportFiles()) {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("file", String.valueOf(file.getFileName()));
      json.put("report", Report.read(file));
      reports.add(json);
    }
    return reports;
  }

  private List<Path> reportFiles() {
    Path folder = suite.directory().resolve("reports");
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".json") && isReport(file))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + folder, e);
    }
  }

  /** A folder of reports may hold what other commands write, too. */
  private static boolean isReport(Path file) {
    JsonNode node = Json.read(file, JsonNode.class);
    return node.has("dictionaries") && node.has("loss_tokens");
  }

  private void random(ServerRequest request, ServerResponse response) {
    List<DictionaryName> names = new ArrayList<>(stores.summaries().keySet());
    if (names.isEmpty()) {
      throw RequestException.notFound("expected an analysed suite, got none; run loupe analyze");
    }
    DictionaryName name =
        request.query().first("dictionary").isPresent()
            ? Parameters.dictionary(request.query().get("dictionary"))
            : names.get(ThreadLocalRandom.current().nextInt(names.size()));
    long seed = ThreadLocalRandom.current().nextLong();
    List<Integer> found = stores.ask(name, store -> store.interesting(1, seed, "true"));
    int feature =
        found.isEmpty()
            ? ThreadLocalRandom.current().nextInt(stores.summary(name).features())
            : found.getFirst();
    Answers.fresh(request, response, Map.of("feature", new FeatureName(name, feature)));
  }

  private void api(ServerRequest request, ServerResponse response) {
    byte[] document = WebJars.resource("/dev/loupe/web/openapi.json").orElseThrow();
    Answers.tagged(request, response, Body.of(Body.JSON, document));
  }
}
