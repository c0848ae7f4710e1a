package dev.loupe.judge;

import dev.loupe.dictionary.FeatureName;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;

/** What the tests of judges share. */
public final class TestJudge {
  static final AnswerShape SHAPE = new AnswerShape("items", "{\"type\":\"object\"}");

  private TestJudge() {}

  static Question question(String text) {
    return new Question(
        "You judge.", text, SHAPE, 200, 0, "detection", FeatureName.parse("L0R-8x/7"));
  }

  /** Free, without limits. */
  public static JudgeSetup setup(URI base, Path folder) {
    return new JudgeSetup(
        new Endpoint(base, "m", Optional.empty()),
        Price.FREE,
        Optional.empty(),
        OptionalInt.empty(),
        OptionalInt.empty(),
        4,
        Duration.ofSeconds(30),
        folder);
  }

  /** With 10 a million tokens read and 100 a million written: a good answer is 0.02. */
  static JudgeSetup priced(URI base, Path folder, String budget) {
    JudgeSetup setup = setup(base, folder);
    return new JudgeSetup(
        setup.endpoint(),
        Price.parse("10/100"),
        Optional.of(new BigDecimal(budget)),
        OptionalInt.empty(),
        OptionalInt.empty(),
        4,
        setup.timeout(),
        folder);
  }

  static JudgeSetup hasty(URI base, Path folder, int millis) {
    JudgeSetup setup = setup(base, folder);
    return new JudgeSetup(
        setup.endpoint(),
        setup.price(),
        setup.budget(),
        setup.requestsPerMinute(),
        setup.tokensPerMinute(),
        setup.atOnce(),
        Duration.ofMillis(millis),
        folder);
  }

  static JudgeSetup withKey(URI base, Path folder, String key) {
    JudgeSetup setup = setup(base, folder);
    return new JudgeSetup(
        new Endpoint(base, "m", ApiKey.of(Map.of(ApiKey.VARIABLE, key), base)),
        setup.price(),
        setup.budget(),
        setup.requestsPerMinute(),
        setup.tokensPerMinute(),
        setup.atOnce(),
        setup.timeout(),
        folder);
  }

  static EndpointJudge open(JudgeSetup setup, Waiting time) {
    return new EndpointJudge(setup, time, Backoff.USUAL, new SplittableRandom(1));
  }
}
