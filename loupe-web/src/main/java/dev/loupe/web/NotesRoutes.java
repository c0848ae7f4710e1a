package dev.loupe.web;

import dev.loupe.dictionary.FeatureName;
import dev.loupe.notes.Entry;
import dev.loupe.notes.EntryKind;
import dev.loupe.notes.FeatureNotes;
import dev.loupe.notes.NewEntry;
import dev.loupe.notes.Notebook;
import dev.loupe.store.StoreSummary;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** {@code /api/notes}: what people write about features. */
final class NotesRoutes implements HttpService {
  private static final String NOBODY = "anonymous";

  private final Notebook notebook;
  private final Stores stores;
  private final Gate gate;

  NotesRoutes(Notebook notebook, Stores stores, Gate gate) {
    this.notebook = notebook;
    this.stores = stores;
    this.gate = gate;
  }

  @Override
  public void routing(HttpRules rules) {
    rules.get("/", this::all).get("/{dictionary}/{feature}", this::one).post("/", this::add);
  }

  private void all(ServerRequest request, ServerResponse response) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("features", notebook.all().stream().map(NotesRoutes::brief).toList());
    json.put("tags", notebook.tags());
    Answers.fresh(request, response, json);
  }

  private void one(ServerRequest request, ServerResponse response) {
    Answers.fresh(request, response, whole(notebook.state(known(Parameters.feature(request)))));
  }

  /** The body of a POST to {@code /api/notes}. */
  record NoteBody(
      FeatureName feature,
      EntryKind kind,
      @Nullable String text,
      @Nullable Long of,
      @Nullable String author) {
    NewEntry entry() {
      return new NewEntry(
          author == null || author.isBlank() ? NOBODY : author.strip(),
          ModelRoutes.required(feature, "feature"),
          ModelRoutes.required(kind, "kind"),
          text == null ? "" : text.strip(),
          of == null ? OptionalLong.empty() : OptionalLong.of(of));
    }
  }

  private void add(ServerRequest request, ServerResponse response) {
    if (notebook.readOnly()) {
      throw new RequestException(403, "expected a server that takes notes; this one is read-only");
    }
    gate.checkToken(request);
    NewEntry entry = ModelRoutes.valid(() -> ModelRoutes.body(request, NoteBody.class).entry());
    known(entry.feature());
    ModelRoutes.valid(() -> notebook.append(entry));
    Answers.fresh(request, response, whole(notebook.state(entry.feature())));
  }

  /** The feature, if there is such a one. */
  private FeatureName known(FeatureName name) {
    StoreSummary summary = stores.summary(name.dictionary());
    Records.check(summary, name.feature());
    return name;
  }

  private static Map<String, Object> brief(FeatureNotes notes) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("feature", notes.feature());
    json.put("explanation", notes.explanation().map(Entry::text));
    json.put("notes", notes.notes().size());
    json.put("tags", notes.tags());
    json.put("bookmarked", notes.bookmarked());
    json.put("time", notes.history().getLast().entry().time().toString());
    return json;
  }

  private static Map<String, Object> whole(FeatureNotes notes) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("feature", notes.feature());
    json.put("explanation", notes.explanation().map(Entry::text));
    json.put("notes", notes.notes().stream().map(NotesRoutes::entry).toList());
    json.put("tags", notes.tags());
    json.put("bookmarked", notes.bookmarked());
    List<Map<String, Object>> history =
        notes.history().stream()
            .map(past -> {
              Map<String, Object> each = entry(past.entry());
              each.put("undone", past.undone());
              return each;
            })
            .toList();
    json.put("history", history);
    return json;
  }

  private static Map<String, Object> entry(Entry entry) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("id", entry.id());
    json.put("time", entry.time().toString());
    json.put("author", entry.author());
    json.put("kind", entry.kind().label());
    json.put("text", entry.text());
    entry.of().ifPresent(of -> json.put("of", of));
    return json;
  }
}
