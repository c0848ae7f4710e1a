package dev.loupe.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.files.Json;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LlamaConfigTest {
  @Test
  void readsTheShape() {
    LlamaConfig config = LlamaConfig.from(golden());
    assertThat(config.heads()).isEqualTo(8);
    assertThat(config.keyValueHeads()).isEqualTo(2);
    assertThat(config.headSize()).isEqualTo(8);
    assertThat(config.normEpsilon()).isEqualTo(1e-5);
    assertThat(config.rope().scaling()).contains(new Rope.Scaling(8, 1, 4, 64));
  }

  @Test
  void defaultsAreThoseOfTransformers() {
    ObjectNode json = golden();
    json.remove(
        List.of(
            "num_key_value_heads",
            "head_dim",
            "rms_norm_eps",
            "tie_word_embeddings",
            "torch_dtype"));
    LlamaConfig config = LlamaConfig.from(json);
    assertThat(config.keyValueHeads()).isEqualTo(8);
    assertThat(config.headSize()).isEqualTo(64 / 8);
    assertThat(config.normEpsilon()).isEqualTo(1e-6);
    assertThat(config.tied()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "attention_bias; true",
        "mlp_bias; true",
        "hidden_act; \"gelu\"",
        "sliding_window; 4096",
        "model_type; \"mistral\"",
        "pretraining_tp; 2",
        "layer_types; [\"full_attention\", \"sliding_attention\"]",
        "quantization_config; {\"bits\": 4}",
        "final_logit_softcapping; 30.0",
        "some_new_key; \"on\"",
        "another_new_key; 1",
        "num_key_value_heads; 3",
        "head_dim; 7",
        "hidden_size; \"64\"",
        "hidden_size; 0",
        "num_hidden_layers; 1.5",
        "rms_norm_eps; \"small\"",
        "tie_word_embeddings; \"yes\"",
      })
  void refusesByName(String key, String value) {
    ObjectNode json = golden();
    json.set(key, parse(value));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LlamaConfig.from(json))
        .withMessageContaining(key);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "attention_bias; false",
        "sliding_window; null",
        "quantization_config; null",
        "some_new_key; false",
        "use_cache; true",
        "pretraining_tp; 1",
        "layer_types; [\"full_attention\"]",
        "eos_token_id; [1, 2]"
      })
  void whatIsOffOrHarmlessPasses(String key, String value) {
    ObjectNode json = golden();
    json.set(key, parse(value));
    assertThat(LlamaConfig.from(json)).isEqualTo(LlamaConfig.from(golden()));
  }

  @ParameterizedTest
  @CsvSource({"yarn", "dynamic", "linear", "longrope"})
  void refusesOtherRotaryScalings(String type) {
    for (String form : List.of("rope_type", "type")) {
      ObjectNode json = golden();
      json.set(
          "rope_scaling",
          parse("{\"%s\": \"%s\", \"factor\": 2.0, \"beta_fast\": 32}".formatted(form, type)));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> LlamaConfig.from(json))
          .withMessageContaining("rope_type \"" + type + "\" is not supported");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{\"rope_type\": \"default\", \"partial_rotary_factor\": 0.5}; partial_rotary_factor",
        "{\"rope_type\": \"llama3\", \"factor\": 8.0}; low_freq_factor",
        "\"llama3\"; expected an object",
      })
  void refusesRotaryScalingsItWouldMisread(String scaling, String named) {
    ObjectNode json = golden();
    json.set("rope_scaling", parse(scaling));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LlamaConfig.from(json))
        .withMessageContaining(named);
  }

  @Test
  void bothFormsOfRotaryParametersSayTheSame() {
    ObjectNode old = golden();
    ObjectNode json = golden();
    ObjectNode parameters = json.withObject("/rope_scaling").deepCopy();
    parameters.set("rope_theta", json.get("rope_theta"));
    json.remove(List.of("rope_scaling", "rope_theta"));
    json.set("rope_parameters", parameters);
    assertThat(LlamaConfig.from(json)).isEqualTo(LlamaConfig.from(old));
    json.set("rope_scaling", old.get("rope_scaling"));
    assertThat(LlamaConfig.from(json)).isEqualTo(LlamaConfig.from(old));
    json.withObject("/rope_scaling").put("factor", 4.0);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LlamaConfig.from(json))
        .withMessageContaining("\"rope_parameters\" and \"rope_scaling\" that say the same");
  }

  @Test
  void refusesNeitherFormOfRotaryParameters() {
    ObjectNode json = golden();
    json.remove(List.of("rope_scaling", "rope_theta"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LlamaConfig.from(json))
        .withMessageContaining("rope_theta")
        .withMessageContaining("rope_parameters");
  }

  private static ObjectNode golden() {
    return Json.readObject(TinyModels.GOLDEN.resolve("llama31/config.json"));
  }

  private static JsonNode parse(String value) {
    try {
      return Json.mapper().readTree(value);
    } catch (IOException e) {
      throw new IllegalArgumentException(value, e);
    }
  }
}
