package dev.loupe.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.files.FolderSums;
import dev.loupe.files.Json;
import dev.loupe.tensor.LeakCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Dictionaries in the layout in which Llama Scope publishes them, made of a suite that was trained
 * here: imported, they measure and show the same as that suite.
 */
@ExtendWith(LeakCheck.class)
final class ImportDictionariesTest {
  private static final List<String> NAMES = List.of("L1R-1x", "L2TC-1x");

  @TempDir private static Path shared;
  @TempDir private Path folder;

  private static Run loupe(String command) {
    return Run.loupe(command.split(" "));
  }

  private static Path trained() {
    return shared.resolve("trained");
  }

  private static Path published() {
    return shared.resolve("Llama3_1-8B-Base-8x");
  }

  @BeforeAll
  static void trainAndPublish() throws IOException {
    Run train =
        loupe(
            "train --model demo --corpus demo --dictionaries "
                + String.join(",", NAMES)
                + " --tokens 8k --context 64 --batch 256 --set"
                + " calibration_tokens=2048 --out "
                + trained());
    assertThat(train.code()).as(train.err()).isZero();
    for (String name : NAMES) {
      publish(trained().resolve(name), published().resolve("Llama3_1-8B-Base-" + name));
    }
  }

  /** The weights as trained, the norms and the threshold: all that a published folder has. */
  private static void publish(Path own, Path to) throws IOException {
    Files.createDirectories(to.resolve("checkpoints"));
    Files.copy(
        own.resolve("checkpoints/raw.safetensors"), to.resolve("checkpoints/final.safetensors"));
    JsonNode scale = Json.readObject(own.resolve("dictionary.json")).path("trained_scale");
    ObjectNode settings = Json.readObject(own.resolve("hyperparams.json"));
    ObjectNode norms = (ObjectNode) settings.path("dataset_average_activation_norm");
    norms.set("in", scale.path("norm_in"));
    norms.set("out", scale.path("norm_out"));
    Files.writeString(to.resolve("hyperparams.json"), settings.toString());
    Files.copy(own.resolve("lm_config.json"), to.resolve("lm_config.json"));
  }

  private Path imported(String from) throws IOException {
    Path suite = folder.resolve("imported");
    JsonNode json =
        loupe(
                "import dictionaries %s --model demo --context 64 --long-documents split --json --out %s"
                    .formatted(from, suite))
            .json();
    assertThat(json.path("model").asText()).isEqualTo("demo");
    return suite;
  }

  @Test
  void theyMeasureWhatTheSuiteMeasuresThatTheyCameFrom() throws IOException {
    Path suite = imported(published().toString());
    String how = " --model demo --corpus demo --tokens 4k --loss-tokens 1k --json";
    JsonNode own = loupe("evaluate " + trained() + how).json().path("dictionaries");
    JsonNode theirs = loupe("evaluate " + suite + how).json().path("dictionaries");
    assertThat(theirs).hasSize(2);
    for (String name : NAMES) {
      for (String metric : List.of("l0", "explained_variance", "loss_spliced")) {
        double value = theirs.path(name).path(metric).path("value").asDouble();
        double expected = own.path(name).path(metric).path("value").asDouble(Double.NaN);
        assertThat(value).as(metric).isEqualTo(expected, within(1e-4 * Math.abs(expected)));
      }
    }
  }

  @Test
  void theyAreAnalysedAndReported() throws IOException {
    Path suite = imported(published().toString());
    Run analyze = loupe("analyze " + suite + " --model demo --corpus demo --tokens 4k");
    assertThat(analyze.code()).as(analyze.err()).isZero();
    JsonNode features = loupe("features %s L2TC-1x --limit 3 --json".formatted(suite)).json();
    assertThat(features).hasSize(3);
    Run refused =
        loupe(
            "export activations %s --model demo --corpus demo --out %s"
                .formatted(suite, folder.resolve("x")));
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err()).contains("imported dictionaries", "--split held-out");
  }

  @Test
  void anImportGoesOnAndAddsWhatIsNew() throws IOException {
    Path suite = imported(published().resolve("Llama3_1-8B-Base-L1R-1x").toString());
    byte[] first = Files.readAllBytes(suite.resolve("L1R-1x/checkpoints/final.safetensors"));
    Path untouched = suite.resolve("L1R-1x/dictionary.json");
    Object before = Files.getLastModifiedTime(untouched);
    imported(published().toString());
    assertThat(Files.readAllBytes(suite.resolve("L1R-1x/checkpoints/final.safetensors")))
        .isEqualTo(first);
    assertThat(Files.getLastModifiedTime(untouched)).isEqualTo(before);
    assertThat(Json.readObject(suite.resolve("suite.json")).path("dictionaries"))
        .map(JsonNode::asText)
        .containsExactlyElementsOf(NAMES);
    Run check = loupe("doctor --dictionary " + suite.resolve("L2TC-1x"));
    assertThat(check.code()).as(check.err()).isZero();
  }

  @Test
  void whatDoesNotFitIsRefusedBeforeAnythingIsWritten() throws IOException {
    Path narrow = folder.resolve("narrow/L1R-1x");
    publish(trained().resolve("L1R-1x"), narrow);
    ObjectNode settings = Json.readObject(narrow.resolve("hyperparams.json"));
    Files.writeString(
        narrow.resolve("hyperparams.json"),
        settings.put("d_model", 4096).put("d_sae", 4096).toString());
    Path twice = folder.resolve("twice/L1R-1x");
    publish(trained().resolve("L1R-1x"), twice);
    Path suite = folder.resolve("refused");
    String to = " --model demo --out " + suite;
    assertRefused(
        loupe("import dictionaries %s %s".formatted(published(), narrow) + to),
        1,
        "6 layers of width 256, got L1R-1x of width 4096");
    assertRefused(
        loupe("import dictionaries %s %s".formatted(published(), twice) + to),
        2,
        "expected one dictionary L1R-1x, got");
    assertRefused(loupe("import dictionaries " + shared + to), 1, "hyperparams.json or cfg.json");
    assertRefused(
        loupe("import dictionaries " + folder.resolve("missing") + to), 2, "expected a folder");
    assertRefused(
        loupe("import dictionaries " + published() + to + " --context 100000"),
        2,
        "which is the model's limit, got 100,000");
    assertThat(suite).doesNotExist();
    Path own = trained();
    Map<String, String> before = FolderSums.of(own);
    assertRefused(
        loupe("import dictionaries %s --model demo --out %s".formatted(twice, own)),
        2,
        "got one that was trained");
    assertRefused(
        loupe(
            "import dictionaries %s --model demo-chat --out %s"
                .formatted(trained().resolve("L1R-1x"), suite)),
        1,
        "got one of another model");
    assertThat(FolderSums.of(own)).isEqualTo(before);
  }

  private static void assertRefused(Run run, int code, String message) {
    assertThat(run.code()).as(run.err()).isEqualTo(code);
    assertThat(run.err()).contains(message);
  }
}
