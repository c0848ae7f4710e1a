package dev.loupe.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loupe.files.FileFormatException;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakCheck.class)
class ShardedSafetensorsTest {
  private static final String INDEX = "model.safetensors.index.json";
  private static final String ONE =
      "{\"%s\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}";

  @TempDir Path directory;

  @Test
  void readsTensorsFromTheirShards() {
    try (TensorSource model = TensorSource.openModel(Golden.LLAMA31)) {
      assertThat(model).isInstanceOf(ShardedSafetensors.class);
      assertThat(model.names()).hasSize(39);
      assertThat(model.metadata()).containsEntry("total_size", "811264");
      assertThat(model.entries().values().stream().mapToLong(TensorEntry::bytes).sum())
          .isEqualTo(811264);
      assertThat(model.entry("lm_head.weight").file())
          .hasFileName("model-00001-of-00002.safetensors");
      try (Tensor embedding = model.read("model.embed_tokens.weight", 300, 64)) {
        assertThat(embedding.segment().mismatch(model.view("model.embed_tokens.weight")))
            .isEqualTo(-1);
      }
      assertThatThrownBy(() -> model.view("model.embed_token.weight"))
          .hasMessageContaining(INDEX + "; the closest are [model.embed_tokens.weight, ");
      assertThatThrownBy(() -> model.read("lm_head.weight", 64, 300))
          .hasMessageContaining("00001-of-00002.safetensors; is it stored transposed?");
    }
  }

  @Test
  void closeIsIdempotentAndEndsUse() {
    TensorSource model = TensorSource.openModel(Golden.LLAMA31);
    model.close();
    model.close();
    assertThatThrownBy(() -> model.read("lm_head.weight"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(INDEX + " is closed");
  }

  @Test
  void openModelTakesTheOneFile() throws IOException {
    try (TensorSource model = TensorSource.openModel(Golden.TIED)) {
      assertThat(model.path()).hasFileName("model.safetensors");
    }
    assertThatThrownBy(() -> TensorSource.openModel(directory))
        .isInstanceOf(FileFormatException.class)
        .hasMessage(
            "no weights (model.safetensors or model.safetensors.index.json) in " + directory);
    RawFile.write(directory.resolve("pytorch.safetensors"), ONE.formatted("a"), 4);
    try (TensorSource model = TensorSource.openModel(directory)) {
      assertThat(model.names()).containsExactly("a");
    }
    Files.copy(directory.resolve("pytorch.safetensors"), directory.resolve("lora.safetensors"));
    assertThatThrownBy(() -> TensorSource.openModel(directory))
        .hasMessageEndingWith("which of these is it: [lora.safetensors, pytorch.safetensors]?");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../x.safetensors",
        "/x.safetensors",
        "sub/x.safetensors",
        "..\\\\x.safetensors",
        "C:x.safetensors",
        "..",
        ".",
        "",
        "x\\u0000.safetensors"
      })
  void shardsOutsideTheFolderAreRefused(String shard) throws IOException {
    Path folder = Files.createDirectory(directory.resolve("model"));
    RawFile.write(directory.resolve("x.safetensors"), ONE.formatted("a"), 4);
    Path index = folder.resolve(INDEX);
    Files.writeString(index, "{\"weight_map\":{\"a\":\"" + shard + "\"}}");
    assertThatThrownBy(() -> ShardedSafetensors.open(index))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining("for tensor a the name of a file beside the index, got")
        .hasMessageContaining(index.toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"weight_map\":{}}",
        "{\"weight_map\":[]}",
        "{\"weight_map\":{\"a\":3}}",
        "{\"weight_map\":{\"a\":null}}",
        "{\"weight_map\":",
        "[]",
        ""
      })
  void damagedIndexIsRefused(String json) throws IOException {
    Path index = Files.writeString(directory.resolve(INDEX), json);
    assertThatThrownBy(() -> TensorSource.openModel(directory))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining(index.toString());
  }

  @Test
  void missingShardAndMissingTensorAreNamed() throws IOException {
    Files.writeString(
        directory.resolve(INDEX),
        "{\"weight_map\":{\"a\":\"1.safetensors\",\"b\":\"2.safetensors\"}}");
    RawFile.write(directory.resolve("1.safetensors"), ONE.formatted("a"), 4);
    assertThatThrownBy(() -> TensorSource.openModel(directory))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining("expected shard 2.safetensors (of tensor b), got no such file");
    RawFile.write(directory.resolve("2.safetensors"), ONE.formatted("c"), 4);
    assertThatThrownBy(() -> TensorSource.openModel(directory))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining("expected tensor b in shard 2.safetensors, got none");
    RawFile.write(directory.resolve("2.safetensors"), ONE.formatted("b"), 3);
    assertThatThrownBy(() -> TensorSource.openModel(directory))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining(directory.resolve("2.safetensors").toString());
  }
}
