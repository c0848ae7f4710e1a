package dev.loupe.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.files.DamagedFiles;
import dev.loupe.files.FileFormatException;
import dev.loupe.files.FolderFiles;
import dev.loupe.files.FolderSums;
import dev.loupe.files.Json;
import dev.loupe.interpret.Explanation;
import dev.loupe.interpret.Explanations;
import dev.loupe.interpret.FeatureExplanations;
import dev.loupe.interpret.Measured;
import dev.loupe.interpret.Score;
import dev.loupe.store.FeatureRow;
import dev.loupe.store.FeatureStore;
import dev.loupe.text.Progress;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class NeuronpediaTest {
  private static final NeuronpediaNames NAMES =
      new NeuronpediaNames(
          "tiny-1", "mine-res", "someone", NeuronpediaNames.time("2026-05-04T12:00:00Z"));

  @TempDir private Path folder;
  private Path out;

  @BeforeEach
  void export() throws IOException {
    out = folder.resolve("out");
    assertThat(export(out, NAMES)).isEqualTo(new ExportSummary(SmallStore.NAME, 4, 1, 15, 1));
  }

  private ExportSummary export(Path to, NeuronpediaNames names) throws IOException {
    try (FeatureStore store = SmallStore.open(folder)) {
      return NeuronpediaExport.write(
          store, FeatureSelection.all(SmallStore.FEATURES), names, said(), to, Progress.NONE);
    }
  }

  private static Map<Integer, FeatureExplanations> said() {
    return Map.of(2, new FeatureExplanations(List.of(explained("rules"), explained("paper"))));
  }

  private static FeatureExplanations.Explained explained(String method) {
    Explanation explanation =
        new Explanation(
            2,
            method,
            method.equals("rules") ? "loupe" : "a-model",
            "Whales\nand “ships”",
            "b1",
            List.of("k1"),
            method.equals("rules") ? Optional.of("[]") : Optional.empty());
    Measured measured =
        new Measured(
            "auc",
            Optional.of(new FeatureRow.Interval(0.75, 0.5, 0.9)),
            4,
            6,
            1,
            List.of(new Measured.Stratum("top", 4, Optional.of(0.8))));
    Score score =
        new Score(
            explanation.id(),
            "embedding",
            "loupe",
            "b2",
            measured,
            Optional.of(new Score.Baseline(3, Measured.unknown("auc", 0, 0, 10))),
            List.of());
    return new FeatureExplanations.Explained(explanation, "2026-05-04T12:00:00Z", List.of(score));
  }

  @Test
  void explanationsAndScoresComeBackEqual() throws IOException {
    Path suite = folder.resolve("suite");
    Explanations to = Explanations.open(suite, SmallStore.NAME, InstantSource.system());
    try (FeatureStore store = SmallStore.open(folder.resolve("again"))) {
      assertThat(NeuronpediaImport.read(out, store.summary(), to))
          .isEqualTo(new NeuronpediaImport.Taken(SmallStore.NAME, 2, 2, 0));
      NeuronpediaImport.read(out, store.summary(), to); // nothing is taken twice
    }
    List<FeatureExplanations.Explained> read =
        Explanations.open(suite, SmallStore.NAME, InstantSource.system()).of(2).explained();
    List<FeatureExplanations.Explained> wanted = said().get(2).explained();
    assertThat(read)
        .extracting(e -> e.explanation())
        .containsExactly(wanted.getFirst().explanation(), wanted.getLast().explanation());
    assertThat(read)
        .extracting(e -> e.scores())
        .containsExactly(wanted.getFirst().scores(), wanted.getLast().scores());
  }

  /** The database refuses a name that it does not know, and an empty embedding. */
  @Test
  void whatExplanationsReferToIsInTheConfiguration() throws IOException {
    for (String line : lines("explanations/batch-0.jsonl.gz")) {
      JsonNode row = Json.mapper().readTree(line);
      assertThat(keys("explanation_type.jsonl")).contains(row.get("typeName").textValue());
      if (!row.get("explanationModelName").isNull()) {
        assertThat(keys("explanation_model_type.jsonl"))
            .contains(row.get("explanationModelName").textValue());
      }
      assertThat(row.get("embedding").isNull()).isTrue();
    }
    for (String line : lines("explanation_scores/batch-0.jsonl.gz")) {
      JsonNode row = Json.mapper().readTree(line);
      assertThat(keys("explanation_score_type.jsonl"))
          .contains(row.get("explanationScoreTypeName").textValue());
      assertThat(keys("explanation_score_model.jsonl"))
          .contains(row.get("explanationScoreModelName").textValue());
    }
  }

  private List<String> keys(String file) throws IOException {
    List<String> keys = new ArrayList<>();
    for (String line : lines("config/" + file)) {
      keys.add(Json.mapper().readTree(line).get("name").textValue());
    }
    return keys;
  }

  @Test
  void damagedFilesAreRefused() throws IOException {
    for (Path file : FolderFiles.of(out)) {
      if (file.getFileName().toString().startsWith("explanation_")) {
        continue; // kinds of explanations: nothing reads them
      }
      DamagedFiles.read(file, 80, () -> NeuronpediaFiles.read(out));
    }
  }

  /** Rows as Neuronpedia's own export has them, and nothing else of the source. */
  @Test
  void explanationsOfOthersAreTaken() throws IOException {
    Path theirs = folder.resolve("theirs");
    Files.createDirectories(theirs.resolve("explanations"));
    String row =
        """
        {"id": "%s", "modelId": "m", "layer": "12-set", "index": "%d", "authorId": "a",\
         "description": "%s", "embedding": "[0.25,-0.5]", "typeName": "oai_token-act-pair",\
         "explanationModelName": "gpt-4o-mini", "umap_x": 0, "umap_y": null, "umap_cluster": 0,\
         "umap_log_feature_sparsity": 0}
        """;
    out = theirs;
    write(
        "explanations/batch-0.jsonl.gz",
        List.of(
            row.formatted("e1", 0, "words about whales").strip(),
            row.formatted("e2", 3, "").strip(),
            row.formatted("e3", 2, "ships").strip()));
    Explanations to =
        Explanations.open(folder.resolve("suite"), SmallStore.NAME, InstantSource.system());
    try (FeatureStore store = SmallStore.open(folder.resolve("again"))) {
      assertThat(NeuronpediaImport.read(theirs, store.summary(), to))
          .isEqualTo(new NeuronpediaImport.Taken(SmallStore.NAME, 2, 0, 0));
    }
    Explanation taken = to.of(0).explained().getFirst().explanation();
    assertThat(taken.text()).isEqualTo("words about whales");
    assertThat(taken.method()).isEqualTo("oai_token-act-pair");
    assertThat(taken.author()).isEqualTo("gpt-4o-mini");
    assertThat(to.of(3).explained()).isEmpty();
  }

  private List<String> lines(String file) throws IOException {
    try (InputStream raw = Files.newInputStream(out.resolve(file));
        InputStream in = file.endsWith(".gz") ? new GZIPInputStream(raw) : raw) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }

  private void write(String file, List<String> lines) throws IOException {
    try (OutputStream raw = Files.newOutputStream(out.resolve(file));
        OutputStream gz = file.endsWith(".gz") ? new GZIPOutputStream(raw) : raw) {
      gz.write((String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "release.jsonl|1|name description descriptionShort urls creatorName creatorNameShort"
            + " creatorId visibility isNewUi featured defaultSourceSetName defaultSourceId"
            + " defaultUmapSourceIds createdAt",
        "model.jsonl|1|id instruct displayName displayNameShort tlensId dimension layers"
            + " neuronsPerLayer visibility defaultSourceSetName defaultSourceId inferenceEnabled"
            + " owner website creatorId createdAt updatedAt",
        "sourceset.jsonl|1|modelId name description type creatorId creatorName creatorEmail urls"
            + " releaseName visibility hasDashboards defaultRange defaultShowBreaks showDfa"
            + " showCorrelated showHeadAttribution showUmap createdAt",
        "source.jsonl|1|id modelId setName creatorId hasDashboards inferenceEnabled inferenceHosts"
            + " saelensConfig saelensRelease saelensSaeId hfRepoId hfFolderId num_prompts"
            + " num_tokens_in_prompt dataset notes hasUmap hasUmapLogSparsity hasUmapClusters"
            + " visibility createdAt",
        "features/batch-0.jsonl.gz|4|modelId layer index sourceSetName creatorId createdAt"
            + " maxActApprox hasVector vector vectorLabel vectorDefaultSteerStrength hookName"
            + " topkCosSimIndices topkCosSimValues neuron_alignment_indices"
            + " neuron_alignment_values neuron_alignment_l1 correlated_neurons_indices"
            + " correlated_neurons_pearson correlated_neurons_l1 correlated_features_indices"
            + " correlated_features_pearson correlated_features_l1 neg_str neg_values pos_str"
            + " pos_values frac_nonzero freq_hist_data_bar_heights freq_hist_data_bar_values"
            + " logits_hist_data_bar_heights logits_hist_data_bar_values decoder_weights_dist"
            + " umap_x umap_y umap_cluster umap_log_feature_sparsity",
        "activations/batch-0.jsonl.gz|15|id tokens values maxValue maxValueTokenIndex minValue"
            + " index layer modelId creatorId createdAt dataIndex dataSource dfaValues"
            + " dfaTargetIndex dfaMaxValue zIndices zValues lossValues logitContributions binMin"
            + " binMax binContains qualifyingTokenIndex",
        "explanations/batch-0.jsonl.gz|2|id modelId layer index authorId description embedding"
            + " typeName explanationModelName umap_x umap_y umap_cluster"
            + " umap_log_feature_sparsity triggeredByUserId notes scoreV1 scoreV2 createdAt",
        "explanation_scores/batch-0.jsonl.gz|2|id initiatedByUserId value explanationId"
            + " explanationScoreTypeName explanationScoreModelName jsonDetails createdAt",
        "config/explanation_type.jsonl|2|name displayName description featured isAttention"
            + " explainerModelSettingsId settings url creatorName creatorId createdAt updatedAt",
        "config/explanation_model_type.jsonl|1|name displayName description featured"
            + " openRouterModelId url creatorName createdAt updatedAt",
        "config/explanation_score_type.jsonl|1|name displayName description featured isAttention"
            + " scoreDescription scorerModel settings url creatorName creatorId createdAt"
            + " updatedAt",
        "config/explanation_score_model.jsonl|1|name displayName description featured"
            + " openRouterModelId url creatorName createdAt updatedAt",
      })
  void hasTheDocumentedColumnsAndNoOthers(String file, int rows, String columns)
      throws IOException {
    List<String> lines = lines(file);
    assertThat(lines).hasSize(rows);
    for (String line : lines) {
      JsonNode row = Json.mapper().readTree(line);
      assertThat(row.propertyStream().map(Map.Entry::getKey))
          .containsExactlyElementsOf(Arrays.asList(columns.split(" ")));
    }
  }

  @Test
  void rowsOfTheSourceAreNamedAsAsked() {
    NeuronpediaFiles read = NeuronpediaFiles.read(out);
    assertThat(read.release().name()).isEqualTo("mine-res");
    assertThat(read.release().defaultSourceId()).contains("2-mine-res__k3");
    assertThat(read.model().id()).isEqualTo("tiny-1");
    assertThat(read.model().dimension()).contains(2);
    assertThat(read.sourceSet().releaseName()).contains("mine-res");
    assertThat(read.sourceSet().description()).isEqualTo("hook_resid_post, 2x");
    assertThat(read.source().id()).isEqualTo("2-mine-res__k3");
    assertThat(read.source().numPrompts()).contains(2);
    assertThat(read.source().numTokensInPrompt()).contains(16);
    assertThat(read.source().dataset()).contains("books,wordnet");
    assertThat(
            List.of(
                read.release().createdAt(),
                read.model().updatedAt(),
                read.sourceSet().createdAt(),
                read.source().createdAt()))
        .containsOnly("2026-05-04T12:00:00.000Z");
  }

  @Test
  void neuronsAreWhatTheStoreSays() {
    NeuronpediaNeuron neuron = NeuronpediaFiles.read(out).neurons().getFirst();
    assertThat(neuron.modelId()).isEqualTo("tiny-1");
    assertThat(neuron.layer()).isEqualTo("2-mine-res__k3");
    assertThat(neuron.index()).isEqualTo("0");
    assertThat(neuron.sourceSetName()).isEqualTo("mine-res");
    assertThat(neuron.creatorId()).isEqualTo("someone");
    assertThat(neuron.maxActApprox()).isEqualTo(7.5);
    assertThat(neuron.hookName()).contains("blocks.2.hook_resid_post");
    assertThat(neuron.topkCosSimIndices()).containsExactly(3, 1);
    assertThat(neuron.topkCosSimValues()).containsExactly(0.5, -0.25);
    assertThat(neuron.correlatedFeaturesIndices()).containsExactly(2, 3, 5);
    assertThat(neuron.correlatedFeaturesPearson()).containsExactly(0.875, 0.5, 0.25);
    assertThat(neuron.correlatedFeaturesL1()).containsExactly(0.0, 0.5, 0.0);
    assertThat(neuron.posStr()).hasSize(10).startsWith("up0");
    assertThat(neuron.negValues()).hasSize(10).startsWith(-3.0);
    assertThat(neuron.fracNonzero()).isEqualTo(0.01);
    assertThat(neuron.freqHistDataBarHeights()).startsWith(7.0).endsWith(3.0);
    assertThat(neuron.freqHistDataBarValues()).startsWith(0.075);
    assertThat(neuron.logitsHistDataBarHeights()).containsOnly(2.0);
    assertThat(neuron.logitsHistDataBarValues()).startsWith(-1.95).endsWith(2.95);
  }

  @Test
  void deadFeaturesHaveARowAndNoSamples() {
    NeuronpediaFiles read = NeuronpediaFiles.read(out);
    NeuronpediaNeuron dead = read.neurons().get(SmallStore.DEAD);
    assertThat(dead.maxActApprox()).isZero();
    assertThat(dead.fracNonzero()).isZero();
    assertThat(dead.correlatedFeaturesIndices()).isEmpty();
    assertThat(read.activations()).noneMatch(row -> row.index().equals("" + SmallStore.DEAD));
  }

  @Test
  void activationsAreTheSamples() {
    NeuronpediaFiles read = NeuronpediaFiles.read(out);
    NeuronpediaActivation first = read.activations().getFirst();
    assertThat(first)
        .isEqualTo(
            new NeuronpediaActivation(
                first.id(),
                List.of("The", " whale", " came", " up", " to", "\n", "\"", "é", "", "\""),
                List.of(0.0, 1.0, 0.0, 0.0, 7.5, 0.0, 0.0, 0.0, 0.0, 0.0),
                7.5,
                4,
                0,
                "0",
                "2-mine-res__k3",
                "tiny-1",
                "someone",
                "2026-05-04T12:00:00.000Z",
                Optional.of("7"),
                Optional.of("books/a.jsonl"),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                List.of(List.of(), List.of()),
                List.of(),
                List.of(1.0, 2.0, 3.0, 4.0, 0.5, 0.25, 1.0, 1.0, 1.0, 0.0),
                Optional.empty(),
                Optional.of(-1.0),
                Optional.of(7.5),
                Optional.of(-1.0),
                Optional.of(4)));
    assertThat(read.activations().subList(0, 5))
        .extracting(row -> row.binMin().orElseThrow())
        .containsExactly(-1.0, -1.0, 4.0, 2.0, 1.0);
    assertThat(read.activations().get(4).binContains()).contains(0.002);
  }

  @Test
  void idsAreUniqueAmongExportsOfOtherNames() throws IOException {
    export(
        folder.resolve("other"),
        new NeuronpediaNames("tiny-2", "mine-res", "someone", Instant.EPOCH));
    List<String> ids =
        Stream.of(out, folder.resolve("other"))
            .flatMap(each -> NeuronpediaFiles.read(each).activations().stream())
            .map(NeuronpediaActivation::id)
            .toList();
    assertThat(ids).hasSize(30).doesNotHaveDuplicates().allMatch(id -> id.length() == 25);
  }

  @Test
  void whatIsReadBackIsWhatWasWritten() throws IOException {
    NeuronpediaFiles read = NeuronpediaFiles.read(out);
    List<String> again = new ArrayList<>();
    for (NeuronpediaNeuron neuron : read.neurons()) {
      again.add(Json.mapper().writeValueAsString(neuron));
    }
    assertThat(again).isEqualTo(lines("features/batch-0.jsonl.gz"));
    write("features/batch-0.jsonl.gz", again);
    assertThat(NeuronpediaFiles.read(out)).isEqualTo(read);
  }

  @Test
  void twoExportsHaveTheSameBytes() throws IOException {
    Path second = folder.resolve("second");
    export(second, NAMES);
    assertThat(NeuronpediaFiles.read(second)).isEqualTo(NeuronpediaFiles.read(out));
    assertThat(FolderSums.of(out)).hasSize(12).isEqualTo(FolderSums.of(second));
  }

  /** A change of the second row of a file, and what its reader says. */
  record Damage(String file, String message, Consumer<ObjectNode> change) {
    @Override
    public String toString() {
      return message;
    }
  }

  private static Damage neuron(String message, Consumer<ObjectNode> change) {
    return new Damage("features/batch-0.jsonl.gz", message, change);
  }

  private static Damage activation(String message, Consumer<ObjectNode> change) {
    return new Damage("activations/batch-0.jsonl.gz", message, change);
  }

  static Stream<Damage> damages() {
    return Stream.of(
        neuron("got one (field extra) at line 2", row -> row.put("extra", 1)),
        neuron("got none (field umap_x) at line 2", row -> row.remove("umap_x")),
        neuron("got none (field index) at line 2", row -> row.remove("index")),
        neuron("(field index) at line 2", row -> row.put("index", 1)),
        neuron("(field hasVector) at line 2", row -> row.put("hasVector", "no")),
        neuron("got null (field vector) at line 2", row -> row.putNull("vector")),
        neuron(
            "expected 50 elements in logits_hist_data_bar_heights, got 51 at line 2",
            row -> row.withArray("logits_hist_data_bar_heights").add(1)),
        neuron(
            "in topkCosSimValues as in topkCosSimIndices, got 3 and 2 at line 2",
            row -> row.withArray("topkCosSimValues").add(1)),
        activation("got none (field values) at line 2", row -> row.remove("values")),
        activation("(field values.1) at line 2", row -> row.withArray("values").set(1, "x")),
        activation(
            "in values as in tokens, got 2 and 3 at line 2",
            row -> row.withArray("values").remove(0)),
        activation(
            "in lossValues as in tokens, got 2 and 3 at line 2",
            row -> row.withArray("lossValues").remove(0)),
        activation(
            "expected maxValueTokenIndex within the 3 elements of tokens, got -1 at line 2",
            row -> row.put("maxValueTokenIndex", -1)),
        activation(
            "expected an id of 1 to 25 characters, got 'abcdefghijklmnopqrstuvwxyz' at line 2",
            row -> row.put("id", "abcdefghijklmnopqrstuvwxyz")));
  }

  @ParameterizedTest
  @MethodSource("damages")
  void refuses(Damage damage) throws IOException {
    List<String> lines = new ArrayList<>(lines(damage.file()));
    ObjectNode row = (ObjectNode) Json.mapper().readTree(lines.get(1));
    damage.change().accept(row);
    lines.set(1, row.toString());
    write(damage.file(), lines);
    assertRefused(damage.file(), damage.message());
  }

  private void assertRefused(String file, String message) {
    assertThatThrownBy(() -> NeuronpediaFiles.read(out))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining(message)
        .hasMessageContaining(file);
  }

  @Test
  void refusesFilesThatAreCutShort() throws IOException {
    String name = "activations/batch-0.jsonl.gz";
    byte[] whole = Files.readAllBytes(out.resolve(name));
    for (int length : new int[] {0, 5, 40, whole.length / 2, whole.length - 1}) {
      Files.write(out.resolve(name), Arrays.copyOf(whole, length));
      assertRefused(name, "line");
    }
  }

  @Test
  void refusesDataThatWasChanged() throws IOException {
    String name = "features/batch-0.jsonl.gz";
    byte[] whole = Files.readAllBytes(out.resolve(name));
    whole[whole.length - 6] ^= 1; // of its check sum
    Files.write(out.resolve(name), whole);
    assertRefused(name, "after line 4");
  }

  @Test
  void refusesFilesOfMoreThanOneLine() throws IOException {
    String line = lines("model.jsonl").getFirst();
    write("model.jsonl", List.of(line, line));
    assertRefused("model.jsonl", "expected one line, got 2");
  }

  @ParameterizedTest
  @CsvSource({"a/b, set, me", "a, '', me", "a, set, 'm e'"})
  void refusesNames(String model, String set, String creator) {
    assertThatThrownBy(() -> new NeuronpediaNames(model, set, creator, Instant.EPOCH))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("of letters, digits and");
  }

  @Test
  void refusesTimesThatAreNone() {
    assertThatThrownBy(() -> NeuronpediaNames.time("today"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected a time such as 2026-05-04T12:00:00Z, got 'today'");
  }
}
