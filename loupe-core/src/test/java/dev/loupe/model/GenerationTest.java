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
import dev.loupe.text.SpecialTokens;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakCheck.class)
final class GenerationTest {
  private static final SpecialTokens NONE = new SpecialTokens(List.of(), List.of());
  private static final int[] PROMPT = {0, 17, 250, 3, 99};
  private static Llama model;

  @BeforeAll
  static void load() {
    model = TinyModels.load("llama31", DType.F32);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama31", "llama-tied"})
  void greedyIsTheLikeliestFromScratchAtEveryStep(String name) {
    try (Llama each = TinyModels.load(name, DType.F32)) {
      int[] written = Generation.generate(each, PROMPT, NONE, greedy(60), _ -> {});
      assertThat(written).hasSize(60);
      int[] all = joined(PROMPT, written);
      try (TensorScope _ = TensorScope.open()) {
        for (int n = PROMPT.length; n < all.length; n++) {
          int[] logitsOrder = largest(each, Arrays.copyOf(all, n), 1);
          assertThat(all[n]).as("token %d", n).isEqualTo(logitsOrder[0]);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama31", "llama-tied"})
  void cachedResidualIsThatOfTheWholeContext(String name) {
    try (TensorScope _ = TensorScope.open();
        Llama each = TinyModels.load(name, DType.F32);
        KeyValueCache cache = new KeyValueCache(each.config().layers())) {
      int[] ids = TinyModels.ids(each, 40, 1);
      Tensor whole = each.forward(TinyModels.tensor(ids), each.config().layers(), Probe.NONE);
      each.forward(TinyModels.tensor(Arrays.copyOf(ids, 7)), cache, Probe.NONE);
      for (int p = 7; p < ids.length; p++) {
        assertThat(cache.positions()).isEqualTo(p);
        Tensor alone = each.forward(TinyModels.tensor(ids[p]), cache, Probe.NONE);
        assertThat(TinyModels.largestDifference(alone, whole.narrow(1, p, 1))).isLessThan(1e-4);
      }
      assertThatIllegalArgumentException()
          .isThrownBy(() -> each.forward(TinyModels.tensor(1, 2), cache, Probe.NONE))
          .withMessageContaining("expected one new position after the 40 in the cache, got 2");
    }
  }

  @Test
  void sameSeedSameTextOtherSeedOtherText() {
    int[] once = sample(1, 0, 1);
    assertThat(sample(1, 0, 1)).isEqualTo(once);
    assertThat(sample(2, 0, 1)).isNotEqualTo(once);
    assertThat(Generation.generate(model, PROMPT, NONE, greedy(40), _ -> {})).isNotEqualTo(once);
  }

  @Test
  void topKRestrictsToTheLikeliest() {
    int[] written = sample(3, 3, 1);
    int[] all = joined(PROMPT, written);
    boolean other = false;
    try (TensorScope _ = TensorScope.open()) {
      for (int n = PROMPT.length; n < all.length; n++) {
        int[] three = largest(model, Arrays.copyOf(all, n), 3);
        assertThat(three).contains(all[n]);
        other |= three[0] != all[n];
      }
    }
    assertThat(other).as("ever another than the likeliest").isTrue();
  }

  @Test
  void oneCandidateIsGreedy() {
    int[] greedy = Generation.generate(model, PROMPT, NONE, greedy(40), _ -> {});
    assertThat(sample(5, 1, 1)).isEqualTo(greedy);
    assertThat(sample(5, 0, 1e-9)).isEqualTo(greedy);
  }

  @ParameterizedTest // probabilities 0.5, 0.3, 0.2
  @CsvSource({
    "1, 1, 0.49, 0",
    "1, 1, 0.51, 1",
    "1, 1, 0.79, 1",
    "1, 1, 0.81, 2",
    "1, 1, 0.999999999, 2",
    "1, 0.6, 0.62, 0", // of 0.8: 0.625, 0.375
    "1, 0.6, 0.63, 1",
    "1, 0.6, 0.999999999, 1",
    "1, 0.4, 0.999999999, 0",
    "0.5, 1, 0.65, 0", // squares: 0.658, 0.237, 0.105
    "0.5, 1, 0.66, 1",
    "0.5, 1, 0.90, 2",
    "0, 1, 0.999999999, 0",
    "1, 1, 0, 0",
  })
  void drawsByProbability(double temperature, double topP, double uniform, int rank) {
    float[] logits = {(float) Math.log(0.5), (float) Math.log(0.3), (float) Math.log(0.2)};
    GenerationRequest request = new GenerationRequest(1, temperature, 0, topP, 0);
    assertThat(Generation.rank(logits, request, uniform)).isEqualTo(rank);
  }

  @Test
  void logitsThatAreNoNumbersAreRefused() {
    assertThatThrownBy(() -> Generation.rank(new float[] {Float.NaN, 1}, greedy(1), 0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("finite logits");
  }

  @Test
  void stopsBeforeAnEndOrBeginId() {
    int[] free = Generation.generate(model, PROMPT, NONE, greedy(40), _ -> {});
    int stop = free[20];
    int first = 0;
    while (free[first] != stop) {
      first++;
    }
    int[] expected = Arrays.copyOf(free, first);
    SpecialTokens end = new SpecialTokens(List.of(0), List.of(0, stop));
    SpecialTokens begin = new SpecialTokens(List.of(stop), List.of());
    assertThat(Generation.generate(model, PROMPT, end, greedy(40), _ -> {})).isEqualTo(expected);
    assertThat(Generation.generate(model, PROMPT, begin, greedy(40), _ -> {})).isEqualTo(expected);
  }

  @Test
  void stopsAtTheLongestContextOfTheModel() {
    int most = model.config().maxPositions();
    int[] prompt = TinyModels.ids(model, most - 3, 1);
    assertThat(Generation.generate(model, prompt, NONE, greedy(10), _ -> {})).hasSize(3);
    int[] full = TinyModels.ids(model, most, 1);
    assertThat(Generation.generate(model, full, NONE, greedy(10), _ -> {})).isEmpty();
    assertThat(Generation.generate(model, PROMPT, NONE, greedy(0), _ -> {})).isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            Generation.generate(
                model, TinyModels.ids(model, most + 1, 1), NONE, greedy(1), _ -> {}))
        .withMessageContaining("1 to 512 ids")
        .withMessageContaining("got 513");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Generation.generate(model, new int[0], NONE, greedy(1), _ -> {}))
        .withMessageContaining("got 0");
  }

  @Test
  void tellsEachTokenAtOnceAndEndsWhereTheListenerThrows() {
    List<Integer> told = new ArrayList<>();
    int[] written = Generation.generate(model, PROMPT, NONE, greedy(9), told::add);
    assertThat(told).containsExactlyElementsOf(Arrays.stream(written).boxed().toList());
    assertThatThrownBy(() ->
            Generation.generate(
                model,
                PROMPT,
                NONE,
                greedy(9),
                _ -> {
                  throw new IllegalStateException("gone");
                }))
        .hasMessage("gone");
  }

  @Test
  void probeSeesThePromptThenEachPositionAndMaySteer() {
    Hook hook = new Hook(2, Hook.Point.RESID_POST);
    List<Long> positions = new ArrayList<>();
    Probe steering =
        (at, activation) -> {
          if (!at.equals(hook)) {
            return activation;
          }
          positions.add(activation.size(1));
          return Arithmetic.multiply(activation, -1.0);
        };
    int[] plain = Generation.generate(model, PROMPT, NONE, greedy(4), _ -> {});
    int[] steered = Generation.generate(model, PROMPT, NONE, greedy(4), _ -> {}, steering);
    assertThat(positions).containsExactly(5L, 1L, 1L, 1L);
    assertThat(steered).isNotEqualTo(plain);
  }

  @ParameterizedTest
  @CsvSource({
    "-1, 0, 0, 1",
    "1, -0.5, 0, 1",
    "1, NaN, 0, 1",
    "1, 1, -1, 1",
    "1, 1, 0, 0",
    "1, 1, 0, 1.5"
  })
  void requestsOutOfRangeAreRefused(int maxTokens, double temperature, int topK, double topP) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new GenerationRequest(maxTokens, temperature, topK, topP, 0))
        .withMessageContaining("expected a ");
  }

  private static GenerationRequest greedy(int tokens) {
    return GenerationRequest.greedy(tokens);
  }

  private static int[] sample(long seed, int topK, double topP) {
    GenerationRequest request = new GenerationRequest(40, 1.5, topK, topP, seed);
    return Generation.generate(model, PROMPT, NONE, request, _ -> {});
  }

  private static int[] largest(Llama each, int[] ids, int k) {
    Tensor residual = each.forward(TinyModels.tensor(ids), each.config().layers(), Probe.NONE);
    Tensor last = each.logits(residual.narrow(1, ids.length - 1, 1));
    return Reductions.largest(last, k).indices().ints();
  }

  private static int[] joined(int[] a, int[] b) {
    int[] all = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, all, a.length, b.length);
    return all;
  }
}
