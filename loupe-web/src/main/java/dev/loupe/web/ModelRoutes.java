package dev.loupe.web;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.FeatureName;
import dev.loupe.files.Json;
import dev.loupe.inference.Edit;
import dev.loupe.inference.OwnText;
import dev.loupe.inference.PromptPass;
import dev.loupe.inference.PromptRequest;
import dev.loupe.inference.Steering;
import dev.loupe.inference.SteeringRequest;
import dev.loupe.inference.SuiteModel;
import dev.loupe.model.GenerationRequest;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** What needs the language model: answers in lines, as the work goes on. */
final class ModelRoutes implements HttpService {
  /** Tokens of the longest text, with the begin id. */
  static final int MOST_TOKENS = 257;

  private static final int MOST_FEATURES = 12;
  private static final int MOST_CHARACTERS = 8_000;

  /** A field that is left out is null, and checked or filled in here. */
  private static final ObjectReader BODIES =
      Json.mapper().reader().without(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES);

  private final Optional<ModelQueue> queue;

  ModelRoutes(Optional<ModelQueue> queue) {
    this.queue = queue;
  }

  @Override
  public void routing(HttpRules rules) {
    rules
        .post("/activations", this::activations)
        .post("/prompt", this::prompt)
        .post("/steer", this::steer);
  }

  /** Features on a text: the body of {@code /api/activations}. */
  record ActivationsBody(String text, List<FeatureName> features) {}

  private void activations(ServerRequest request, ServerResponse response) {
    ActivationsBody body = body(request, ActivationsBody.class);
    String text = text(body.text());
    List<FeatureName> features = required(body.features(), "features");
    if (features.isEmpty() || features.size() > MOST_FEATURES) {
      throw new RequestException(
          400, "expected 1 to %d features, got %d".formatted(MOST_FEATURES, features.size()));
    }
    stream(
        request,
        response,
        (model, job) -> job.give(OwnText.activations(model, text, features, MOST_TOKENS)));
  }

  /** The body of {@code /api/prompt}. */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  record PromptBody(
      String text,
      @Nullable List<DictionaryName> dictionaries,
      PromptRequest.@Nullable Ranking by,
      @Nullable Integer top,
      @Nullable Double maxDensity) {
    PromptRequest request() {
      return new PromptRequest(
          ModelRoutes.text(text),
          dictionaries == null ? List.of() : dictionaries,
          by == null ? PromptRequest.Ranking.ACTIVATION : by,
          top == null ? 3 : top,
          maxDensity == null ? 1 : maxDensity);
    }
  }

  private void prompt(ServerRequest request, ServerResponse response) {
    PromptRequest wanted = valid(() -> body(request, PromptBody.class).request());
    stream(
        request,
        response,
        (model, job) -> PromptPass.run(model, wanted, MOST_TOKENS, job::give, job::isCancelled));
  }

  /** A change, of the body of {@code /api/steer}. */
  record EditBody(
      FeatureName feature,
      Edit.Mode mode,
      @Nullable Double value,
      @Nullable Integer from,
      @Nullable Integer to) {
    Edit edit() {
      return new Edit(
          required(feature, "feature"),
          required(mode, "mode"),
          value == null ? 0 : value,
          from == null ? OptionalInt.empty() : OptionalInt.of(from),
          to == null ? OptionalInt.empty() : OptionalInt.of(to));
    }
  }

  /** The body of {@code /api/steer}. */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  record SteerBody(
      String prompt,
      List<EditBody> edits,
      @Nullable Double dose,
      @Nullable Integer maxTokens,
      @Nullable Double temperature,
      @Nullable Double topP,
      @Nullable Long seed,
      @Nullable List<Double> doses,
      @Nullable String target) {
    SteeringRequest request() {
      return new SteeringRequest(
          ModelRoutes.text(prompt),
          required(edits, "edits").stream().map(EditBody::edit).toList(),
          dose == null ? 1 : dose,
          new GenerationRequest(
              maxTokens == null ? 40 : maxTokens,
              temperature == null ? 0 : temperature,
              0,
              topP == null ? 1 : topP,
              seed == null ? 0 : seed),
          doses == null ? List.of() : doses,
          target == null ? "" : target);
    }
  }

  private void steer(ServerRequest request, ServerResponse response) {
    SteeringRequest wanted = valid(() -> body(request, SteerBody.class).request());
    stream(
        request,
        response,
        (model, job) -> Steering.run(model, wanted, MOST_TOKENS, job::give, job::isCancelled));
  }

  private void stream(
      ServerRequest request, ServerResponse response, BiConsumer<SuiteModel, ModelQueue.Job> work) {
    ModelQueue model =
        queue.orElseThrow(() ->
            new RequestException(
                409, "expected a server with a language model; start it with --model"));
    try {
      new EventStream(request, response).send(model.submit(work));
    } catch (BusyException e) {
      response.header(HeaderNames.RETRY_AFTER, String.valueOf(e.retryAfterSeconds()));
      Answers.error(request, response, 429, String.valueOf(e.getMessage()));
    }
  }

  /** The body of a request as a record; what it cannot be is the client's error. */
  static <T> T body(ServerRequest request, Class<T> type) {
    if (!request.content().hasEntity()) {
      throw new RequestException(400, "expected a body in JSON, got none");
    }
    byte[] bytes = request.content().as(byte[].class);
    try {
      @Nullable T value = BODIES.forType(type).readValue(bytes);
      return required(value, "body");
    } catch (JsonProcessingException e) {
      throw new RequestException(
          400, "expected a body as /api/openapi.json says: " + e.getOriginalMessage());
    } catch (java.io.IOException e) {
      throw new RequestException(400, "expected a body in JSON, got " + e.getMessage());
    }
  }

  /** Makes a value of what a client sent; what it refuses is the client's error. */
  static <T> T valid(java.util.function.Supplier<T> make) {
    try {
      return make.get();
    } catch (IllegalArgumentException e) {
      throw new RequestException(400, String.valueOf(e.getMessage()));
    }
  }

  static <T> T required(@Nullable T value, String name) {
    if (value == null) {
      throw new RequestException(400, "expected a value for " + name + ", got none");
    }
    return value;
  }

  private static String text(@Nullable String text) {
    String given = required(text, "the text");
    if (given.isBlank() || given.length() > MOST_CHARACTERS) {
      throw new RequestException(
          400,
          "expected a text of 1 to %d characters, got %d"
              .formatted(MOST_CHARACTERS, given.length()));
    }
    return given;
  }
}
