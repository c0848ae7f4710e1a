package dev.loupe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.dictionary.DictionaryFolder;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Gate;
import dev.loupe.dictionary.Suite;
import dev.loupe.files.Checksums;
import dev.loupe.files.Json;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Variants of a sweep: their names, their recipes, and that each is trained as if alone. */
final class SweepTest {
  private static final DictionaryName NAME = DictionaryName.parse("L1R-2x");
  private static final Recipe DEMO = Recipe.load("demo");

  @TempDir private Path folder;

  private static List<String> names(Sweep sweep) {
    return sweep.names(List.of(NAME)).stream().map(DictionaryName::toString).toList();
  }

  private static List<JsonNode> values(String json) throws Exception {
    return List.of(Json.mapper().readValue(json, JsonNode[].class));
  }

  @Test
  void gatesStandBesideEachOtherAndTheRestMultiplies() throws Exception {
    Sweep sweep =
        new Sweep()
            .withK(List.of(10, 20))
            .withL1(List.of(0.00005, 4.0))
            .with("peak_learning_rate", values("[4e-4, 0.001]"))
            .withSeeds(List.of(1L, 2L));
    assertThat(names(sweep))
        .hasSize(16)
        .startsWith("L1R-2x-k10.lr0.0004.s1", "L1R-2x-k10.lr0.0004.s2", "L1R-2x-k10.lr0.001.s1")
        .endsWith("L1R-2x-relu4.lr0.001.s2")
        .contains("L1R-2x-relu0.00005.lr0.001.s1")
        .allSatisfy(name -> assertThat(DictionaryName.parse(name)).hasToString(name));
    Recipes recipes = sweep.recipes(DEMO);
    DictionaryName relu = DictionaryName.parse("L1R-2x-relu0.00005.lr0.001.s2");
    assertThat(recipes.of(relu).isTopK()).isFalse();
    assertThat(recipes.of(relu).l1Coefficient()).isEqualTo(5e-5);
    assertThat(recipes.of(relu).peakLearningRate()).isEqualTo(1e-3);
    assertThat(recipes.seed(relu, 7)).isEqualTo(2);
    assertThat(recipes.of(DictionaryName.parse("L1R-2x-k20.lr0.001.s2")).k()).isEqualTo(20);
    assertThat(recipes.shared()).isEqualTo(DEMO);
    assertThat(recipes.seed(NAME, 7)).isEqualTo(7);
  }

  @Test
  void nothingListedIsNoSweep() {
    assertThat(names(new Sweep())).containsExactly("L1R-2x");
    assertThat(new Sweep().recipes(DEMO).json().has("variants")).isFalse();
  }

  @Test
  void whatAllShareCannotVary() throws Exception {
    Sweep sweep = new Sweep().with("batch", values("[64, 128]"));
    assertThatThrownBy(() -> sweep.recipes(DEMO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("one value of batch");
    Sweep unknown = new Sweep().with("colour", values("[1, 2]"));
    assertThatThrownBy(() -> unknown.recipes(DEMO)).hasMessageContaining("got 'colour'");
    Sweep twice = new Sweep().withK(List.of(3, 4));
    assertThatThrownBy(() -> twice.names(List.of(DictionaryName.parse("L1R-2x-k3"))))
        .hasMessageContaining("without a suffix");
  }

  /** Same batches, same first weights: a variant is what a run of its own gives, byte for byte. */
  @Test
  void eachIsTrainedAsIfAlone() {
    Sweep sweep = new Sweep().withK(List.of(4, 8)).withL1(List.of(0.5)).withSeeds(List.of(0L, 1L));
    SmallRun all = SmallRun.in(folder.resolve("all")).with(sweep);
    all.trainFor(5);
    all.resumed().train();
    SmallRun alone = SmallRun.in(folder.resolve("alone")).with(new Sweep());
    alone.train();
    assertThat(raw("all/L1R-2x-k8.s0")).isEqualTo(raw("alone/L1R-2x"));
    assertThat(raw("all/L1R-2x-k8.s1")).isNotEqualTo(raw("alone/L1R-2x"));
    assertThat(raw("all/L1R-2x-k4.s0")).isNotEqualTo(raw("alone/L1R-2x"));
    Suite suite = Suite.open(folder.resolve("all"));
    assertThat(suite.names()).hasSize(6);
    DictionaryName relu = DictionaryName.parse("L1R-2x-relu0.5.s1");
    assertThat(DictionaryFolder.readContract(suite.folder(relu)).gate()).isEqualTo(new Gate.Relu());
    assertThat(suite.recipe(relu).path("gate").asText()).isEqualTo("relu");
    assertThat(suite.recipe(relu).path("k").asInt()).isEqualTo(8);
    assertThat(suite.recipe(DictionaryName.parse("L1R-2x-k4.s1")).path("k").asInt()).isEqualTo(4);
    assertThat(suite.recipe(relu).has("variants")).isFalse();
  }

  private String raw(String dictionary) {
    return Checksums.sha256(folder.resolve(dictionary).resolve("checkpoints/raw.safetensors"));
  }
}
