package dev.loupe.judge;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.openai.client.OpenAIClient;
import com.openai.client.OpenAIClientImpl;
import com.openai.core.ClientOptions;
import com.openai.core.JsonValue;
import com.openai.errors.OpenAIException;
import com.openai.errors.OpenAIInvalidDataException;
import com.openai.errors.OpenAIIoException;
import com.openai.errors.OpenAIServiceException;
import com.openai.models.ResponseFormatJsonObject;
import com.openai.models.ResponseFormatJsonSchema;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.completions.CompletionUsage;
import java.net.ConnectException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** One request to an endpoint: builds it, sends it once, and says what it came to. Thread-safe. */
final class ChatCall implements AutoCloseable {
  private static final int SAID = 300; // characters of what an endpoint says that are shown

  private final Endpoint endpoint;
  private final OpenAIClient client;

  ChatCall(Endpoint endpoint, Duration timeout) {
    this.endpoint = endpoint;
    this.client =
        new OpenAIClientImpl(
            ClientOptions.builder()
                .httpClient(new Transport(endpoint, timeout))
                .baseUrl(endpoint.base().toString())
                .apiKey("in-the-transport")
                .maxRetries(0)
                .build());
  }

  Reply send(Question question, Dialect dialect) {
    try {
      return answered(question, client.chat().completions().create(request(question, dialect)));
    } catch (OpenAIServiceException e) {
      return refused(e);
    } catch (OpenAIInvalidDataException e) {
      return new Reply.NotNow("no answer of the chat protocol: " + said(e), Optional.empty(), true);
    } catch (OpenAIIoException e) {
      boolean sent = !(e.getCause() instanceof ConnectException);
      return new Reply.NotNow(said(e), Optional.empty(), sent);
    }
  }

  private ChatCompletionCreateParams request(Question question, Dialect dialect) {
    var request = ChatCompletionCreateParams.builder().model(endpoint.model());
    if (dialect.systemRole() && !question.system().isEmpty()) {
      request.addSystemMessage(question.system()).addUserMessage(question.user());
    } else {
      request.addUserMessage((question.system() + "\n\n" + question.user()).strip());
    }
    if (dialect.newLimit()) {
      request.maxCompletionTokens(question.maxTokens());
    } else {
      // not by its method, which is out of date; most servers know no other
      request.putAdditionalBodyProperty("max_tokens", JsonValue.from(question.maxTokens()));
    }
    if (dialect.temperature()) {
      request.temperature(question.temperature());
    }
    switch (dialect.form()) {
      case SCHEMA -> request.responseFormat(schema(question.shape()));
      case OBJECT -> request.responseFormat(ResponseFormatJsonObject.builder().build());
      case TEXT -> {}
    }
    return request.build();
  }

  private static ResponseFormatJsonSchema schema(AnswerShape shape) {
    var schema = ResponseFormatJsonSchema.JsonSchema.Schema.builder();
    ObjectNode tree = shape.tree();
    tree.properties()
        .forEach(entry ->
            schema.putAdditionalProperty(entry.getKey(), JsonValue.fromJsonNode(entry.getValue())));
    return ResponseFormatJsonSchema.builder()
        .jsonSchema(
            ResponseFormatJsonSchema.JsonSchema.builder()
                .name(shape.name())
                .strict(true)
                .schema(schema.build())
                .build())
        .build();
  }

  private Reply answered(Question question, ChatCompletion completion) {
    List<ChatCompletion.Choice> choices = completion.choices();
    Usage usage = usage(completion).orElseGet(() -> Usage.most(question));
    if (choices.isEmpty()) {
      return new Reply.Answered(Outcome.UNREADABLE, "", usage);
    }
    var message = choices.getFirst().message();
    Optional<String> refusal = message.refusal().filter(text -> !text.isBlank());
    String finish =
        choices.getFirst()._finishReason().asKnown().map(reason -> reason.asString()).orElse("");
    String text = endpoint.hide(message.content().orElse(""));
    if (refusal.isPresent() || finish.equals("content_filter")) {
      return new Reply.Answered(Outcome.REFUSED, refusal.map(endpoint::hide).orElse(text), usage);
    }
    if (finish.equals("length")) {
      return new Reply.Answered(Outcome.CUT, text, usage);
    }
    boolean readable = LenientJson.find(text).isPresent();
    return new Reply.Answered(readable ? Outcome.ANSWERED : Outcome.UNREADABLE, text, usage);
  }

  /** Empty where the endpoint says nothing, or nothing that can be. */
  private static Optional<Usage> usage(ChatCompletion completion) {
    try {
      return completion.usage().map(ChatCall::usage);
    } catch (OpenAIInvalidDataException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Usage usage(CompletionUsage usage) {
    long cached = usage.promptTokensDetails().flatMap(details -> details.cachedTokens()).orElse(0L);
    return new Usage(usage.promptTokens(), cached, usage.completionTokens(), true);
  }

  private Reply refused(OpenAIServiceException e) {
    int status = e.statusCode();
    String said = "status " + status + ": " + said(e);
    boolean noMoney = e.code().filter("insufficient_quota"::equals).isPresent();
    if ((status == 429 && !noMoney) || status == 408 || (status >= 500 && status != 501)) {
      return new Reply.NotNow(said, RetryAfter.of(e.headers(), Clock.systemUTC()), status == 504);
    }
    return switch (status) {
      case 400, 415, 422, 501 -> new Reply.NotThus(said);
      case 401, 403 ->
          new Reply.Never(said + "; is the key in %s the one for it?".formatted(ApiKey.VARIABLE));
      case 404 -> new Reply.Never(said + "; is the address right, and the model's name?");
      default ->
          new Reply.Never(
              status / 100 == 3
                  ? said + "; redirects are not followed: give the address itself"
                  : said);
    };
  }

  /** Without the key, in one line, not too long. */
  private String said(OpenAIException e) {
    String text = endpoint.hide(String.valueOf(e.getMessage())).replaceAll("\\s+", " ").strip();
    return text.length() > SAID ? text.substring(0, SAID) + "…" : text;
  }

  @Override
  public void close() {
    client.close();
  }
}
