package dev.loupe.web;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.FeatureName;
import dev.loupe.interpret.Explanation;
import dev.loupe.interpret.FeatureExplanations;
import dev.loupe.interpret.Measured;
import dev.loupe.interpret.Score;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code /api/explanations}: what machines say of features, and how well that holds. */
final class ExplanationRoutes implements HttpService {
  private final Interpretations interpretations;
  private final Stores stores;

  ExplanationRoutes(Interpretations interpretations, Stores stores) {
    this.interpretations = interpretations;
    this.stores = stores;
  }

  @Override
  public void routing(HttpRules rules) {
    rules.get("/{dictionary}", this::all).get("/{dictionary}/{feature}", this::one);
  }

  /** The best of each feature, column by column. */
  private void all(ServerRequest request, ServerResponse response) {
    DictionaryName name = Parameters.dictionary(request);
    stores.summary(name); // says what there is
    List<Integer> features = new ArrayList<>();
    List<String> texts = new ArrayList<>();
    List<String> methods = new ArrayList<>();
    List<String> scorers = new ArrayList<>();
    List<Optional<Double>> values = new ArrayList<>();
    interpretations
        .best(name)
        .forEach((feature, best) -> {
          Optional<Score> score = best.telling().filter(s -> s.measured().known());
          features.add(feature);
          texts.add(best.explanation().text());
          methods.add(best.explanation().method());
          scorers.add(score.map(Score::scorer).orElse(""));
          values.add(score.map(s -> s.measured().value()));
        });
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("dictionary", name);
    json.put("features", features);
    json.put("texts", texts);
    json.put("methods", methods);
    json.put("scorers", scorers);
    json.put("values", values);
    Answers.tagged(request, response, Body.json(json));
  }

  private void one(ServerRequest request, ServerResponse response) {
    FeatureName name = Parameters.feature(request);
    Records.check(stores.summary(name.dictionary()), name.feature());
    FeatureExplanations all = interpretations.of(name.dictionary(), name.feature());
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("feature", name);
    json.put("best", all.best().map(best -> best.explanation().id()));
    json.put("explanations", all.current().stream().map(ExplanationRoutes::explanation).toList());
    Answers.fresh(request, response, json);
  }

  private static Map<String, Object> explanation(FeatureExplanations.Explained explained) {
    Explanation explanation = explained.explanation();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("id", explanation.id());
    json.put("method", explanation.method());
    json.put("author", explanation.author());
    json.put("time", explained.time());
    json.put("text", explanation.text());
    json.put("prompts", explanation.prompts());
    json.put("scores", explained.scores().stream().map(ExplanationRoutes::score).toList());
    return json;
  }

  private static Map<String, Object> score(Score score) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("scorer", score.scorer());
    json.put("author", score.author());
    json.put("measured", measured(score.measured()));
    json.put("baseline", score.baseline().map(b -> measured(b.measured())));
    json.put("baseline_feature", score.baseline().map(Score.Baseline::feature));
    json.put("prompts", score.prompts());
    return json;
  }

  private static Map<String, Object> measured(Measured measured) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("measure", measured.measure());
    json.put("value", measured.result().map(r -> r.value()));
    json.put("low", measured.result().map(r -> r.low()));
    json.put("high", measured.result().map(r -> r.high()));
    json.put("positives", measured.positives());
    json.put("negatives", measured.negatives());
    json.put("failed", measured.failed());
    json.put("strata", measured.strata());
    return json;
  }
}
