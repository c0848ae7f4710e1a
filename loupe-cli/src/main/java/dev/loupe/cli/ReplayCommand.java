package dev.loupe.cli;

import dev.loupe.dictionary.Suite;
import dev.loupe.judge.Answer;
import dev.loupe.judge.AnswerCache;
import dev.loupe.judge.EndpointJudge;
import dev.loupe.judge.Outcome;
import dev.loupe.judge.Replay;
import dev.loupe.judge.Spending;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code loupe replay}. */
@Command(
    name = "replay",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Asks a judge a question again that interpret asked, and shows both answers. The keys of"
            + " questions are on a feature's page, in SUITE/explanations and in the ledger.",
    footer = {
      "",
      "Example: ./loupe replay runs/demo KEY --judge http://127.0.0.1:8080/v1 --judge-model NAME",
      "No explanation and no score is changed. What was said goes to SUITE/judge/replays."
    })
final class ReplayCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "SUITE", description = "the suite's folder")
  private Path suite = Path.of("");

  @Parameters(index = "1", paramLabel = "KEY", description = "of the question, 64 digits")
  private String key = "";

  @Mixin private JudgeOptions judge = new JudgeOptions();

  @Mixin private OutputOptions output = new OutputOptions();

  /** Both answers, as JSON. */
  record Both(
      String key,
      String feature,
      String system,
      String user,
      Said kept,
      Said again,
      boolean same,
      Spending spending) {}

  /** An answer. */
  record Said(String model, Outcome outcome, String text) {}

  @Override
  public Integer call() {
    if (!judge.isGiven()) {
      throw new IllegalArgumentException("expected --judge URL to ask, got none");
    }
    Path folder = AnswerCache.folder(Suite.open(suite).directory());
    Replay replay = Replay.find(folder, key);
    Path own = folder.resolve("replays").resolve(String.valueOf(Instant.now().toEpochMilli()));
    try (EndpointJudge endpoint = EndpointJudge.open(judge.setup(own))) {
      Answer again = endpoint.ask(replay.question());
      AnswerCache.Exchange kept = replay.kept();
      Both both =
          new Both(
              key,
              replay.question().feature().toString(),
              kept.system(),
              kept.user(),
              new Said(kept.model(), kept.outcome(), kept.text()),
              new Said(judge.model(), again.outcome(), again.text()),
              replay.isSame(again),
              endpoint.spending());
      output.print(both, () -> text(both));
    }
    return 0;
  }

  private static String text(Both both) {
    return """
    Instructions
    %s

    Question about %s
    %s

    %s said (%s)
    %s

    %s says now (%s)
    %s

    %s; spent: %s\
    """
        .formatted(
            both.system().indent(2).stripTrailing(),
            both.feature(),
            both.user().indent(2).stripTrailing(),
            both.kept().model(),
            both.kept().outcome().label(),
            both.kept().text().indent(2).stripTrailing(),
            both.again().model(),
            both.again().outcome().label(),
            both.again().text().indent(2).stripTrailing(),
            both.same() ? "The same answer" : "Another answer",
            EstimateText.money(both.spending().price()));
  }
}
