package dev.loupe.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.files.AtomicFile;
import dev.loupe.files.FileFormatException;
import dev.loupe.files.Json;
import dev.loupe.store.FeatureStore;
import dev.loupe.text.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class SaeDashboardTest {
  @TempDir private Path folder;
  private Path out;

  @BeforeEach
  void export() throws IOException {
    out = folder.resolve("out");
    assertThat(export(out, 2)).isEqualTo(new ExportSummary(SmallStore.NAME, 4, 1, 15, 2));
  }

  private ExportSummary export(Path to, int batch) throws IOException {
    try (FeatureStore store = SmallStore.open(folder)) {
      return SaeDashboardExport.write(
          store, FeatureSelection.all(SmallStore.FEATURES), batch, to, Progress.NONE);
    }
  }

  private static List<String> keys(JsonNode node) {
    return node.propertyStream().map(Map.Entry::getKey).toList();
  }

  @Test
  void hasTheDocumentedFieldsAndNoOthers() {
    ObjectNode batch = Json.readObject(out.resolve("batch-0.json"));
    assertThat(keys(batch))
        .containsExactly("model_id", "layer", "sae_set", "sae_id_suffix", "features");
    assertThat(keys(batch.at("/features/0")))
        .containsExactly(
            "feature_index",
            "neuron_alignment_indices",
            "neuron_alignment_values",
            "neuron_alignment_l1",
            "correlated_neurons_indices",
            "correlated_neurons_l1",
            "correlated_neurons_pearson",
            "correlated_features_indices",
            "correlated_features_l1",
            "correlated_features_pearson",
            "neg_str",
            "neg_values",
            "pos_str",
            "pos_values",
            "frac_nonzero",
            "freq_hist_data_bar_values",
            "freq_hist_data_bar_heights",
            "logits_hist_data_bar_heights",
            "logits_hist_data_bar_values",
            "n_prompts_total",
            "n_tokens_in_prompt",
            "dataset",
            "decoder_weights_dist",
            "vector",
            "activations");
    assertThat(keys(batch.at("/features/0/activations/0")))
        .containsExactly(
            "bin_min", "bin_max", "bin_contains", "tokens", "values", "qualifying_token_index");
    assertThat(keys(Json.readObject(out.resolve("skipped_indexes.json"))))
        .containsExactly("model_id", "layer", "sae_set", "log_sparsity", "skipped_indexes");
  }

  @Test
  void deadFeaturesAreSkippedAndListed() {
    SaeDashboardFiles read = SaeDashboardFiles.read(out);
    assertThat(read.batches().stream().map(SaeDashboardTest::numbers))
        .containsExactly(List.of(0, 2), List.of(3));
    assertThat(read.skipped())
        .isEqualTo(new SkippedIndexes("tiny", "2", "loupe-r-2x", -3, List.of(SmallStore.DEAD)));
  }

  private static List<Integer> numbers(SaeDashboardBatch batch) {
    return batch.features().stream().map(SaeDashboardBatch.Feature::featureIndex).toList();
  }

  @Test
  void batchesSayOfWhatTheyAre() {
    SaeDashboardBatch batch = SaeDashboardFiles.read(out).batches().getFirst();
    assertThat(batch)
        .isEqualTo(
            new SaeDashboardBatch("tiny", 2, "loupe-r-2x", Optional.of("k3"), batch.features()));
  }

  @Test
  void featuresAreWhatTheStoreSays() {
    SaeDashboardBatch.Feature feature =
        SaeDashboardFiles.read(out).batches().getFirst().features().getFirst();
    assertThat(feature.correlatedFeaturesIndices()).containsExactly(2, 3, 5);
    assertThat(feature.correlatedFeaturesPearson()).containsExactly(0.875, 0.5, 0.25);
    assertThat(feature.correlatedFeaturesL1()).containsExactly(0.0, 0.5, 0.0);
    assertThat(feature.posStr()).hasSize(10).startsWith("up0", "up1").endsWith("up9");
    assertThat(feature.posValues()).hasSize(10).startsWith(3.0, 2.875);
    assertThat(feature.negStr()).hasSize(10).startsWith("down0");
    assertThat(feature.negValues()).hasSize(10).startsWith(-3.0, -2.875);
    assertThat(feature.fracNonzero()).isEqualTo(0.01);
    assertThat(feature.freqHistDataBarValues()).hasSize(50).startsWith(0.075, 0.225);
    assertThat(feature.freqHistDataBarHeights()).startsWith(7.0, 0.0).endsWith(0.0, 3.0);
    assertThat(feature.logitsHistDataBarValues()).startsWith(-1.95, -1.85).endsWith(2.95);
    assertThat(feature.logitsHistDataBarHeights()).hasSize(50).containsOnly(2.0);
    assertThat(feature.nPromptsTotal()).isEqualTo(2);
    assertThat(feature.nTokensInPrompt()).isEqualTo(16);
    assertThat(feature.dataset()).isEqualTo("books,wordnet");
    assertThat(
            List.of(
                feature.neuronAlignmentIndices(),
                feature.correlatedNeuronsIndices(),
                feature.decoderWeightsDist(),
                feature.vector()))
        .as("not in a store")
        .allMatch(List::isEmpty);
  }

  @Test
  void samplesAreTheStrongestThenTheBandsFromHighToLow() {
    List<SaeDashboardBatch.Activation> activations =
        SaeDashboardFiles.read(out).batches().getFirst().features().getFirst().activations();
    List<String> tokens =
        List.of("The", " whale", " came", " up", " to", "\n", "\"", "é", "", "\"");
    assertThat(activations)
        .containsExactly(
            activation(-1, 7.5, -1, tokens, 4, 0, 1, 0, 0, 7.5, 0, 0, 0, 0, 0),
            activation(-1, 7.5, -1, List.of("A", " \uD83D\uDC0B", "."), 1, 0, 6, 0),
            activation(4, 7.5, 0.003, tokens, 4, 0, 0, 0, 0, 7.5, 0, 0, 0, 0, 0),
            activation(2, 4, 0.005, tokens.subList(3, 10), 5, 0, 0, 0, 0, 0, 2.5, 0),
            activation(1, 2, 0.002, tokens.subList(0, 6), 0, 1.5, 0, 0, 0, 0, 0));
  }

  private static SaeDashboardBatch.Activation activation(
      double low, double high, double contains, List<String> tokens, int peak, double... values) {
    return new SaeDashboardBatch.Activation(
        low,
        high,
        contains,
        tokens,
        DoubleStream.of(values).boxed().toList(),
        peak,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  @Test
  void whatIsReadBackIsWhatWasWritten() throws IOException {
    SaeDashboardFiles read = SaeDashboardFiles.read(out);
    Path again = Files.createDirectory(folder.resolve("again"));
    for (int i = 0; i < read.batches().size(); i++) {
      AtomicFile.writeJson(again.resolve("batch-" + i + ".json"), read.batches().get(i));
    }
    AtomicFile.writeJson(again.resolve("skipped_indexes.json"), read.skipped());
    assertThat(SaeDashboardFiles.read(again)).isEqualTo(read);
    assertSameBytes(again, out);
  }

  @Test
  void twoExportsHaveTheSameBytes() throws IOException {
    export(folder.resolve("second"), 2);
    assertSameBytes(folder.resolve("second"), out);
  }

  private static void assertSameBytes(Path one, Path other) throws IOException {
    try (Stream<Path> files = Files.list(other)) {
      List<Path> all = files.toList();
      assertThat(all).hasSize(3);
      for (Path file : all) {
        assertThat(one.resolve(file.getFileName())).hasSameBinaryContentAs(file);
      }
    }
  }

  @Test
  void otherFilesAreNotOverwritten() {
    assertThatThrownBy(() -> export(out, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected a new or an empty folder");
    assertThatThrownBy(() -> export(folder.resolve("new"), 0)).hasMessageContaining("got 0");
    assertThatThrownBy(() -> export(folder.resolve("new"), 513)).hasMessageContaining("got 513");
    assertThat(folder.resolve("new")).doesNotExist();
  }

  @Test
  void optionalFieldsMayBeThere() throws IOException {
    Path file = out.resolve("batch-0.json");
    ObjectNode batch = Json.readObject(file);
    batch.remove("sae_id_suffix");
    ObjectNode activation = (ObjectNode) batch.at("/features/0/activations/1");
    activation.set("dfa_values", activation.get("values"));
    activation.put("dfa_maxValue", 6);
    activation.put("dfa_targetIndex", 1);
    AtomicFile.writeJson(file, batch);
    SaeDashboardBatch read = SaeDashboardFiles.read(out).batches().getFirst();
    assertThat(read.saeIdSuffix()).isEmpty();
    assertThat(read.features().getFirst().activations().get(1).dfaMaxValue()).contains(6.0);
  }

  /** A change of a batch, and what its reader says. */
  record Damage(String message, Consumer<ObjectNode> change) {
    @Override
    public String toString() {
      return message;
    }
  }

  private static Damage feature(String message, Consumer<ObjectNode> change) {
    return new Damage(message, batch -> change.accept((ObjectNode) batch.at("/features/1")));
  }

  private static Damage activation(String message, Consumer<ObjectNode> change) {
    return feature(message, one -> change.accept((ObjectNode) one.at("/activations/2")));
  }

  static Stream<Damage> damages() {
    return Stream.of(
        new Damage("no such field, got one (field extra)", batch -> batch.put("extra", 1)),
        new Damage("this field, got none (field layer)", batch -> batch.remove("layer")),
        new Damage("got null (field model_id)", batch -> batch.putNull("model_id")),
        new Damage("(field model_id)", batch -> batch.put("model_id", 5)),
        new Damage("(field layer)", batch -> batch.put("layer", "2")),
        new Damage("(field layer)", batch -> batch.put("layer", 2.5)),
        feature("got one (field features.1.extra)", one -> one.put("extra", 1)),
        feature("got none (field features.1.pos_str)", one -> one.remove("pos_str")),
        feature("(field features.1.frac_nonzero)", one -> one.put("frac_nonzero", "0.1")),
        feature(
            "expected 50 elements in freq_hist_data_bar_values, got 49 (field features.1)",
            one -> one.withArray("freq_hist_data_bar_values").remove(0)),
        feature(
            "expected as many elements in neg_values as in neg_str, got 9 and 10",
            one -> one.withArray("neg_values").remove(0)),
        feature(
            "expected at most 10 elements in pos_str, got 11",
            one -> one.withArray("pos_str").add("x")),
        feature(
            "in correlated_features_l1 as in correlated_features_indices, got 2 and 3",
            one -> one.withArray("correlated_features_l1").remove(0)),
        activation(
            "expected as many elements in values as in tokens, got 9 and 10"
                + " (field features.1.activations.2)",
            one -> one.withArray("values").remove(0)),
        activation(
            "got null (field features.1.activations.2.values",
            one -> one.withArray("values").setNull(3)),
        activation(
            "(field features.1.activations.2.tokens", one -> one.withArray("tokens").set(0, 5)),
        activation(
            "expected qualifying_token_index within the 10 elements of tokens, got 10",
            one -> one.put("qualifying_token_index", 10)));
  }

  @ParameterizedTest
  @MethodSource("damages")
  void refuses(Damage damage) {
    Path file = out.resolve("batch-0.json");
    ObjectNode batch = Json.readObject(file);
    damage.change().accept(batch);
    AtomicFile.writeJson(file, batch);
    assertRefused(damage.message());
  }

  private void assertRefused(String message) {
    assertThatThrownBy(() -> SaeDashboardFiles.read(out))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining(message)
        .hasMessageContaining("batch-0.json");
  }

  @Test
  void refusesFilesThatAreCutShort() throws IOException {
    Path file = out.resolve("batch-0.json");
    String whole = Files.readString(file);
    for (int length : new int[] {0, 1, 40, whole.length() / 2, whole.length() - 2}) {
      Files.writeString(file, whole.substring(0, length));
      assertRefused("at line ");
    }
    Files.writeString(file, whole + "{}");
    assertRefused("at line ");
  }

  @Test
  void refusesAFolderThatLacksABatch() throws IOException {
    Files.delete(out.resolve("batch-0.json"));
    assertRefused("expected batches numbered from 0");
  }
}
