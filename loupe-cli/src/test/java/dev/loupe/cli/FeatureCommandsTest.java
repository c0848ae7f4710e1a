package dev.loupe.cli;

import static dev.loupe.cli.Run.loupe;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.dictionary.FeatureName;
import dev.loupe.files.Json;
import dev.loupe.judge.AnswerCache;
import dev.loupe.judge.Ledger;
import dev.loupe.judge.TestEndpoint;
import dev.loupe.tensor.LeakCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Analysing a suite and looking at its features, as a user types it. */
@ExtendWith(LeakCheck.class)
final class FeatureCommandsTest {
  @TempDir private static Path shared;
  @TempDir private Path folder;

  private static String suite() {
    return shared.resolve("suite").toString();
  }

  @BeforeAll
  static void trainAndAnalyse() throws IOException {
    Run train =
        loupe(
            ("train --model demo --corpus demo --layers 1,2 --sites R --expansions 1 --tokens 8k"
                    + " --context 64 --batch 256 --set calibration_tokens=2048 --out "
                    + suite())
                .split(" "));
    assertThat(train.code()).as(train.err()).isZero();
    JsonNode json =
        loupe(
                "analyze",
                suite(),
                "--model",
                "demo",
                "--corpus",
                "demo",
                "--tokens",
                "12k",
                "--json")
            .json();
    assertThat(json).hasSize(2);
    assertThat(json.get(0).get("dictionary").asText()).isEqualTo("L1R-1x");
    assertThat(json.get(0).get("features").asInt()).isEqualTo(256);
    assertThat(json.get(0).get("tokens").asLong()).isGreaterThanOrEqualTo(12_000);
  }

  @Test
  void featuresAreSortedAndFiltered() throws IOException {
    JsonNode byRate = loupe("features", suite(), "L1R-1x", "--sort", "rate", "--json").json();
    assertThat(byRate).hasSize(20);
    double[] rates =
        StreamSupport.stream(byRate.spliterator(), false)
            .mapToDouble(row -> -row.get("rate").asDouble())
            .toArray();
    assertThat(rates).isSorted();
    JsonNode some =
        loupe(
                "features",
                suite(),
                "L1R-1x",
                "--where",
                "maximum > 5 and feature in (select feature from logits where top_z[1] > 2)",
                "--sort",
                "max",
                "--limit",
                "3",
                "--json")
            .json();
    assertThat(some).hasSize(3).allMatch(row -> row.get("maximum").asDouble() > 5);
    Run table = loupe("features", suite(), "L1R-1x", "--sort", "interesting", "--limit", "4");
    assertThat(table.code()).isZero();
    assertThat(table.out()).startsWith("feature ").contains("by token", "fires on");
  }

  @Test
  void aFeatureIsShownWithAllThatIsKnown() throws IOException {
    int feature =
        loupe("features", suite(), "L1R-1x", "--sort", "max", "--limit", "1", "--json")
            .json()
            .get(0)
            .get("feature")
            .asInt();
    Run text = loupe("feature", suite(), "L1R-1x/" + feature, "--samples", "2");
    assertThat(text.code()).as(text.err()).isZero();
    assertThat(text.out())
        .startsWith("L1R-1x/" + feature)
        .contains(
            "fires on", "activations", "makes likely", "decoder ", "decoder L2R-1x", "fires with")
        .contains("Strongest", "Anywhere", "«", "»")
        .doesNotContain("\u001B");
    JsonNode json = loupe("feature", suite(), "L1R-1x/" + feature, "--json").json();
    int fired = json.get("firings").asInt();
    for (String counts : new String[] {"log_counts", "linear_counts", "position_firings"}) {
      assertThat(
              StreamSupport.stream(json.get(counts).spliterator(), false).mapToInt(JsonNode::asInt))
          .satisfies(all -> assertThat(all.stream().mapToInt(i -> i).sum()).isEqualTo(fired));
    }
    JsonNode sample = json.get("samples").get(0);
    assertThat(sample.get("kind").asText()).isEqualTo("top");
    JsonNode peak = sample.get("tokens").get(sample.get("peak").asInt());
    assertThat(peak.get("activation").asDouble()).isEqualTo(sample.get("activation").asDouble());
    assertThat(sample.get("metadata").asText()).startsWith("{");
  }

  @Test
  void colouredTextShadesActivations() {
    int strongest =
        IntStream.range(0, 256)
            .filter(f -> loupe("feature", suite(), "L1R-1x/" + f).out().contains("Strongest"))
            .findFirst()
            .orElseThrow();
    try (var store =
        dev.loupe.analyze.Analysis.open(
            dev.loupe.dictionary.Suite.open(Path.of(suite())),
            dev.loupe.dictionary.DictionaryName.parse("L1R-1x"))) {
      String text =
          new FeatureText(
                  store,
                  FeatureName.parse("L1R-1x/" + strongest),
                  new dev.loupe.interpret.FeatureExplanations(List.of()),
                  2,
                  8,
                  8)
              .of(true);
      assertThat(text).contains("\u001B[1;38;5;16;48;5;", "\u001B[2m");
    }
  }

  @Test
  void featuresAreExplainedOnceAndShown() throws IOException {
    String[] command = {
      "interpret", suite(), "--only", "L2R-1x", "--features", "40", "--scorers", "rule", "--json"
    };
    JsonNode json = loupe(command).json().get("L2R-1x");
    assertThat(json.get("features").asInt()).isEqualTo(40);
    assertThat(json.get("explained").asInt()).isGreaterThan(30);
    assertThat(json.get("methods")).extracting(m -> m.get("method").asText()).contains("rules");
    Path file = Path.of(suite(), "explanations", "L2R-1x.jsonl");
    byte[] once = Files.readAllBytes(file);
    assertThat(loupe(command).json().get("L2R-1x")).isEqualTo(json);
    assertThat(Files.readAllBytes(file)).isEqualTo(once);
    JsonNode said = Json.mapper().readTree(Files.readAllLines(file).getFirst()).get("explanation");
    Run shown = loupe("feature", suite(), "L2R-1x/" + said.get("feature").asInt());
    assertThat(shown.out()).containsAnyOf("(rules", "(tokens", "(category");
    refused("expected a scorer of", "interpret", suite(), "--scorers", "magic");
    refused("expected an explainer of", "interpret", suite(), "--explainer", "magic");
  }

  @Test
  void anAnalysisThatIsThereIsNotDoneAgain() throws IOException {
    Path file = Path.of(suite(), "features", "L1R-1x", "samples.parquet");
    var before = Files.getLastModifiedTime(file);
    Run again = loupe("analyze", suite(), "--model", "demo", "--corpus", "demo", "--tokens", "12k");
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(again.out()).contains("L1R-1x", "L2R-1x", "dead");
    assertThat(Files.getLastModifiedTime(file)).isEqualTo(before);
    assertThat(Path.of(suite(), "features", ".analysis")).doesNotExist();
  }

  @Test
  void badUseIsExplained() {
    refused("expected a feature such as L2R-8x/417, got 'L1R-1x'", "feature", suite(), "L1R-1x");
    refused("from 0 to 255, got 256", "feature", suite(), "L1R-1x/256");
    refused("expected a dictionary of the suite", "features", suite(), "L4R-1x");
    refused("\"ratte\" not found", "features", suite(), "L1R-1x", "--where", "ratte > 1");
    refused("expected a --limit of at least 1", "features", suite(), "L1R-1x", "--limit", "0");
    String[] analyze = {"analyze", suite(), "--model", "demo-chat", "--corpus", "demo"};
    refused("--other-model allows it", analyze);
    refused(
        "expected a split of held-out, train or all, got 'test'",
        Stream.concat(Stream.of(analyze), Stream.of("--split", "test")).toArray(String[]::new));
    refused("expected a suite", "features", folder.toString(), "L1R-1x");
  }

  private static void refused(String message, String... command) {
    Run run = loupe(command);
    assertThat(run.code()).isIn(1, 2);
    assertThat(run.err()).contains(message).doesNotContain("Exception");
    assertThat(run.out()).isEmpty();
  }

  @Test
  void benchAnalyzeMeasuresAndLeavesNothing() throws IOException {
    JsonNode json =
        loupe(
                "bench",
                "analyze",
                suite(),
                "--model",
                "demo",
                "--corpus",
                "demo",
                "--tokens",
                "2k",
                "--only",
                "L2R-1x",
                "--json")
            .json();
    assertThat(json.get("features").asInt()).isEqualTo(256);
    assertThat(json.get("ratio").asDouble()).isPositive();
    assertThat(json.get("seconds_analysis").asDouble())
        .isGreaterThan(json.get("seconds_model").asDouble() / 10);
    assertThat(json.get("feature_tokens_per_second").asDouble()).isPositive();
  }

  private static String[] interpret(TestEndpoint server, String... more) {
    String[] command = {
      "interpret",
      suite(),
      "--features",
      "4",
      "--only",
      "L1R-1x",
      "--explainer",
      "paper,highlights,logits",
      "--scorers",
      "detection,fuzzing,intruder,simulation,rubric",
      "--judge",
      server.base().toString(),
      "--judge-model",
      "m",
      "--price",
      "10/100"
    };
    return more(command, more);
  }

  @Test
  void aJudgeIsEstimatedStopsAtTheBudgetAndIsPaidForNothingTwice() throws IOException {
    try (TestEndpoint server = TestEndpoint.open(TestEndpoint.answering())) {
      JsonNode estimate = loupe(interpret(server, "--estimate", "--json")).json().get("L1R-1x");
      assertThat(estimate.get("features").asInt()).isEqualTo(4);
      assertThat(estimate.get("likely").asDouble()).isBetween(0.1, 50.0);
      assertThat(estimate.get("most").asDouble()).isGreaterThan(estimate.get("likely").asDouble());
      assertThat(server.received()).isEmpty();

      Run stopped = loupe(interpret(server, "--budget", "2"));
      assertThat(stopped.code()).isEqualTo(1);
      assertThat(stopped.err())
          .contains("the budget of 2 does not hold the next question")
          .contains("The judge was asked");
      int asked = server.received().size();
      assertThat(asked).isBetween(10, 100); // 0.02 each

      JsonNode done = loupe(interpret(server, "--budget", "1000", "--json")).json();
      JsonNode methods = done.get("L1R-1x").get("methods");
      assertThat(methods.findValuesAsText("method"))
          .containsExactly("highlights", "logits", "paper", "rules");
      for (JsonNode method : methods) {
        assertThat(method.findValuesAsText("scorer"))
            .contains("detection", "fuzzing", "simulation");
        assertThat(method.findValuesAsText("scorer").contains("intruder")) // once a feature
            .isEqualTo(method.get("method").asText().equals("rules"));
      }
      assertThat(methods.get(2).findValuesAsText("scorer")).contains("rubric_same_examples");
      // no question went out twice, in both runs together
      assertThat(server.received())
          .extracting(request -> request.body().toString())
          .doesNotHaveDuplicates();
      assertThat(server.received().size()).isGreaterThan(asked);

      int all = server.received().size();
      Run again = loupe(interpret(server, "--budget", "0"));
      assertThat(again.code()).as(again.err()).isZero();
      assertThat(again.err()).contains("asked 0 questions");
      assertThat(server.received()).hasSize(all);

      Path answers = AnswerCache.folder(Path.of(suite()));
      String key = Ledger.read(answers.resolve("ledger.jsonl")).getFirst().key();
      String[] replay = {
        "replay", suite(), key, "--judge", server.base() + "", "--judge-model", "m"
      };
      JsonNode both = loupe(more(replay, "--json")).json();
      assertThat(server.received()).hasSize(all + 1);
      assertThat(server.received().getLast().text()).contains(both.get("user").asText());
      assertThat(both.at("/kept/text").asText())
          .isEqualTo(new AnswerCache(answers).find(key).orElseThrow().text());
    }
  }

  @Test
  void aLocalModelIsSurprised() throws IOException {
    JsonNode done =
        loupe(
                "interpret",
                suite(),
                "--only",
                "L2R-1x",
                "--features",
                "1",
                "--explainer",
                "rules",
                "--scorers",
                "surprisal",
                "--json")
            .json();
    JsonNode scores = done.get("L2R-1x").get("methods").get(0).get("scores");
    assertThat(scores.findValuesAsText("scorer")).containsExactly("surprisal");
    assertThat(scores.get(0).get("mean").asDouble()).isBetween(0.0, 1.0);
  }

  @Test
  void aJudgeIsRefusedWithoutWhatItNeeds() {
    String[] paper = {"interpret", suite(), "--features", "1", "--explainer", "paper"};
    refused("expected --judge URL for paper", paper);
    String[] remote = more(paper, "--judge", "https://judge.example/v1");
    refused("expected --price IN/OUT", remote);
    refused("expected --judge-model", more(remote, "--price", "0/0"));
    refused("expected --judge beside --estimate", more(paper, "--estimate"));
    refused(
        "expected a budget",
        more(
            paper,
            "--judge",
            "http://127.0.0.1:9/v1",
            "--judge-model",
            "m",
            "--price",
            "1/2",
            "--scorers",
            "none"));
  }

  private static String[] more(String[] command, String... words) {
    return Stream.concat(Stream.of(command), Stream.of(words)).toArray(String[]::new);
  }
}
