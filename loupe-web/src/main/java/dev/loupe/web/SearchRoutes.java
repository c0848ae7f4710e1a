package dev.loupe.web;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.FeatureName;
import dev.loupe.dictionary.Suite;
import dev.loupe.inference.Cosines;
import dev.loupe.notes.FeatureNotes;
import dev.loupe.notes.Notebook;
import dev.loupe.search.ExactSearch;
import dev.loupe.search.Query;
import dev.loupe.store.TokenColumns;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.time.Duration;
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

  SearchRoutes(Suite suite, Stores stores, Columns columns, Notebook notebook) {
    this.suite = suite;
    this.stores = stores;
    this.columns = columns;
    this.notebook = notebook;
  }

  @Override
  public void routing(HttpRules rules) {
    rules.get("/search", this::search).get("/compare", this::compare);
  }

  private void search(ServerRequest request, ServerResponse response) {
    Query query = ModelRoutes.valid(() -> Query.parse(Parameters.text(request, "q", "")));
    int limit = Parameters.number(request, "limit", 50, 1, MOST_RESULTS);
    List<DictionaryName> wanted =
        Parameters.list(request, "dictionaries", suite.names().size(), DictionaryName::parse);
    wanted.forEach(stores::summary);
    ExactSearch search = new ExactSearch(query, TIME, limit);
    Map<DictionaryName, Map<Integer, FeatureNotes>> notes = notes();
    for (DictionaryName name : wanted.isEmpty() ? stores.summaries().keySet() : wanted) {
      TokenColumns tokens = columns.tokenColumns(name);
      ModelRoutes.valid(() -> {
        search.in(name, tokens, notes.getOrDefault(name, Map.of()));
        return name;
      });
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("results", search.hits());
    Answers.fresh(request, response, json);
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
