package dev.loupe.web;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.FeatureName;
import dev.loupe.dictionary.Suite;
import dev.loupe.inference.Cosines;
import dev.loupe.notes.FeatureNotes;
import dev.loupe.notes.Notebook;
import dev.loupe.search.ExactSearch;
import dev.loupe.search.Query;
import dev.loupe.search.Said;
import dev.loupe.search.SemanticIndex;
import dev.loupe.search.SemanticSearch;
import dev.loupe.store.TokenColumns;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code /api/search} and {@code /api/compare}: features of several dictionaries. */
final class SearchRoutes implements HttpService {
  private static final Duration TIME = Duration.ofSeconds(2);
  private static final int MOST_RESULTS = 500;
  private static final int MOST_COMPARED = 6;

  private final Suite suite;
  private final Stores stores;
  private final Columns columns;
  private final Notebook notebook;
  private final Said said;
  private final SemanticIndex index;

  SearchRoutes(
      Suite suite,
      Stores stores,
      Columns columns,
      Notebook notebook,
      Said said,
      SemanticIndex index) {
    this.suite = suite;
    this.stores = stores;
    this.columns = columns;
    this.notebook = notebook;
    this.said = said;
    this.index = index;
  }

  @Override
  public void routing(HttpRules rules) {
    rules.get("/search", this::search).get("/compare", this::compare);
  }

  private void search(ServerRequest request, ServerResponse response) {
    String text = Parameters.text(request, "q", "");
    int limit = Parameters.number(request, "limit", 50, 1, MOST_RESULTS);
    List<DictionaryName> named =
        Parameters.list(request, "dictionaries", suite.names().size(), DictionaryName::parse);
    named.forEach(stores::summary);
    Collection<DictionaryName> wanted = named.isEmpty() ? stores.summaries().keySet() : named;
    String mode = Parameters.text(request, "mode", "exact");
    Map<String, Object> json =
        switch (mode) {
          case "exact" -> exact(text, limit, wanted);
          case "semantic" -> semantic(text, limit, wanted);
          default ->
              throw new RequestException(
                  400, "expected mode exact or semantic, got " + Gate.printable(mode));
        };
    Answers.fresh(request, response, json);
  }

  private Map<String, Object> exact(String text, int limit, Collection<DictionaryName> wanted) {
    Query query = ModelRoutes.valid(() -> Query.parse(text));
    ExactSearch search = new ExactSearch(query, TIME, limit);
    Map<DictionaryName, Map<Integer, FeatureNotes>> notes = notes();
    for (DictionaryName name : wanted) {
      TokenColumns tokens = columns.tokenColumns(name);
      ModelRoutes.valid(() -> {
        search.in(name, tokens, notes.getOrDefault(name, Map.of()), said.of(name));
        return name;
      });
    }
    return Map.of("results", search.hits());
  }

  /** What is indexed so far; the answer says how much that is. */
  private Map<String, Object> semantic(String text, int limit, Collection<DictionaryName> wanted) {
    SemanticSearch search = ModelRoutes.valid(() -> new SemanticSearch(index, text, limit));
    SemanticIndex.Progress progress = index.prepare(wanted.stream().map(stores::summary).toList());
    Map<DictionaryName, Map<Integer, FeatureNotes>> notes = notes();
    for (DictionaryName name : wanted) {
      search.in(name, columns.tokenColumns(name), notes.getOrDefault(name, Map.of()));
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("results", search.hits());
    json.put("indexing", progress);
    return json;
  }

  private Map<DictionaryName, Map<Integer, FeatureNotes>> notes() {
    Map<DictionaryName, Map<Integer, FeatureNotes>> all = new HashMap<>();
    for (FeatureNotes notes : notebook.all()) {
      all.computeIfAbsent(notes.feature().dictionary(), _ -> new HashMap<>())
          .put(notes.feature().feature(), notes);
    }
    return all;
  }

  private void compare(ServerRequest request, ServerResponse response) {
    List<FeatureName> features =
        Parameters.list(request, "features", MOST_COMPARED, FeatureName::parse);
    if (features.size() < 2) {
      throw new RequestException(
          400, "expected 2 to %d features, got %d".formatted(MOST_COMPARED, features.size()));
    }
    for (FeatureName name : features) {
      if (!suite.names().contains(name.dictionary())) {
        stores.summary(name.dictionary()); // says what there is
      }
    }
    Cosines cosines = ModelRoutes.valid(() -> Cosines.of(suite, features));
    Answers.tagged(request, response, Body.json(cosines));
  }
}
