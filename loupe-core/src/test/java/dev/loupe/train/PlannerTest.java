package dev.loupe.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Screening;
import dev.loupe.dictionary.Site;
import dev.loupe.files.Json;
import dev.loupe.model.LlamaConfig;
import dev.loupe.model.ModelFolder;
import dev.loupe.tensor.DType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

final class PlannerTest {
  private static final LlamaConfig DEMO =
      LlamaConfig.read(ModelFolder.resolve("demo").directory()); // D 256, 6 layers
  private static final LlamaConfig LLAMA =
      LlamaConfig.read(Path.of("src/test/resources/llama-3.1-8b"));
  private static final PlanRoom LARGE =
      new PlanRoom(2_000_000_000_000L, 20_000_000_000_000L, 2, Screening.BFLOAT16);

  private static List<DictionaryName> all(LlamaConfig model, int... expansions) {
    List<DictionaryName> names = new ArrayList<>();
    for (int layer = 0; layer < model.layers(); layer++) {
      for (Site site : Site.values()) {
        for (int expansion : expansions) {
          names.add(DictionaryName.of(layer, site, expansion));
        }
      }
    }
    return names;
  }

  private static PlanRequest demo() {
    return new PlanRequest(
        "demo",
        DEMO,
        Recipes.of(Recipe.load("demo")),
        all(DEMO, 8),
        OptionalInt.of(1),
        600_000,
        BufferSetup.of(1_000_000_000),
        DType.F32,
        StepKind.SIMD);
  }

  private static PlanRequest llama(OptionalInt passes, double bufferGigabytes) {
    return new PlanRequest(
        "llama",
        LLAMA,
        Recipes.of(Recipe.load("llama-scope")),
        all(LLAMA, 8, 32),
        passes,
        800_000_000,
        BufferSetup.of((long) (bufferGigabytes * 1e9)),
        DType.BF16,
        StepKind.SIMD);
  }

  private static Plan plan(PlanRequest run, PlanRoom room) {
    return Planner.plan(run, room, Optional.empty());
  }

  private static PlanRoom room(double freeGigabytes) {
    return new PlanRoom((long) (freeGigabytes * 1e9), 20_000_000_000_000L, 2, Screening.BFLOAT16);
  }

  private static long bytes(List<Plan.Item> items, String what) {
    return items.stream()
        .filter(item -> item.what().equals(what))
        .findFirst()
        .orElseThrow()
        .bytes();
  }

  @Test
  void itemsAreTheSizesOfWhatIsAllocated() {
    Plan plan = plan(demo(), LARGE);
    long weights = 24 * 4L * (2 * 2048 * 256 + 2048 + 256);
    assertThat(bytes(plan.memory(), "dictionaries")).isEqualTo(weights);
    assertThat(bytes(plan.memory(), "optimizer")).isEqualTo(2 * weights + 24 * 8 * 2048);
    assertThat(bytes(plan.memory(), "encoder copies"))
        .isEqualTo(24L * 2048 * (8 + 2 * 256) + weights / 24 / 64 * 24);
    // 24 hooks: M and TC write the same; 1e9 / (24 x 256 x 4 + 28) tokens, a power of two of them
    assertThat(plan.passes().getFirst().hooks()).isEqualTo(24);
    assertThat(plan.passes().getFirst().bufferTokens()).isEqualTo(32_768);
    assertThat(bytes(plan.memory(), "shuffle buffer")).isEqualTo(32_768L * (24 * 256 * 4 + 28));
    long matrices = 4096 * 256 + 6 * (2 * 256 * 32 * (8 + 4) + 3 * 256 * 704);
    assertThat(bytes(plan.memory(), "language model")).isEqualTo(4 * matrices + 13 * 256 * 4);
    assertThat(plan.memory().stream().mapToLong(Plan.Item::bytes).sum())
        .isEqualTo(plan.peakBytes())
        .isEqualTo(plan.passes().getFirst().peakBytes());
    assertThat(bytes(plan.disk(), "states to resume from"))
        .isEqualTo(3 * (3 * weights + 24 * 8 * 2048));
    assertThat(plan.fits()).isTrue();
    assertThat(plan.advice()).isEmpty();
    assertThat(plan.seconds()).isEmpty();
  }

  /** Of the language model; the published file of bfloat16 weights is 16.06 GB. */
  @Test
  void aModelHasTheSizeOfItsFile() {
    assertThat(Footprint.modelBytes(LLAMA, DType.BF16)).isBetween(16_060_000_000L, 16_062_000_000L);
  }

  @Test
  void aBfloat16BufferHoldsTwiceAsMany() {
    Plan plan = plan(demo().withBufferDtype(DType.BF16), LARGE);
    assertThat(plan.passes().getFirst().bufferTokens()).isEqualTo(65_536);
  }

  @Test
  void timesAreThoseOfTheSpeeds() {
    Speeds speeds = new Speeds(1e-3, "so", Map.of(2048L, 0.01), "so");
    Plan plan = Planner.plan(demo(), LARGE, Optional.of(speeds));
    double model = (600_000 + 32_768 + 16_384) * 1e-3;
    double steps = 600_000 / 512 * 24 * 0.01;
    assertThat(plan.time().get(0).seconds()).isCloseTo(model, within(1e-6));
    assertThat(plan.time().get(1).seconds()).isCloseTo(steps, within(1e-6));
    assertThat(plan.seconds().orElseThrow())
        .isCloseTo(plan.time().stream().mapToDouble(Plan.Duration::seconds).sum(), within(1e-6));
    assertThat(plan.tokensPerSecond().orElseThrow())
        .isCloseTo(600_000 / plan.seconds().orElseThrow(), within(1e-6));
    assertThat(plan.dictionaries().getFirst().stepSeconds()).contains(0.01);
  }

  private static org.assertj.core.data.Offset<Double> within(double distance) {
    return org.assertj.core.data.Offset.offset(distance);
  }

  @Test
  void theWholeSuiteOfLlamaScopeIsPlannedWithoutWeights() {
    Plan plan = plan(llama(OptionalInt.of(1), 500), LARGE);
    JsonNode json = Json.mapper().valueToTree(plan);
    assertThat(json.get("dictionaries")).hasSize(256);
    assertThat(json.get("dictionaries").get(0).get("name").asText()).isEqualTo("L0R-8x");
    assertThat(json.get("dictionaries").get(1).get("features").asLong()).isEqualTo(131_072);
    assertThat(json.get("passes").get(0).get("hooks").asInt()).isEqualTo(128);
    assertThat(json.get("peak_bytes").asLong()).isEqualTo(plan.peakBytes());
    assertThat(json.get("seconds").isNull()).isTrue();
    // 128 of 268 M weights, 128 of 1.07 G, each with two moments in float32
    assertThat(bytes(plan.memory(), "dictionaries") + bytes(plan.memory(), "optimizer"))
        .isBetween(2_050_000_000_000L, 2_080_000_000_000L);
    assertThat(plan.fits()).isFalse();
  }

  @Test
  void whatDoesNotFitComesWithTheSmallestChangesThatDo() {
    Plan whole = plan(demo(), LARGE);
    // less by a quarter of the buffer than it needs: half of the buffer is enough
    long buffer = bytes(whole.memory(), "shuffle buffer");
    PlanRoom less = room((whole.peakBytes() - buffer / 4) / 1e9);
    Plan plan = plan(demo(), less);
    assertThat(plan.fits()).isFalse();
    assertThat(plan.advice())
        .anySatisfy(line -> assertThat(line).startsWith("--buffer-bytes 404M"));
    assertThat(plan.advice()).anySatisfy(line -> assertThat(line).startsWith("--passes 2 "));
    PlanRequest changed = demo().withBufferBytes(404_000_000);
    assertThat(plan(changed, less).fits()).isTrue();
    assertThat(plan(demo().withPasses(OptionalInt.of(2)), less).fits()).isTrue();
  }

  @Test
  void whatFitsNowhereSaysWhatTheLeastIs() {
    Plan plan = plan(llama(OptionalInt.empty(), 4), room(16));
    assertThat(plan.fits()).isFalse();
    assertThat(plan.advice().getLast())
        .contains("no number of passes fits")
        .contains("16.1 GB of it is the language model");
  }

  @Test
  void aFullDiskIsAReasonToo() {
    PlanRoom full = new PlanRoom(LARGE.freeBytes(), 1_000_000, 2, Screening.BFLOAT16);
    Plan plan = plan(demo(), full);
    assertThat(plan.fits()).isFalse();
    assertThat(plan.advice()).hasSize(1);
    assertThat(plan.advice().getFirst()).contains("of disk").contains("--out");
  }

  @Test
  void aSmallBufferIsNoReason() {
    Plan plan = plan(demo().withBufferBytes(100_000_000), LARGE);
    assertThat(plan.fits()).isTrue();
    assertThat(plan.advice().getFirst()).contains("fewer than 64 contexts").contains("--passes");
  }

  @Test
  void asFewPassesAsFitEachDictionaryInOne() {
    PlanRoom room = room(300);
    Plan plan = plan(llama(OptionalInt.empty(), 75), room);
    assertThat(plan.fits()).isTrue();
    int passes = plan.passes().size();
    assertThat(passes).isGreaterThan(2);
    assertThat(plan(llama(OptionalInt.of(passes - 1), 75), room))
        .satisfiesAnyOf(
            fewer -> assertThat(fewer.fits()).isFalse(),
            fewer -> assertThat(fewer.passes().getFirst().bufferTokens()).isLessThan(64 * 1024));
    assertThat(plan.passes().stream().flatMap(pass -> pass.dictionaries().stream()))
        .containsExactlyInAnyOrderElementsOf(all(LLAMA, 8, 32));
    assertThat(plan.passes())
        .extracting(Plan.Pass::bufferTokens)
        .containsOnly(plan.passes().getFirst().bufferTokens());
    assertThat(plan.passes().getFirst().bufferTokens()).isGreaterThanOrEqualTo(64 * 1024);
    for (Plan.Trained dictionary : plan.dictionaries()) {
      assertThat(plan.passes().get(dictionary.pass() - 1).dictionaries())
          .contains(dictionary.name());
    }
  }

  @Test
  void morePassesThanDictionariesAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> demo().withPasses(OptionalInt.of(25)))
        .withMessage("expected 1 to 24 passes, one for each dictionary at most, got 25");
  }
}
