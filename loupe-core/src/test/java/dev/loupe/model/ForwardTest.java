package dev.loupe.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import dev.loupe.text.SpecialTokens;
import dev.loupe.text.TokenBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What must hold of a forward pass whatever the weights. */
@ExtendWith(LeakCheck.class)
@ParameterizedClass
@ValueSource(strings = {"llama31", "llama-tied"})
final class ForwardTest {
  @Parameter private String name;
  private Llama model;
  private int layers;
  private TensorScope scope;
  private Tensor ids; // [1, 50]

  @BeforeEach
  void load() {
    scope = TensorScope.open();
    model = TinyModels.load(name, DType.F32);
    layers = model.config().layers();
    ids = TinyModels.tensor(TinyModels.ids(model, 50, 3));
  }

  @AfterEach
  void close() {
    model.close();
    scope.close();
  }

  @Test
  void paddedBatchIsEachDocumentAlone() {
    int[][] rows =
        IntStream.of(1, 17, 60, 2, 31)
            .mapToObj(length -> TinyModels.ids(model, length, length))
            .toArray(int[][]::new);
    TokenBatch batch = TokenBatch.of(rows, new SpecialTokens(List.of(0), List.of(1)));
    Tensor together =
        model.forward(
            Tensors.of(batch.ids(), batch.documents(), batch.positions()).to(DType.I64),
            layers,
            Probe.NONE);
    for (int d = 0; d < rows.length; d++) {
      Tensor alone = model.forward(TinyModels.tensor(rows[d]), layers, Probe.NONE);
      Tensor part = together.narrow(0, d, 1).narrow(1, 0, rows[d].length);
      assertThat(TinyModels.largestDifference(part, alone))
          .as("document %d", d)
          .isLessThan(1e-5 * largest(alone));
    }
  }

  @Test
  void stoppingEarlyGivesWhatTheWholeRunPasses() {
    try (Capture whole = capture()) {
      for (int layer = 1; layer <= layers; layer++) {
        Tensor stopped = model.forward(ids, layer, Probe.NONE);
        assertSame(stopped, whole.get(new Hook(layer - 1, Hook.Point.RESID_POST)));
      }
      assertSame(model.forward(ids, 0, Probe.NONE), at(whole, 0, Hook.Point.RESID_PRE));
    }
  }

  @Test
  void hooksAddUp() {
    try (Capture all = capture()) {
      for (int layer = 0; layer < layers; layer++) {
        Tensor middle = at(all, layer, Hook.Point.RESID_MID);
        Tensor after = at(all, layer, Hook.Point.RESID_POST);
        Tensor attention = at(all, layer, Hook.Point.ATTN_OUT);
        assertSame(Arithmetic.add(at(all, layer, Hook.Point.RESID_PRE), attention), middle);
        assertSame(Arithmetic.add(middle, at(all, layer, Hook.Point.MLP_OUT)), after);
        Tensor normalised = at(all, layer, Hook.Point.LN2_NORMALIZED);
        assertSame(Block.rms(middle, model.config().normEpsilon()), normalised);
        double width = Math.sqrt(model.config().hiddenSize());
        assertThat(Arrays.stream(Reductions.norm(normalised, -1).doubles()))
            .allMatch(norm -> Math.abs(norm - width) < 0.01);
        if (layer + 1 < layers) {
          assertSame(after, at(all, layer + 1, Hook.Point.RESID_PRE));
        }
      }
    }
  }

  @Test
  void splicingTheActivationItselfChangesNothing() {
    Tensor plain = model.forward(ids, layers, Probe.NONE);
    assertSame(model.forward(ids, layers, (_, activation) -> activation.copy()), plain);
    assertSame(model.forward(ids, layers, (_, activation) -> activation.share()), plain);
  }

  @ParameterizedTest
  @EnumSource
  void anotherActivationChangesWhatFollows(Hook.Point point) {
    Hook hook = new Hook(layers - 1, point);
    Tensor plain = model.forward(ids, layers, Probe.NONE);
    Tensor spliced =
        model.forward(ids, layers, (at, a) -> at.equals(hook) ? Arithmetic.multiply(a, 2.0) : a);
    assertThat(TinyModels.largestDifference(plain, spliced)).isGreaterThan(0.01);
  }

  @Test
  void activationOfAnotherShapeOrTypeIsRefused() {
    Hook hook = new Hook(1, Hook.Point.MLP_OUT);
    Probe one = (at, a) -> at.equals(hook) ? a.narrow(1, 0, 1) : a;
    Probe wide = (at, a) -> at.equals(hook) ? a.to(DType.F64) : a;
    for (Probe probe : List.of(one, wide)) {
      assertThatThrownBy(() -> model.forward(ids, layers, probe))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("in place of blocks.1.hook_mlp_out, got F");
    }
  }

  @Test
  void goingOnFromAResidualIsTheWholeRun() {
    try (Capture all = capture()) {
      Tensor end = at(all, layers - 1, Hook.Point.RESID_POST);
      for (int layer = 0; layer < layers; layer++) {
        for (Hook.Point point : List.of(Hook.Point.RESID_MID, Hook.Point.RESID_POST)) {
          Hook from = new Hook(layer, point);
          assertSame(model.resume(from, all.get(from), Probe.NONE), end);
        }
      }
    }
  }

  @Test
  void goesOnOnlyFromAResidualAfterAttentionOrBlock() {
    Tensor residual = model.forward(ids, 1, Probe.NONE);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.resume(new Hook(0, Hook.Point.ATTN_OUT), residual, Probe.NONE))
        .withMessageContaining("got blocks.0.hook_attn_out");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> model.resume(new Hook(layers, Hook.Point.RESID_POST), residual, Probe.NONE))
        .withMessageContaining("expected a hook of the model's " + layers + " layers");
  }

  @Test
  void bfloat16IsClose() {
    Tensor reference = model.forward(ids, layers, Probe.NONE);
    try (Llama rough = TinyModels.load(name, DType.BF16)) {
      Tensor residual = rough.forward(ids, layers, Probe.NONE);
      assertThat(rough.dtype()).isEqualTo(DType.BF16);
      assertThat(residual.dtype()).isEqualTo(DType.F32);
      Tensor error = Arithmetic.subtract(residual, reference);
      double relative =
          Math.sqrt(Reductions.totalOfSquares(error) / Reductions.totalOfSquares(reference));
      // measured 0.018, most of it from rounding llama31's random float32 weights, and 0.005
      assertThat(relative).isBetween(1e-4, name.equals("llama31") ? 0.025 : 0.01);
      assertThat(NextToken.losses(rough, residual, ids).dtype()).isEqualTo(DType.F32);
      assertThat(NextToken.losses(rough, residual.narrow(1, 0, 1), ids.narrow(1, 0, 1)).describe())
          .isEqualTo("F32 [1, 0]");
      assertThat(rough.fingerprint()).isEqualTo(model.fingerprint());
    }
  }

  @Test
  void activationsOfABfloat16ModelAreFloat32() {
    List<Hook> seen = new ArrayList<>();
    try (Llama rough = TinyModels.load(name, DType.BF16)) {
      Probe probe =
          (hook, activation) -> {
            assertThat(activation.dtype()).as(hook.toString()).isEqualTo(DType.F32);
            seen.add(hook);
            return activation;
          };
      rough.forward(ids, layers, probe);
    }
    assertThat(seen).hasSize(layers * Hook.Point.values().length);
  }

  @Test
  void lossesAreThoseOfTheLogits() {
    Tensor residual = model.forward(ids, layers, Probe.NONE);
    Tensor logits = Reductions.logSoftmax(model.logits(residual).to(DType.F64), -1);
    double[] all = logits.doubles();
    int[] tokens = ids.ints();
    float[] losses = NextToken.losses(model, residual, ids).floats();
    assertThat(losses).hasSize(tokens.length - 1);
    for (int p = 0; p < losses.length; p++) {
      double expected = -all[p * model.config().vocabularySize() + tokens[p + 1]];
      assertThat((double) losses[p]).isCloseTo(expected, Offset.offset(1e-4));
    }
  }

  @Test
  void contextsThatTheModelCannotReadAreRefused() {
    int most = model.config().maxPositions();
    Tensor tooLong = TinyModels.tensor(TinyModels.ids(model, most + 1, 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.forward(tooLong, layers, Probe.NONE))
        .withMessageContaining("at most " + most + " positions")
        .withMessageContaining("got " + (most + 1));
    int vocabulary = model.config().vocabularySize();
    for (int id : new int[] {-1, vocabulary}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> model.forward(TinyModels.tensor(0, id), layers, Probe.NONE))
          .withMessageContaining("expected ids from 0 to " + (vocabulary - 1) + ", got " + id);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.forward(ids, layers + 1, Probe.NONE))
        .withMessageContaining("got " + (layers + 1));
  }

  private Capture capture() {
    Set<Hook> hooks =
        IntStream.range(0, layers)
            .boxed()
            .flatMap(layer -> Arrays.stream(Hook.Point.values()).map(p -> new Hook(layer, p)))
            .collect(Collectors.toSet());
    Capture capture = new Capture(hooks);
    model.forward(ids, layers, capture);
    return capture;
  }

  private static Tensor at(Capture capture, int layer, Hook.Point point) {
    return capture.get(new Hook(layer, point));
  }

  private static double largest(Tensor a) {
    return Math.max(1, Reductions.max(Arithmetic.absolute(a)));
  }

  /** Bit for bit. */
  private static void assertSame(Tensor got, Tensor expected) {
    assertThat(got.shape()).isEqualTo(expected.shape());
    assertThat(got.floats()).isEqualTo(expected.floats());
  }
}
