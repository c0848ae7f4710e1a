package dev.loupe.cli;

import static dev.loupe.cli.Run.loupe;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.files.Json;
import dev.loupe.tensor.LeakCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code probe} and {@code absorption} as a user types them, in this process. */
@ExtendWith(LeakCheck.class)
final class ProbingCommandsTest {
  @TempDir private static Path shared;

  private static Path suite;
  private static Path labels;

  @BeforeAll
  static void trainASuite() throws IOException {
    suite = shared.resolve("suite");
    String line =
        "train --model demo --corpus demo:wordnet --layers 1 --sites R --expansions 1"
            + " --tokens 4k --context 64 --batch 256 --set calibration_tokens=2048 --out ";
    Run run = loupe((line + suite).split(" "));
    assertThat(run.code()).as(run.err()).isZero();
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 200; i++) {
      lines.append(
          "{\"text\": \"A text of %s, number %d.\", \"meta\": {\"category\": \"%s\", \"split\": \"%s\"}}\n"
              .formatted(
                  i % 2 == 0 ? "the sea" : "an old house",
                  i,
                  i % 2 == 0 ? "sea" : "house",
                  i % 4 < 2 ? "train" : "held-out"));
    }
    labels = Files.writeString(shared.resolve("labels.jsonl"), lines);
  }

  @Test
  void probeWritesAReport() throws IOException {
    Run run =
        loupe(
            "probe",
            suite.toString(),
            "--model",
            "demo",
            "--corpus",
            labels.toString(),
            "--k",
            "1,3");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("k = 1", "k = 3", "L1R-1x", "neurons", "dense", "random");
    Path file = suite.resolve("reports/probing.json");
    assertThat(run.err()).contains("Report: " + file);
    JsonNode report = Json.readObject(file);
    assertThat(report.path("command").path(0).asText()).isEqualTo("loupe");
    assertThat(report.path("command").path(1).asText()).isEqualTo("probe");
    assertThat(report.at("/dictionaries/L1R-1x/sparse/3/accuracy/value").asDouble())
        .isBetween(0.5, 1.0);
    assertThat(report.at("/tasks/0/test").asInt()).isGreaterThanOrEqualTo(40);

    Run json =
        loupe(
            "probe",
            suite.toString(),
            "--model",
            "demo",
            "--corpus",
            labels.toString(),
            "--json",
            "--no-random",
            "--floor",
            suite.toString(),
            "--k",
            "3",
            "--out",
            shared.resolve("other.json").toString());
    assertThat(json.code()).as(json.err()).isZero();
    JsonNode printed = Json.mapper().readTree(json.out());
    assertThat(printed.at("/dictionaries/L1R-1x/floor/3/accuracy"))
        .isEqualTo(report.at("/dictionaries/L1R-1x/sparse/3/accuracy"));
    assertThat(printed.at("/dictionaries/L1R-1x/random")).isEmpty();
  }

  @Test
  void absorptionSaysThatTheModelCannotBeMeasured() {
    Run run =
        loupe(
            "absorption",
            suite.toString(),
            "--model",
            "demo",
            "--corpus",
            "demo:wordnet",
            "--tokens",
            "5k");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("Not measurable for demo", "blocks.1.hook_resid_post");
    JsonNode report = Json.readObject(suite.resolve("reports/absorption.json"));
    assertThat(report.path("measurable").asBoolean()).isFalse();
    assertThat(report.at("/dictionaries/L1R-1x/full").isNull()).isTrue();
    assertThat(report.at("/rule/least_f1").asDouble()).isEqualTo(0.8);
  }

  @Test
  void wrongUseIsRefused() {
    Run k = loupe("probe", suite.toString(), "--model", "demo", "--corpus", "demo", "--k", "0");
    assertThat(k.code()).isEqualTo(2);
    assertThat(k.err()).contains("expected a k of 1 or more");
    Run model =
        loupe(
            "absorption",
            suite.toString(),
            "--model",
            "demo-random",
            "--corpus",
            "demo:wordnet",
            "--tokens",
            "2k");
    assertThat(model.code()).isEqualTo(2);
    assertThat(model.err()).contains("--other-model allows it");
    Run name =
        loupe("probe", suite.toString(), "--model", "demo", "--corpus", "demo", "--only", "L9R-8x");
    assertThat(name.code()).isEqualTo(2);
    assertThat(name.err()).contains("expected a dictionary of the suite");
  }
}
