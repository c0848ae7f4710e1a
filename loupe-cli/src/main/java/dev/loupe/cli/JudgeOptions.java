package dev.loupe.cli;

import dev.loupe.judge.ApiKey;
import dev.loupe.judge.Endpoint;
import dev.loupe.judge.JudgeSetup;
import dev.loupe.judge.Price;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Option;

/** Which language model is asked, and for how much. */
@Heading("Judge")
final class JudgeOptions {
  private static final String NONE = "none";

  @Option(
      names = "--judge",
      paramLabel = "URL|none",
      defaultValue = NONE,
      description =
          "an endpoint of OpenAI's protocol, such as http://127.0.0.1:8080/v1; the key is in the"
              + " environment, LOUPE_JUDGE_KEY or OPENAI_API_KEY (default: ${DEFAULT-VALUE})")
  private String url = NONE;

  @Option(names = "--judge-model", paramLabel = "NAME", description = "its name at the endpoint")
  private Optional<String> model = Optional.empty();

  @Option(
      names = "--price",
      paramLabel = "IN/OUT",
      description =
          "for a million tokens read and written, in your currency (default: 0/0 on this machine)")
  private Optional<String> price = Optional.empty();

  @Option(
      names = "--budget",
      paramLabel = "AMOUNT",
      description = "the most to spend from this start on; needed where there is a price")
  private Optional<BigDecimal> budget = Optional.empty();

  @Option(
      names = "--requests-per-minute",
      paramLabel = "N",
      description = "at most (default: as many as it takes)")
  private Optional<Integer> requestsPerMinute = Optional.empty();

  @Option(
      names = "--tokens-per-minute",
      paramLabel = "N",
      description = "at most (default: as many as it takes)")
  private Optional<Integer> tokensPerMinute = Optional.empty();

  @Option(
      names = "--judge-calls",
      paramLabel = "N",
      defaultValue = "8",
      description = "under way at a time (default: ${DEFAULT-VALUE})")
  private int calls = 8;

  @Option(
      names = "--judge-timeout",
      paramLabel = "SECONDS",
      defaultValue = "120",
      description = "for a whole answer (default: ${DEFAULT-VALUE})")
  private int timeoutSeconds = 120;

  @Option(
      names = "--estimate",
      description = "say what the judge would cost, from the prompts of 20 features, and stop")
  private boolean estimate;

  boolean estimate() {
    return estimate;
  }

  boolean isGiven() {
    return !url.equals(NONE);
  }

  /** How many features must be worked on to keep the judge busy. */
  int calls() {
    return calls;
  }

  /** The name of the model. */
  String model() {
    return model.orElseThrow(
        () -> new IllegalArgumentException("expected --judge-model beside --judge, got none"));
  }

  Price price() {
    if (price.isPresent()) {
      return Price.parse(price.get());
    }
    if (!Endpoint.isHere(address())) {
      throw new IllegalArgumentException(
          "expected --price IN/OUT for a judge that is not on this machine, got none; give what"
              + " a million tokens read and written cost, such as 0.15/0.60, or 0/0");
    }
    return Price.FREE;
  }

  /**
   * All that is known of it; reads the key.
   *
   * @param folder for the ledger and the answers
   */
  JudgeSetup setup(Path folder) {
    URI address = address();
    return new JudgeSetup(
        new Endpoint(address, model(), ApiKey.of(System.getenv(), address)),
        price(),
        budget,
        optional(requestsPerMinute),
        optional(tokensPerMinute),
        calls,
        Duration.ofSeconds(timeoutSeconds),
        folder);
  }

  private URI address() {
    try {
      return URI.create(url);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "expected --judge such as http://127.0.0.1:8080/v1 or none, got no address", e);
    }
  }

  private static OptionalInt optional(Optional<Integer> number) {
    return number.map(OptionalInt::of).orElse(OptionalInt.empty());
  }
}
