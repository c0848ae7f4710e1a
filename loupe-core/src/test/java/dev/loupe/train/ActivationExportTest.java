package dev.loupe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loupe.activation.Activations;
import dev.loupe.dictionary.Suite;
import dev.loupe.dictionary.Weights;
import dev.loupe.files.Json;
import dev.loupe.model.Hook;
import dev.loupe.model.SmallModel;
import dev.loupe.safetensors.SafetensorsFile;
import dev.loupe.safetensors.TensorSource;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import dev.loupe.text.CorpusSpec;
import dev.loupe.text.DemoSample;
import dev.loupe.text.Progress;
import dev.loupe.text.Split;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Exports of whole runs on the bundled model, small. */
@ExtendWith(LeakCheck.class)
final class ActivationExportTest {
  private static final String RESIDUAL = "blocks.1.hook_resid_post";
  private static final String CORPUS = DemoSample.wordnet();

  @TempDir private Path folder;

  /** A step that notes what an autoencoder is given, and passes it on. */
  private record Noting(TrainingStep step, List<Float> seen) implements TrainingStep {
    @Override
    public Outcome update(Tensor x, Tensor y, Settings settings) {
      for (float value : x.floats()) {
        seen.add(value);
      }
      return step.update(x, y, settings);
    }

    @Override
    public Weights weights() {
      return step.weights();
    }

    @Override
    public long silentFor(long tokens) {
      return step.silentFor(tokens);
    }

    @Override
    public SequencedMap<String, Tensor> state() {
      return step.state();
    }

    @Override
    public void restore(Function<String, Tensor> source, long tokens) {
      step.restore(source, tokens);
    }

    @Override
    public void endUpdates() {
      step.endUpdates();
    }

    @Override
    public void close() {
      step.close();
    }
  }

  private Suite trained(List<Float> seen) {
    Path out = folder.resolve("suite");
    SmallRun.in(out)
        .with(List.of(SmallRun.NAMES.getFirst()), 1)
        .with(new BufferSetup(2_500_000, DType.BF16, Optional.empty()))
        .trainWith(
            (recipe, scale, initial) -> new Noting(SmallRun.step(recipe, scale, initial), seen));
    return Suite.open(out);
  }

  private static ActivationExport.Setup setup(
      Suite suite, String corpus, Split split, long tokens) {
    return new ActivationExport.Setup(
        suite,
        SmallModel.folder(),
        CorpusSpec.parse(corpus),
        List.of(),
        split,
        tokens,
        false,
        false,
        DType.F32,
        Device.CPU);
  }

  @Test
  void theTrainingSplitIsWhatEachStepSaw() {
    List<Float> seen = new ArrayList<>();
    Suite suite = trained(seen);
    Path out = folder.resolve("train");
    ActivationExport.Summary summary =
        ActivationExport.write(setup(suite, CORPUS, Split.TRAIN, 0), out, Progress.NONE);
    int tokens = SmallRun.STEPS * SmallRun.BATCH;
    assertThat(suite.manifest().bufferTokens()).isEqualTo(8192);
    assertThat(summary.tokens()).isEqualTo(tokens);
    assertThat(summary.hooks()).containsExactly(RESIDUAL);
    assertThat(summary.bufferDtype()).isEqualTo("bfloat16");
    assertThat(Json.read(out.resolve("activations.json"), ActivationExport.Summary.class))
        .isEqualTo(summary);
    assertThat(floats(out, summary, RESIDUAL)).isEqualTo(seen);
    assertThat(ints(out, summary, "tokens.position")).hasSize(tokens).doesNotContain(0);
  }

  @Test
  void fewerTokensAreTheFirst() {
    List<Float> seen = new ArrayList<>();
    Suite suite = trained(seen);
    Path out = folder.resolve("train");
    ActivationExport.Summary summary =
        ActivationExport.write(setup(suite, CORPUS, Split.TRAIN, 301), out, Progress.NONE);
    assertThat(floats(out, summary, RESIDUAL)).isEqualTo(seen.subList(0, 301 * summary.width()));
  }

  @Test
  void heldOutTokensComeInTheCorpussOrder() {
    Suite suite = trained(new ArrayList<>());
    Path out = folder.resolve("held-out");
    ActivationExport.Summary summary =
        ActivationExport.write(setup(suite, CORPUS, Split.HELD_OUT, 5_000), out, Progress.NONE);
    assertThat(summary.tokens()).isBetween(5_000L, 5_064L);
    List<Integer> contexts = ints(out, summary, "tokens.context");
    assertThat(contexts).isSorted();
    assertThat(floats(out, summary, RESIDUAL)).hasSize((int) summary.tokens() * summary.width());
    assertThat(ints(out, summary, "tokens.id")).hasSameSizeAs(contexts);
  }

  @Test
  void anotherCorpusOrTooManyTokensAreRefused() {
    Suite suite = trained(new ArrayList<>());
    Path out = folder.resolve("out");
    assertThatThrownBy(
            () -> ActivationExport.write(setup(suite, "demo", Split.TRAIN, 0), out, Progress.NONE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("that the suite was trained on");
    assertThat(out).doesNotExist();
    assertThatThrownBy(() -> setup(suite, CORPUS, Split.TRAIN, 1_000_000))
        .hasMessageContaining("expected at most the 3072 tokens");
    assertThatThrownBy(() -> setup(suite, CORPUS, Split.HELD_OUT, 0))
        .hasMessageContaining("held-out tokens");
    assertThatThrownBy(() -> setup(suite, CORPUS, Split.ALL, 10))
        .hasMessageContaining("train or held-out");
  }

  @Test
  void filesEndWhereTheyAreFull() {
    Hook hook = Hook.parse(RESIDUAL);
    try (ActivationFiles files = new ActivationFiles(folder, Set.of(hook), 5)) {
      for (int i = 0; i < 4; i++) {
        files.add(three(hook, i), i == 3 ? 2 : 3);
      }
      files.end();
      assertThat(files.tokens()).isEqualTo(11);
      assertThat(files.names()).containsExactly("000000.safetensors", "000001.safetensors");
    }
    try (TensorScope _ = TensorScope.open();
        TensorSource last = SafetensorsFile.open(folder.resolve("000001.safetensors"))) {
      assertThat(last.read(RESIDUAL, 5, 1).floats()).containsExactly(2, 2.25f, 2.5f, 3, 3.25f);
      assertThat(last.read("tokens.id", 5).ints()).containsExactly(20, 21, 22, 30, 31);
    }
  }

  private static Activations three(Hook hook, int i) {
    Tensor rows = TensorScope.release(Tensors.of(new float[] {i, i + 0.25f, i + 0.5f}, 3, 1));
    return new Activations(
        Map.of(hook, rows),
        new int[] {i, i, i},
        new int[] {1, 2, 3},
        new int[] {10 * i, 10 * i + 1, 10 * i + 2},
        new float[0]);
  }

  private static List<Float> floats(Path out, ActivationExport.Summary summary, String name) {
    List<Float> all = new ArrayList<>();
    read(
        out,
        summary,
        name,
        tensor -> {
          for (float value : tensor.floats()) {
            all.add(value);
          }
        });
    return all;
  }

  private static List<Integer> ints(Path out, ActivationExport.Summary summary, String name) {
    List<Integer> all = new ArrayList<>();
    read(
        out,
        summary,
        name,
        tensor -> {
          for (int value : tensor.ints()) {
            all.add(value);
          }
        });
    return all;
  }

  private static void read(
      Path out, ActivationExport.Summary summary, String name, Consumer<Tensor> to) {
    for (String file : summary.files()) {
      try (TensorScope _ = TensorScope.open();
          TensorSource source = SafetensorsFile.open(out.resolve(file))) {
        to.accept(source.read(name));
      }
    }
  }
}
