package dev.loupe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.files.Json;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What recipes refuse, what the paper's do without, and what suites of before lack. */
final class RecipeTest {
  private static final List<String> LATER =
      List.of(
          "batch_gate_share",
          "init_directions",
          "centre_inputs",
          "aux_k",
          "aux_coefficient",
          "aux_silent_share");

  @ParameterizedTest
  @ValueSource(strings = {"llama-scope", "llama-scope-paper"})
  void thePapersRecipesDoWhatThePaperDid(String name) {
    Recipe recipe = Recipe.load(name);
    assertThat(recipe.centreInputs()).isFalse();
    assertThat(recipe.initDirections()).isEqualTo(InitialDirections.ANY);
    assertThat(recipe.auxK()).isZero();
    assertThat(recipe.batchGateShare()).isZero();
  }

  /** docs/decisions/default-recipe.md */
  @Test
  void theDefaultIsWhatLlamaScopeRanButForCentringAndTheGate() {
    ObjectNode scope = Json.mapper().valueToTree(Recipe.load("llama-scope"));
    ObjectNode own = Json.mapper().valueToTree(Recipe.load("loupe"));
    scope.put("centre_inputs", true).put("batch_gate_share", 0.2);
    List<String> named = List.of("name", "about");
    assertThat(own.remove(named)).isEqualTo(scope.remove(named));
  }

  @Test
  void aSuiteOfBeforeHasThemWithoutEffect() {
    ObjectNode json = Json.mapper().valueToTree(Recipe.load("demo"));
    json.remove(LATER);
    Recipe recipe = Recipe.ofSuite(json);
    assertThat(recipe.k()).isEqualTo(Recipe.load("demo").k());
    assertThat(recipe.centreInputs()).isFalse();
    assertThat(recipe.auxK()).isZero();
    ObjectNode whole = Json.mapper().valueToTree(Recipe.load("demo"));
    assertThat(Recipe.ofSuite(whole)).isEqualTo(Recipe.load("demo"));
  }

  @ParameterizedTest
  @CsvSource({
    "aux_k, -1, expected aux_k of 0 or more",
    "aux_coefficient, 0, expected aux_coefficient above 0",
    "aux_silent_share, 1.5, expected aux_silent_share in 0..1",
    "batch_gate_share, -0.1, expected batch_gate_share in 0..1"
  })
  void valuesThatCannotBeAreRefused(String key, double value, String message) {
    ObjectNode json = Json.mapper().createObjectNode();
    if (value == Math.rint(value)) {
      json.put(key, (int) value);
    } else {
      json.put(key, value);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Recipe.load("demo").with(json))
        .withMessageContaining(message);
  }
}
