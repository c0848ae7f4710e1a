package dev.loupe.activation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.loupe.model.Hook;
import dev.loupe.model.ModelOnDemand;
import dev.loupe.tensor.Collectives;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.RankThreads;
import dev.loupe.tensor.Torch;
import dev.loupe.text.Progress;
import dev.loupe.text.TokenCorpus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
@ExtendWith(LeakCheck.class)
final class ActivationStreamTest {
  private static final int CAPACITY = 700;
  private static final int STEP = 64;

  @AfterEach
  void oneThreadAgain() {
    Torch.start(1);
  }

  @ParameterizedTest
  @CsvSource({"2, F32", "3, F32", "2, BF16"})
  void rowsDoNotDependOnThreadsNorOnWhereARunGoesOn(int threads, DType dtype) {
    try (ModelOnDemand model = SmallActivations.model();
        TokenCorpus corpus = SmallActivations.corpus(3_000)) {
      ModelPass pass = new ModelPass(model, corpus, SmallActivations.HOOKS);
      List<List<Object>> alone = rest(pass, dtype, 0);
      assertThat(alone).hasSize((int) corpus.countedTokens()).doesNotHaveDuplicates();
      Torch.start(threads);
      assertThat(rest(pass, dtype, 0)).isEqualTo(alone);
      for (int skipped : new int[] {1, 5, 13, 40}) {
        assertThat(rest(pass, dtype, skipped))
            .isEqualTo(alone.subList(skipped * STEP, alone.size()));
      }
    }
  }

  @Test
  void everyTokenHasTheRowsThatTheModelGivesIt() {
    try (ModelOnDemand model = SmallActivations.model();
        TokenCorpus corpus = SmallActivations.corpus(1_000)) {
      ModelPass pass = new ModelPass(model, corpus, SmallActivations.HOOKS);
      List<List<Object>> direct = new ArrayList<>();
      for (int batch = 0; batch < corpus.batches(); batch++) {
        try (Activations found = pass.read(batch)) {
          direct.addAll(SmallActivations.rows(found));
        }
      }
      assertThat(rest(pass, DType.F32, 0)).containsExactlyInAnyOrderElementsOf(direct);
    }
  }

  /** Each runs the model on some batches; all have the rows of one process, in its order. */
  @ParameterizedTest
  @CsvSource({"2, 0", "3, 0", "3, 13"})
  void ranksTakeTheRowsOfOneProcess(int ranks, int skipped) {
    try (ModelOnDemand model = SmallActivations.model();
        TokenCorpus corpus = SmallActivations.corpus(3_000)) {
      ModelPass pass = new ModelPass(model, corpus, SmallActivations.HOOKS);
      List<List<Object>> alone = rest(pass, DType.F32, skipped);
      List<List<List<Object>>> all =
          RankThreads.run(ranks, world -> rest(pass, DType.F32, skipped, world));
      assertThat(all).containsOnly(alone);
    }
  }

  @Test
  void eachRankHasItsOwnRowsAndTheNormsOfAll() {
    try (ModelOnDemand model = SmallActivations.model();
        TokenCorpus corpus = SmallActivations.corpus(1_000);
        ActivationStream one = stream(new ModelPass(model, corpus, SmallActivations.HOOKS))) {
      ModelPass pass = new ModelPass(model, corpus, SmallActivations.HOOKS);
      Map<Hook, Double> norms = one.meanNorms(256);
      List<List<List<Object>>> parts =
          RankThreads.run(
              2,
              world -> {
                try (Collectives own = world.among("own", List.of(world.rank()));
                    ActivationStream stream =
                        new ActivationStream(pass, CAPACITY, DType.F32, 5, world)) {
                  stream
                      .meanNorms(256)
                      .forEach((hook, norm) ->
                          assertThat(norm).isCloseTo(norms.get(hook), within(1e-9 * norm)));
                  try (Activations batch = stream.next(STEP, own)) {
                    assertThat(batch.tokens()).isLessThan(STEP);
                    return SmallActivations.rows(batch);
                  }
                }
              });
      try (Activations batch = one.next(STEP)) {
        assertThat(parts.stream().flatMap(List::stream).toList())
            .containsExactlyInAnyOrderElementsOf(SmallActivations.rows(batch));
      }
    }
  }

  @Test
  void normsTakeNothing() {
    try (ModelOnDemand model = SmallActivations.model();
        TokenCorpus corpus = SmallActivations.corpus(1_000);
        ActivationStream stream = stream(new ModelPass(model, corpus, SmallActivations.HOOKS))) {
      Map<Hook, Double> norms = stream.meanNorms(256);
      assertThat(norms.keySet()).isEqualTo(SmallActivations.HOOKS);
      assertThat(stream.meanNorms(256)).isEqualTo(norms);
      assertThat(stream.waited().modelNanos()).isPositive();
      assertThat(stream.waited().diskNanos()).isZero();
    }
  }

  /** Closed while the passes for the next refill wait or run: the leak check sees what is left. */
  @ParameterizedTest
  @CsvSource({"1", "2"})
  void closingTakesBackWhatIsOnItsWay(int threads) {
    Torch.start(threads);
    try (ModelOnDemand model = SmallActivations.model();
        TokenCorpus corpus = SmallActivations.corpus(2_000);
        ActivationStream stream = stream(new ModelPass(model, corpus, SmallActivations.HOOKS))) {
      stream.next(300).close();
    }
  }

  @Test
  void fillingTellsHowFarItIsAndStopsWhenAsked() {
    try (ModelOnDemand model = SmallActivations.model();
        TokenCorpus corpus = SmallActivations.corpus(2_000)) {
      ModelPass pass = new ModelPass(model, corpus, SmallActivations.HOOKS);
      List<Long> told = new ArrayList<>();
      Progress progress =
          (what, done, total) -> {
            assertThat(what).isEqualTo("filling the buffer (tokens)");
            assertThat(total).isBetween(CAPACITY / 2L, (long) CAPACITY);
            told.add(done);
          };
      try (ActivationStream stream = stream(pass)) {
        stream.fill(progress, () -> false);
        assertThat(told).isSorted().hasSizeGreaterThan(2).first().isEqualTo(0L);
        int reports = told.size();
        stream.fill(progress, () -> false); // is full
        assertThat(told).hasSize(reports);
      }
      try (ActivationStream stream = stream(pass)) {
        assertThatThrownBy(() -> stream.fill(Progress.NONE, () -> true))
            .isInstanceOf(CancellationException.class)
            .hasMessageMatching("stopped with \\d+ of [\\d,]+ tokens in the buffer");
      }
    }
  }

  private static ActivationStream stream(ActivationSource source) {
    return new ActivationStream(source, CAPACITY, DType.F32, 5, Collectives.alone());
  }

  private static List<List<Object>> rest(ActivationSource source, DType dtype, int skipped) {
    return rest(source, dtype, skipped, Collectives.alone());
  }

  private static List<List<Object>> rest(
      ActivationSource source, DType dtype, int skipped, Collectives ranks) {
    List<List<Object>> rows = new ArrayList<>();
    try (ActivationStream stream = new ActivationStream(source, CAPACITY, dtype, 5, ranks)) {
      stream.skip(skipped, STEP, Progress.NONE, () -> false);
      while (rows.size() < source.corpus().countedTokens() - (long) skipped * STEP) {
        try (Activations batch = stream.next(STEP)) {
          assertThat(batch.at(SmallActivations.MLP).dtype()).isEqualTo(DType.F32);
          rows.addAll(SmallActivations.rows(batch));
        }
      }
    }
    return rows;
  }
}
