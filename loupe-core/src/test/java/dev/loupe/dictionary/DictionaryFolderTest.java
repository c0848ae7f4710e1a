package dev.loupe.dictionary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.files.AtomicFile;
import dev.loupe.files.FileFormatException;
import dev.loupe.files.Json;
import dev.loupe.safetensors.Comparison;
import dev.loupe.safetensors.SafetensorsFile;
import dev.loupe.safetensors.SafetensorsWriter;
import dev.loupe.safetensors.TensorSource;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders as training writes them, and as others wrote or damaged them. */
@ExtendWith(LeakCheck.class)
final class DictionaryFolderTest {
  private static final Gate JUMP = new Gate.JumpRelu(0.4);
  private static final String FINAL = "checkpoints/final.safetensors";

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({"R, F32", "TC, F32", "R, BF16", "TC, BF16"})
  void whatIsWrittenIsReadBitForBit(Site site, DType dtype) {
    for (Gate gate : new Gate[] {JUMP, new Gate.TopK(7), new Gate.Relu()}) {
      Path here = folder.resolve(gate.label().replace(' ', '-'));
      Contract contract = TestDictionaries.write(here, site, 8, gate, dtype);
      try (Dictionary trained = TestDictionaries.asTrained(site, 16, 8, gate);
          Dictionary standard = trained.standardised();
          Weights expected = standard.weights().rounded(dtype);
          Weights expectedRaw = trained.weights().rounded(dtype);
          Weights raw = DictionaryFolder.readRawWeights(here);
          Dictionary found = DictionaryFolder.openStandardised(here)) {
        assertSame(found.weights(), expected);
        assertSame(raw, expectedRaw);
        assertThat(contract)
            .isEqualTo(
                standard.contract().withWeights(dtype.torchName(), contract.weightsSha256()));
        assertThat(contract.weightsSha256()).hasSize(64);
        assertThat(found.contract()).isEqualTo(contract);
      }
      DictionaryDoctor.verify(here);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"R", "TC"})
  void theLayoutIsLlamaScopes(Site site) throws IOException {
    TestDictionaries.write(folder, site, 8, JUMP, DType.F32);
    JsonNode json = HandRead.json(folder.resolve("hyperparams.json"));
    assertThat(json.path("d_model").intValue()).isEqualTo(16);
    assertThat(json.path("d_sae").intValue()).isEqualTo(128);
    assertThat(json.path("expansion_factor").intValue()).isEqualTo(8);
    assertThat(json.path("act_fn").textValue()).isEqualTo("jumprelu");
    assertThat(json.path("jump_relu_threshold").doubleValue()).isEqualTo(0.4);
    assertThat(json.path("norm_activation").textValue()).isEqualTo("dataset-wise");
    JsonNode norms = json.path("dataset_average_activation_norm");
    assertThat(norms.path("in").doubleValue()).isEqualTo(4); // sqrt(D)
    assertThat(norms.path("out").doubleValue()).isEqualTo(4);
    assertThat(json.path("hook_point_in").textValue())
        .isEqualTo(site == Site.R ? "blocks.3.hook_resid_post" : "blocks.3.ln2.hook_normalized");
    assertThat(json.path("hook_point_out").textValue())
        .isEqualTo(site == Site.R ? "blocks.3.hook_resid_post" : "blocks.3.hook_mlp_out");
    assertThat(HandRead.json(folder.resolve("lm_config.json")).path("model_name").textValue())
        .isEqualTo("test-model");
    Map<String, HandRead.Array> tensors = HandRead.tensors(folder.resolve(FINAL));
    assertThat(tensors.get("encoder.weight").shape()).containsExactly(128, 16);
    assertThat(tensors.get("encoder.bias").shape()).containsExactly(128);
    assertThat(tensors.get("decoder.weight").shape()).containsExactly(16, 128);
    assertThat(tensors.get("decoder.bias").shape()).containsExactly(16);
    float[] decoder = tensors.get("decoder.weight").values();
    for (int f = 0; f < 128; f++) {
      double squares = 0;
      for (int d = 0; d < 16; d++) {
        squares += (double) decoder[d * 128 + f] * decoder[d * 128 + f];
      }
      assertThat(Math.sqrt(squares)).isCloseTo(1, within(1e-6));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Llama3_1-8B-Base-L1R-8x", "Llama3_1-8B-Base-L1TC-8x"})
  void aPublishedFolderIsItsStandardisedForm(String name) {
    Path published = GoldenDictionaryTest.GOLDEN.resolve(name);
    try (TensorScope _ = TensorScope.open();
        TensorSource source = SafetensorsFile.open(published.resolve("reference.safetensors"));
        Dictionary raw = DictionaryFolder.open(published);
        Dictionary standard = DictionaryFolder.openStandardised(published)) {
      Tensor x = source.read("x");
      assertThat(raw.contract().form()).isEqualTo(Contract.Form.AS_TRAINED);
      assertThat(standard.contract().form()).isEqualTo(Contract.Form.STANDARDISED);
      try (Codes a = raw.encode(x);
          Codes b = standard.encode(x)) {
        assertThat(a.offsets().ints()).isEqualTo(b.offsets().ints());
        assertThat(a.indices().ints()).isEqualTo(b.indices().ints());
        assertThat(Comparison.of(name, raw.decode(a), standard.decode(b)))
            .matches(Comparison::passes);
      }
    }
  }

  @Test
  void aProbeWhoseRowsFireNothingCanBeKept() {
    TestDictionaries.write(folder, Site.R, 8, new Gate.JumpRelu(1e6), DType.F32);
    DictionaryFolder.open(folder).close();
    DictionaryDoctor.verify(folder);
  }

  @Test
  void theProbeSeesAChangedWeight() {
    TestDictionaries.write(folder, Site.R, 8, JUMP, DType.F32);
    changeWeights("encoder.weight", tensor -> add(tensor, 0.05));
    refusesTheProbe();
    refusesTheProbe(); // not only the first time
  }

  @Test
  void theProbeSeesAChangedDecoder() {
    TestDictionaries.write(folder, Site.TC, 8, JUMP, DType.F32);
    changeWeights("decoder.bias", tensor -> add(tensor, 0.01));
    refusesTheProbe();
  }

  @Test
  void theProbeSeesAChangeAfterAGoodCheck() {
    TestDictionaries.write(folder, Site.R, 8, JUMP, DType.F32);
    DictionaryFolder.open(folder).close();
    changeContract(json -> gate(json).put("threshold", 0.39));
    refusesTheProbe();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.2, 0.39, 0.41, 4})
  void theProbeSeesAnotherThreshold(double threshold) {
    TestDictionaries.write(folder, Site.R, 8, JUMP, DType.F32);
    changeContract(json -> gate(json).put("threshold", threshold));
    refusesTheProbe();
  }

  @ParameterizedTest
  @ValueSource(strings = {"norm_in", "norm_out"})
  void theProbeSeesAnotherScale(String side) {
    TestDictionaries.write(folder, Site.TC, 8, JUMP, DType.F32);
    changeContract(json -> ((ObjectNode) json.path("scale")).put(side, 4.01));
    refusesTheProbe();
  }

  @ParameterizedTest
  @ValueSource(strings = {"encoder.weight", "decoder.weight"})
  void transposedWeightsAreSeen(String name) {
    TestDictionaries.write(folder, Site.R, 1, JUMP, DType.F32); // square: only the probe can tell
    changeWeights(name, tensor -> tensor.transpose(0, 1).contiguous());
    refusesTheProbe();
    TestDictionaries.write(folder.resolve("wide"), Site.R, 8, JUMP, DType.F32);
    changeWeights(folder.resolve("wide"), name, tensor -> tensor.transpose(0, 1).contiguous());
    assertThatThrownBy(() -> DictionaryFolder.open(folder.resolve("wide")))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining(name)
        .hasMessageContaining("128")
        .hasMessageContaining("is it stored transposed?")
        .hasMessageContaining(FINAL);
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void weightsThatAreNotFiniteAreRefused(float bad) {
    for (String name :
        new String[] {"encoder.weight", "encoder.bias", "decoder.weight", "decoder.bias"}) {
      TestDictionaries.write(folder, Site.R, 8, JUMP, DType.F32);
      changeWeights(
          name,
          tensor -> {
            float[] values = tensor.floats();
            values[values.length / 2] = bad;
            return Tensors.of(values, tensor.shape());
          });
      assertThatThrownBy(() -> DictionaryFolder.open(folder))
          .isInstanceOf(FileFormatException.class)
          .hasMessageContaining("NaN")
          .hasMessageContaining(FINAL);
    }
  }

  @Test
  void weightsOfAnotherWidthThanTheNameAreRefused() {
    TestDictionaries.write(folder, Site.R, 8, JUMP, DType.F32);
    changeContract(json -> json.put("name", "L3R-32x"));
    assertThatThrownBy(() -> DictionaryFolder.open(folder))
        .hasMessageContaining("L3R-32x")
        .hasMessageContaining("128 features of 16");
  }

  @Test
  void damagedContractsAreRefusedWithTheirPlace() {
    refusesContract(json -> json.put("treshold", 1), "treshold", "gate");
    refusesContract(json -> gate(json).put("k", 1), "'k'", "threshold");
    refusesContract(json -> json.put("format", 2), "format 1, got 2");
    refusesContract(json -> json.remove("gate"), "gate");
    refusesContract(json -> json.remove("scale"), "scale");
    refusesContract(json -> json.putNull("gate"), "gate", "null");
    refusesContract(json -> json.putNull("hooks_in"), "hooks_in", "null");
    refusesContract(json -> gate(json).remove("threshold"), "threshold");
    refusesContract(json -> gate(json).put("threshold", -1), "threshold", "-1");
    refusesContract(json -> gate(json).put("kind", "soft"), "soft", "jumprelu");
    refusesContract(json -> json.put("form", "raw"), "raw", "standardised");
    refusesContract(json -> json.put("name", "L3X-8x"), "L3X-8x");
    refusesContract(json -> json.put("decoder_norm_in_gate", false), "decoder_norm_in_gate");
    refusesContract(json -> json.putArray("hooks_in").add("blocks.3.hook_q"), "blocks.3.hook_q");
    refusesContract(
        json -> ((ObjectNode) json.path("scale")).put("norm_in", 0), "positive mean norms");
  }

  @Test
  void moreFiringThanFeaturesIsRefusedWithTheFolder() {
    TestDictionaries.write(folder, Site.R, 8, new Gate.TopK(7), DType.F32);
    changeContract(json -> gate(json).put("k", 129));
    assertThatThrownBy(() -> DictionaryFolder.open(folder))
        .hasMessageContaining("128")
        .hasMessageContaining("129")
        .hasMessageContaining(folder.toString());
  }

  @ParameterizedTest
  @CsvSource({
    "hook_point_in, hook_point_in",
    "d_sae, d_sae",
    "act_fn, act_fn",
    "jump_relu_threshold, jump_relu_threshold",
    "norm_activation, norm_activation",
    "dataset_average_activation_norm, dataset_average_activation_norm"
  })
  void publishedSettingsWithoutAKeyAreRefused(String key, String named) throws IOException {
    Path golden = GoldenDictionaryTest.GOLDEN.resolve("Llama3_1-8B-Base-L1R-8x");
    ObjectNode json = Json.readObject(golden.resolve("hyperparams.json"));
    json.remove(key);
    AtomicFile.writeJson(folder.resolve("hyperparams.json"), json);
    assertThatThrownBy(() -> DictionaryFolder.open(folder))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining(named)
        .hasMessageContaining("hyperparams.json");
  }

  @Test
  void otherFoldersAreRefused() throws IOException {
    assertThatThrownBy(() -> DictionaryFolder.open(folder))
        .hasMessageContaining(folder.toString())
        .hasMessageContaining("hyperparams.json");
    TestDictionaries.write(folder, Site.R, 8, JUMP, DType.F32);
    Files.delete(folder.resolve(FINAL));
    assertThatThrownBy(() -> DictionaryFolder.open(folder)).hasMessageContaining(FINAL);
  }

  private static Tensor add(Tensor tensor, double amount) {
    return Arithmetic.add(tensor, amount);
  }

  private static ObjectNode gate(ObjectNode json) {
    return (ObjectNode) json.path("gate");
  }

  private void refusesContract(Consumer<ObjectNode> damage, String... named) {
    TestDictionaries.write(folder, Site.R, 8, JUMP, DType.F32);
    changeContract(damage);
    assertThatThrownBy(() -> DictionaryFolder.open(folder))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining("dictionary.json")
        .hasMessageContaining("line ")
        .hasMessageContainingAll(named);
  }

  private void refusesTheProbe() {
    assertThatThrownBy(() -> DictionaryFolder.open(folder))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining("probe.safetensors")
        .hasMessageContaining("were changed");
  }

  private void changeContract(Consumer<ObjectNode> change) {
    ObjectNode json = Json.readObject(folder.resolve("dictionary.json"));
    change.accept(json);
    AtomicFile.writeJson(folder.resolve("dictionary.json"), json);
  }

  private void changeWeights(String name, UnaryOperator<Tensor> change) {
    changeWeights(folder, name, change);
  }

  private static void changeWeights(Path folder, String name, UnaryOperator<Tensor> change) {
    Path file = folder.resolve(FINAL);
    try (TensorScope _ = TensorScope.open()) {
      SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
      try (TensorSource source = SafetensorsFile.open(file)) {
        source.names().forEach(each -> tensors.put(each, source.read(each)));
      }
      tensors.computeIfPresent(name, (_, tensor) -> change.apply(tensor));
      SafetensorsWriter.write(file, tensors, Map.of());
    }
  }

  static void assertSame(Weights found, Weights expected) {
    for (int i = 0; i < 4; i++) {
      assertThat(found.all().get(i).floats()).isEqualTo(expected.all().get(i).floats());
    }
  }
}
