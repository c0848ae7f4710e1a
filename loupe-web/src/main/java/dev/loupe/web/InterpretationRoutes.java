package dev.loupe.web;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Suite;
import dev.loupe.interpret.InterpretRun;
import dev.loupe.interpret.Overview;
import dev.loupe.judge.AnswerCache;
import dev.loupe.judge.JudgeSetup;
import dev.loupe.judge.JudgeUse;
import dev.loupe.judge.Ledger;
import dev.loupe.judge.LedgerLine;
import dev.loupe.store.StoreSummary;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * {@code /api/interpretations}: runs of {@code interpret}, how far they have come, what they cost
 * and what came out; {@code /api/exchanges}: what judges were asked, and said.
 */
final class InterpretationRoutes implements HttpService {
  private final Suite suite;
  private final Interpretations interpretations;
  private final Stores stores;
  private final AnswerCache answers;
  private final Path ledger;
  private final Map<DictionaryName, Seen> seen = new ConcurrentHashMap<>();

  /** An overview, and the state of the file that it is of. */
  private record Seen(long version, Overview overview) {}

  InterpretationRoutes(Suite suite, Interpretations interpretations, Stores stores) {
    this.suite = suite;
    this.interpretations = interpretations;
    this.stores = stores;
    Path folder = AnswerCache.folder(suite.directory());
    this.answers = new AnswerCache(folder);
    this.ledger = folder.resolve(JudgeSetup.LEDGER);
  }

  @Override
  public void routing(HttpRules rules) {
    rules
        .get("/interpretations", this::all)
        .get("/interpretations/{dictionary}", this::one)
        .get("/exchanges/{key}", this::exchange);
  }

  private void all(ServerRequest request, ServerResponse response) {
    List<Map<String, Object>> json = new ArrayList<>();
    stores
        .summaries()
        .forEach((name, summary) -> {
          Map<String, Object> each = new LinkedHashMap<>();
          each.put("dictionary", name);
          each.put("features", summary.features());
          each.put("explained", interpretations.file(name).features());
          each.put("run", run(name));
          json.add(each);
        });
    Answers.fresh(request, response, json);
  }

  private void one(ServerRequest request, ServerResponse response) {
    DictionaryName name = Parameters.dictionary(request);
    StoreSummary summary = stores.summary(name);
    Overview overview = overview(name, summary.features());
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("dictionary", name);
    json.put("run", run(name));
    json.put("summary", overview.summary());
    json.put("spreads", overview.spreads());
    json.put("standings", overview.standings());
    json.put("spending", spending(name).lines());
    Answers.fresh(request, response, json);
  }

  private Optional<Map<String, Object>> run(DictionaryName name) {
    return InterpretRun.read(suite.directory(), name)
        .map(run -> {
          Map<String, Object> json = new LinkedHashMap<>();
          json.put("state", run.isSilent(Instant.now()) ? "silent" : run.state().label());
          json.put("started", run.started());
          json.put("updated", run.updated());
          json.put("stage", run.stage());
          json.put("done", run.done());
          json.put("total", run.total());
          json.put("message", run.message());
          return json;
        });
  }

  /** A run that goes on adds lines all the time: of those who look on, one waits at a time. */
  private synchronized Overview overview(DictionaryName name, int features) {
    long version = interpretations.version(name);
    Seen last = seen.get(name);
    if (last == null || last.version() != version) {
      last = new Seen(version, Overview.of(interpretations.file(name), features));
      seen.put(name, last);
    }
    return last.overview();
  }

  private JudgeUse spending(DictionaryName name) {
    List<LedgerLine> lines =
        Ledger.read(ledger).stream()
            .filter(line -> line.feature().dictionary().equals(name))
            .toList();
    return JudgeUse.of(lines);
  }

  private void exchange(ServerRequest request, ServerResponse response) {
    String key = request.path().pathParameters().get("key");
    AnswerCache.Exchange exchange =
        Parameters.parsed(key, answers::find)
            .orElseThrow(() ->
                RequestException.notFound("no question %s here".formatted(Gate.printable(key))));
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("key", key);
    json.put("model", exchange.model());
    json.put("temperature", exchange.temperature());
    json.put("max_tokens", exchange.maxTokens());
    json.put("system", exchange.system());
    json.put("user", exchange.user());
    json.put("outcome", exchange.outcome());
    json.put("text", exchange.text());
    json.put("prompt_tokens", exchange.usage().promptTokens());
    json.put("completion_tokens", exchange.usage().completionTokens());
    Answers.fresh(request, response, json);
  }
}
