package dev.loupe.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.files.AtomicFile;
import dev.loupe.files.FileFormatException;
import dev.loupe.files.Json;
import dev.loupe.safetensors.SafetensorsWriter;
import dev.loupe.safetensors.TensorSource;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import dev.loupe.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakCheck.class)
final class ModelFolderTest {
  private static final Path SMOLLM2_TOKENIZER = Path.of("src/test/resources/smollm2-135m-instruct");

  @TempDir private Path folder;

  @Test
  void resolvesBundledNamesAndDirectories() {
    for (String name : List.of("demo", "demo-chat", "demo-random")) {
      ModelFolder found = ModelFolder.resolve(name);
      assertThat(found.name()).isEqualTo(name);
      assertThat(found.directory()).isDirectoryContaining("glob:**/model.safetensors");
      assertThat(found.directory()).isDirectoryContaining("glob:**/tokenizer.json");
    }
    ModelFolder own = ModelFolder.resolve(TinyModels.GOLDEN + "/llama31/");
    assertThat(own.name()).isEqualTo("llama31");
    assertThat(own.directory()).isEqualTo(TinyModels.GOLDEN.resolve("llama31"));
    assertThat(ModelFolder.resolve(".").name()).isEqualTo("loupe-core");
  }

  @Test
  void neitherNameNorDirectoryListsTheNames() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    for (String argument : List.of("demo-rnd", "", file.toString())) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ModelFolder.resolve(argument))
          .withMessageContaining("demo, demo-chat, demo-random")
          .withMessageContaining("'" + argument + "'");
    }
  }

  @Test
  void redrawnModelKeepsTheStatisticsAndNothingElse() {
    Path demo = ModelFolder.resolve("demo").directory();
    Path drawn = RandomWeights.write(demo, folder.resolve("drawn"));
    try (TensorSource before = TensorSource.openModel(demo);
        TensorSource after = TensorSource.openModel(drawn)) {
      assertThat(after.names()).isEqualTo(before.names());
      for (String name : before.names()) {
        assertThat(after.entry(name).describe()).isEqualTo(before.entry(name).describe());
        double[] old = doubles(before, name);
        double[] redrawn = doubles(after, name);
        double deviation = deviation(old);
        double step = deviation / Math.sqrt(old.length);
        assertThat(redrawn).as(name).isNotEqualTo(old);
        // 5 standard errors, and the rounding to bfloat16
        assertThat(mean(redrawn))
            .as(name)
            .isCloseTo(mean(old), Offset.offset(5 * step + 1e-3 * Math.abs(mean(old))));
        assertThat(deviation(redrawn))
            .as(name)
            .isCloseTo(deviation, Offset.offset(5 * step + 1e-3 * deviation));
      }
    }
    assertThat(drawn.resolve("config.json")).hasSameBinaryContentAs(demo.resolve("config.json"));
    assertThat(drawn.resolve("tokenizer.json"))
        .hasSameBinaryContentAs(demo.resolve("tokenizer.json"));
  }

  @Test
  void manyMayRedrawAtOnce() throws IOException {
    Path demo = ModelFolder.resolve("demo").directory();
    Path alone = RandomWeights.write(demo, folder.resolve("alone"));
    Path shared = folder.resolve("shared");
    IntStream.range(0, 4).parallel().forEach(_ -> RandomWeights.write(demo, shared));
    assertThat(shared.resolve("model.safetensors"))
        .hasSameBinaryContentAs(alone.resolve("model.safetensors"));
    try (Stream<Path> files = Files.list(shared)) {
      assertThat(files).hasSize(4);
    }
  }

  @Test
  void tokenizerMustFit() throws IOException {
    LlamaConfig small = LlamaConfig.read(TinyModels.GOLDEN.resolve("llama31"));
    ModelFolder demo = ModelFolder.resolve("demo");
    try (Tokenizer own = Tokenizer.load(demo.directory());
        Tokenizer large = Tokenizer.load(SMOLLM2_TOKENIZER)) {
      ModelFolder.checkTokenizer(LlamaConfig.read(demo.directory()), own);
      ModelFolder.checkTokenizer(LlamaConfig.read(SMOLLM2_TOKENIZER), large);
      ModelFolder.checkTokenizer(LlamaConfig.read(SMOLLM2_TOKENIZER), own); // some ids unused
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ModelFolder.checkTokenizer(small, large))
          .withMessageContaining("got one of 49152 ids for a model with a vocab_size of 300");
    }
  }

  @Test
  void tokenizerMustHaveABeginId() throws IOException {
    Path demo = ModelFolder.resolve("demo").directory();
    Files.copy(demo.resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
    LlamaConfig config = LlamaConfig.read(demo);
    assertMisfit(config, "with a begin id, got one of 4096 ids", "vocab_size of 4096");
    AtomicFile.writeText(folder.resolve("config.json"), "{\"bos_token_id\": 4096}");
    assertMisfit(config, "(not 4096), got one of 4096 ids", "vocab_size of 4096");
    AtomicFile.writeText(
        folder.resolve("config.json"), "{\"bos_token_id\": 0, \"eos_token_id\": [1, 5000]}");
    assertMisfit(config, "(not 5000)", "eos_token_id");
  }

  @Test
  void missingFolderAndMissingFilesAreNamed() throws IOException {
    Path absent = folder.resolve("absent");
    assertLoad(absent).hasMessageContaining(absent.toString()).hasMessageContaining("is no folder");
    assertLoad(folder)
        .hasMessageContaining("no config.json")
        .hasMessageContaining(folder.toString());
    Files.copy(TinyModels.GOLDEN.resolve("llama-tied/config.json"), folder.resolve("config.json"));
    assertLoad(folder).hasMessageContaining("no weights").hasMessageContaining(folder.toString());
  }

  @Test
  void configurationFaultNamesTheFile() {
    copyTied(config -> config.put("attention_bias", true), _ -> {});
    assertLoad(folder)
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining("attention_bias")
        .hasMessageEndingWith(folder.resolve("config.json").toString());
  }

  @Test
  void wrongShapeNamesFileAndTensor() {
    copyTied(config -> config.put("intermediate_size", 97), _ -> {});
    assertLoad(folder)
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining("model.layers.0.mlp.gate_proj.weight [97, 48], got [96, 48]")
        .hasMessageContaining(folder.resolve("model.safetensors").toString());
  }

  @Test
  void missingTensorIsNamed() {
    copyTied(_ -> {}, tensors -> tensors.remove("model.layers.1.mlp.up_proj.weight"));
    assertLoad(folder)
        .hasMessageContaining("model.layers.1.mlp.up_proj.weight")
        .hasMessageContaining(folder.resolve("model.safetensors").toString());
  }

  @Test
  void biasIsNamed() {
    String bias = "model.layers.1.self_attn.q_proj.bias";
    copyTied(_ -> {}, tensors -> tensors.put(bias, Tensors.zeros(DType.BF16, Device.CPU, 72)));
    assertLoad(folder)
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining(bias)
        .hasMessageContaining("without biases");
  }

  @Test
  void wholeNumbersAreNoWeights() {
    String name = "model.norm.weight";
    copyTied(_ -> {}, tensors -> tensors.replace(name, Tensors.zeros(DType.I8, Device.CPU, 48)));
    assertLoad(folder).hasMessageContaining(name).hasMessageContaining("floating-point");
  }

  private AbstractThrowableAssert<?, ? extends Throwable> assertLoad(Path model) {
    return assertThatThrownBy(() -> Llama.load(model, DType.F32, Device.CPU).close());
  }

  private void assertMisfit(LlamaConfig config, String... parts) {
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      assertThatThrownBy(() -> ModelFolder.checkTokenizer(config, tokenizer))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll(parts);
    }
  }

  /** llama-tied with changes, in the folder of the test. */
  private void copyTied(
      Consumer<ObjectNode> changeConfig, Consumer<SequencedMap<String, Tensor>> changeTensors) {
    Path original = TinyModels.GOLDEN.resolve("llama-tied");
    ObjectNode config = Json.readObject(original.resolve("config.json"));
    changeConfig.accept(config);
    AtomicFile.writeJson(folder.resolve("config.json"), (JsonNode) config);
    try (TensorScope _ = TensorScope.open();
        TensorSource source = TensorSource.openModel(original)) {
      SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
      source.names().forEach(name -> tensors.put(name, source.read(name)));
      changeTensors.accept(tensors);
      SafetensorsWriter.write(folder.resolve("model.safetensors"), tensors, Map.of());
    }
  }

  private static double[] doubles(TensorSource source, String name) {
    try (Tensor tensor = source.read(name)) {
      return tensor.doubles();
    }
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }

  private static double deviation(double[] values) {
    double mean = mean(values);
    return Math.sqrt(
        Arrays.stream(values).map(v -> (v - mean) * (v - mean)).average().orElseThrow());
  }
}
