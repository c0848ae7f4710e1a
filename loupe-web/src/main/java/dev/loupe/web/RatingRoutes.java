package dev.loupe.web;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Suite;
import dev.loupe.interpret.Agreement;
import dev.loupe.interpret.ItemSheet;
import dev.loupe.interpret.JudgedScorer;
import dev.loupe.interpret.Rating;
import dev.loupe.interpret.RatingSheet;
import dev.loupe.interpret.RatingSheets;
import dev.loupe.interpret.Ratings;
import dev.loupe.judge.AnswerCache;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * {@code /api/ratings}: people do what judges do, without knowing who made the words or how they
 * did, and see afterwards how far they agree.
 */
final class RatingRoutes implements HttpService {
  private final Suite suite;
  private final Interpretations interpretations;
  private final Stores stores;
  private final Gate gate;
  private final boolean readOnly;
  private final AnswerCache answers;
  private final Map<DictionaryName, Ratings> open = new ConcurrentHashMap<>();

  RatingRoutes(
      Suite suite, Interpretations interpretations, Stores stores, Gate gate, boolean readOnly) {
    this.suite = suite;
    this.interpretations = interpretations;
    this.stores = stores;
    this.gate = gate;
    this.readOnly = readOnly;
    this.answers = new AnswerCache(AnswerCache.folder(suite.directory()));
  }

  @Override
  public void routing(HttpRules rules) {
    rules
        .get("/{dictionary}", this::agreement)
        .get("/{dictionary}/next", this::next)
        .post("/{dictionary}", this::add);
  }

  private Ratings ratings(DictionaryName name) {
    return open.computeIfAbsent(
        name, n -> Ratings.open(suite.directory(), n, InstantSource.system()));
  }

  private RatingSheets sheets(DictionaryName name, JudgedScorer.Test test) {
    return new RatingSheets(name, test, interpretations.file(name), answers);
  }

  /** Of each test that was rated: of all who rate, and of each. */
  private void agreement(ServerRequest request, ServerResponse response) {
    DictionaryName name = Parameters.dictionary(request);
    stores.summary(name); // says what there is
    Map<String, List<Rating>> tests =
        ratings(name).all().stream()
            .collect(Collectors.groupingBy(Rating::test, TreeMap::new, Collectors.toList()));
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("dictionary", name);
    json.put("tests", tests.entrySet().stream().map(e -> test(e.getKey(), e.getValue())).toList());
    Answers.fresh(request, response, json);
  }

  private static Map<String, Object> test(String test, List<Rating> ratings) {
    Map<String, Agreement> raters = new LinkedHashMap<>();
    for (String rater : new TreeSet<>(ratings.stream().map(Rating::rater).toList())) {
      raters.put(
          rater, Agreement.of(ratings.stream().filter(r -> r.rater().equals(rater)).toList()));
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("test", test);
    json.put("all", Agreement.of(ratings));
    json.put("raters", raters);
    return json;
  }

  private void next(ServerRequest request, ServerResponse response) {
    DictionaryName name = Parameters.dictionary(request);
    stores.summary(name);
    JudgedScorer.Test test = test(Parameters.text(request, "test", "detection"));
    String rater = rater(Parameters.text(request, "rater", ""));
    RatingSheets sheets = sheets(name, test);
    List<Rating> given = ratings(name).all();
    Optional<RatingSheet> next = stores.ask(name, store -> sheets.next(rater, given, store));
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("rated", given.stream().filter(r -> r.rater().equals(rater)).count());
    json.put("judged", sheets.judged());
    json.put("sheet", next.map(RatingRoutes::blind));
    Answers.fresh(request, response, json);
  }

  /** What may be seen before the rating. */
  private static Map<String, Object> blind(RatingSheet sheet) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("explanation", sheet.explanation().id());
    json.put("test", sheet.test().label());
    json.put("text", sheet.explanation().text());
    json.put("passages", sheet.items().stream().map(ItemSheet.Item::line).toList());
    return json;
  }

  /** The body of a POST. */
  record RatingBody(
      @Nullable String rater,
      @Nullable String explanation,
      @Nullable String test,
      @Nullable List<@Nullable Boolean> said) {
    /** Yes or no to each passage. */
    List<Boolean> answers() {
      List<Boolean> answers = new ArrayList<>();
      for (@Nullable Boolean each : ModelRoutes.required(said, "said")) {
        answers.add(ModelRoutes.required(each, "yes or no to each passage in said"));
      }
      return answers;
    }
  }

  private void add(ServerRequest request, ServerResponse response) {
    if (readOnly) {
      throw new RequestException(
          403, "expected a server that takes ratings; this one is read-only");
    }
    gate.checkToken(request);
    DictionaryName name = Parameters.dictionary(request);
    stores.summary(name);
    RatingBody body = ModelRoutes.body(request, RatingBody.class);
    JudgedScorer.Test test = test(ModelRoutes.required(body.test(), "test"));
    String explanation = ModelRoutes.required(body.explanation(), "explanation");
    String rater = rater(ModelRoutes.required(body.rater(), "rater"));
    List<Boolean> said = body.answers();
    RatingSheets sheets = sheets(name, test);
    RatingSheet sheet =
        stores
            .ask(name, store -> sheets.of(explanation, store))
            .orElseThrow(() ->
                RequestException.notFound(
                    "no explanation %s of %s with passages to rate"
                        .formatted(Gate.printable(explanation), name)));
    Rating rating = ModelRoutes.valid(() -> sheet.rated(rater, said));
    ratings(name).add(rating);
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("feature", name + "/" + rating.feature());
    json.put("method", sheet.explanation().method());
    json.put("author", sheet.explanation().author());
    json.put("judge", rating.judge());
    json.put("items", rating.items());
    Answers.fresh(request, response, json);
  }

  private static String rater(String name) {
    if (name.isBlank() || name.length() > Rating.MAX_RATER) {
      throw new RequestException(
          400,
          "expected rater, a name of 1 to %d characters, got %d"
              .formatted(Rating.MAX_RATER, name.length()));
    }
    return name.strip();
  }

  private static JudgedScorer.Test test(String label) {
    return switch (label) {
      case "detection" -> JudgedScorer.Test.DETECTION;
      case "fuzzing" -> JudgedScorer.Test.FUZZING;
      default ->
          throw new RequestException(
              400,
              "expected a test of detection or fuzzing, got '%s'".formatted(Gate.printable(label)));
    };
  }
}
