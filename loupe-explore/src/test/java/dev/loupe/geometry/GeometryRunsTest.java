package dev.loupe.geometry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.analyze.Analysis;
import dev.loupe.analyze.AnalysisSetup;
import dev.loupe.analyze.TestSuite;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.FeatureName;
import dev.loupe.dictionary.Suite;
import dev.loupe.files.Json;
import dev.loupe.notes.NewEntry;
import dev.loupe.notes.Notebook;
import dev.loupe.store.FeatureStore;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.Torch;
import dev.loupe.text.DemoSample;
import dev.loupe.text.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Geometry and splitting of a small suite that is trained and, in part, analysed. */
@ExtendWith(LeakCheck.class)
final class GeometryRunsTest {
  private static final DictionaryName NARROW = DictionaryName.parse("L1R-1x");
  private static final DictionaryName WIDE = DictionaryName.parse("L1R-2x");
  private static final String CORPUS = DemoSample.mixed(0.2);
  private static final long TOKENS = 20_000;
  private static final List<String> COMMAND = List.of("loupe", "geometry");

  @TempDir private static Path shared;
  private static Suite suite;

  @BeforeAll
  static void train() {
    suite = TestSuite.train(shared.resolve("suite"));
    AnalysisSetup setup =
        TestSuite.setup(suite, AnalysisSetup.features(suite), CORPUS, TOKENS, "L1R-1x");
    Analysis.run(setup, Progress.NONE, () -> false);
  }

  private static GeometrySetup setup(List<FeatureName> features, DictionaryName... only) {
    return new GeometrySetup(
        suite, List.of(only), features, List.of(), false, true, 4, 200, 100, 1, 9);
  }

  private static GeometryReport run(GeometrySetup setup) {
    return Geometry.run(setup, COMMAND, Progress.NONE, () -> false);
  }

  private static int live() {
    try (FeatureStore store = Analysis.open(suite, NARROW)) {
      int[] firings = store.columns().firings();
      return IntStream.range(0, firings.length)
          .filter(f -> firings[f] > 0)
          .findFirst()
          .orElseThrow();
    }
  }

  @Test
  void theReportSaysWhatWasDoneAndIsTheSameEachTime() throws IOException {
    FeatureName feature = new FeatureName(NARROW, live());
    GeometryReport report = run(setup(List.of(feature), NARROW, WIDE));
    Path first = shared.resolve("first.json");
    Path second = shared.resolve("second.json");
    report.write(first);
    run(setup(List.of(feature), NARROW, WIDE)).write(second);
    assertThat(second).hasSameBinaryContentAs(first);
    assertThat(Files.readString(first)).doesNotContain(shared.toString());
    JsonNode json = Json.readObject(first);
    assertThat(json.path("settings").path("seed").asLong()).isEqualTo(9);
    assertThat(json.path("settings").path("baseline_draws").asInt()).isEqualTo(200);
    assertThat(json.path("command").get(1).asText()).isEqualTo("geometry");
    assertThat(json.path("comparisons")).hasSize(2);
    assertThat(json.at("/comparisons/0/measured/share_above_0.7").isNumber()).isTrue();
    assertThat(json.at("/dictionaries/0/dead_by").asText()).isEqualTo("feature store");
    assertThat(json.at("/dictionaries/1/dead_by").asText()).isEqualTo("nothing");
    assertThat(json.at("/dictionaries/1/live").asInt()).isEqualTo(512);
    assertThat(json.at("/neighbours/0/nearest/0/feature").asText()).startsWith("L1R-1x/");
    assertThat(json.at("/neighbours/1/dictionary").asText()).isEqualTo("L1R-2x");
    assertThat(json.at("/map/points").size()).isEqualTo(9); // the feature, four and four
    assertThat(report.comparisons().getFirst().measured().count())
        .isEqualTo(report.dictionaries().getFirst().live());
  }

  @Test
  void neighboursAreThoseOfTheFeatureStore() {
    FeatureName feature = new FeatureName(NARROW, live());
    List<Neighbours> found = run(setup(List.of(feature), NARROW, WIDE)).neighbours();
    try (FeatureStore store = Analysis.open(suite, NARROW)) {
      store.neighbours(feature.feature()).stream()
          .filter(row -> row.relation().equals("decoder") && row.dictionary().equals("L1R-2x"))
          .forEach(row -> {
            List<Neighbours.Near> near = found.get(1).nearest();
            assertThat(near)
                .extracting(each -> each.feature().feature().feature())
                .containsExactly(
                    row.neighbours()[0],
                    row.neighbours()[1],
                    row.neighbours()[2],
                    row.neighbours()[3]);
            assertThat(near.getFirst().cosine()).isEqualTo(row.cosines()[0], within(1e-3));
          });
    }
  }

  @Test
  void explanationsStandBesideTheFeature() {
    FeatureName feature = new FeatureName(NARROW, live());
    Notebook.open(suite.directory(), false, InstantSource.system())
        .append(NewEntry.explanation("test", feature, "a word"));
    Neighbours found = run(setup(List.of(feature), NARROW)).neighbours().getFirst();
    assertThat(found.feature().explanation()).contains("a word");
    assertThat(found.feature().tokens()).isNotEmpty();
    assertThat(found.feature().rate().orElseThrow()).isPositive();
  }

  @Test
  void relatedDictionariesAreComparedWithoutBeingNamed() {
    List<Comparison> found = run(setup(List.of())).comparisons();
    assertThat(found)
        .extracting(each -> each.from() + " " + each.to())
        .containsExactlyInAnyOrder(
            "L1R-1x L1R-2x", "L1R-2x L1R-1x", "L1R-1x L2R-1x", "L2R-1x L1R-1x");
  }

  @Test
  void whatIsNotThereIsRefused() {
    FeatureName beyond = new FeatureName(WIDE, 512);
    assertThatThrownBy(() -> run(setup(List.of(beyond), NARROW)))
        .hasMessage("expected a feature of L1R-2x from 0 to 511, got 512");
    assertThatThrownBy(() -> setup(List.of(), DictionaryName.parse("L7R-1x")))
        .hasMessageContaining("got L7R-1x");
    assertThatThrownBy(() ->
            new GeometrySetup(
                suite, List.of(), List.of(), List.of(), false, true, 0, 200, 100, 1, 9))
        .hasMessageContaining("expected at least 1 neighbour");
    assertThatThrownBy(() -> Geometry.run(setup(List.of()), COMMAND, Progress.NONE, () -> true))
        .isInstanceOf(CancellationException.class);
  }

  private static SplittingSetup splitting(DictionaryName narrow, DictionaryName wide) {
    return new SplittingSetup(
        narrow,
        wide,
        TestSuite.setup(
            suite,
            AnalysisSetup.features(suite),
            CORPUS,
            TOKENS,
            narrow.toString(),
            wide.toString()),
        SplittingRules.USUAL,
        200);
  }

  @Test
  void splittingCountsEveryFeatureOnceAndIsTheSameEachTime() {
    SplittingSetup setup = splitting(NARROW, WIDE);
    SplittingReport report = Splitting.run(setup, COMMAND, Progress.NONE, () -> false);
    Path first = shared.resolve("splitting-1.json");
    Path second = shared.resolve("splitting-2.json");
    report.write(first);
    Splitting.run(setup, COMMAND, Progress.NONE, () -> false).write(second);
    assertThat(second).hasSameBinaryContentAs(first);
    SplittingReport.Counts counts = report.counts();
    assertThat(counts.wide().values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(512);
    assertThat(
            counts.narrowRare()
                + counts.narrowDense()
                + counts.narrowSplit()
                + counts.narrowKept()
                + counts.narrowAlone())
        .isEqualTo(256);
    assertThat(report.families().stream().mapToInt(tree -> tree.children().size()).sum())
        .isEqualTo(counts.wide().get("refines"));
    assertThat(report.newFeatures()).hasSize(counts.wide().get("new"));
    assertThat(counts.tokens()).isGreaterThanOrEqualTo(TOKENS);
    assertThat(counts.categoryDocuments()).isPositive();
  }

  @Test
  void aFamilyIsWhatItsRulesSay() {
    SplittingReport report =
        Splitting.run(splitting(NARROW, WIDE), COMMAND, Progress.NONE, () -> false);
    assertThat(report.families()).isNotEmpty();
    for (SplittingReport.Tree tree : report.families()) {
      double most = 0;
      double sum = 0;
      double last = 1;
      for (SplittingReport.Child child : tree.children()) {
        assertThat(child.cosine()).isGreaterThanOrEqualTo(SplittingRules.USUAL.cosine());
        assertThat(child.containment()).isGreaterThanOrEqualTo(0.5);
        assertThat(child.firings() * child.containment())
            .isEqualTo(tree.firings() * child.covers(), within(0.1));
        assertThat(child.covers()).isLessThanOrEqualTo(last);
        last = child.covers();
        most = Math.max(most, child.covers());
        sum += child.covers();
      }
      assertThat(tree.coverage()).isBetween(most - 1e-6, Math.min(1, sum + 1e-5));
    }
    report
        .newFeatures()
        .forEach(of -> {
          assertThat(of.cosine()).isLessThan(SplittingRules.USUAL.cosine());
          assertThat(of.containment()).isLessThan(0.5);
        });
  }

  /** The rates of the pass against those of the analysis, which read the same tokens. */
  @Test
  void ratesAreThoseOfTheAnalysis() {
    SplittingReport report =
        Splitting.run(splitting(NARROW, WIDE), COMMAND, Progress.NONE, () -> false);
    try (FeatureStore store = Analysis.open(suite, NARROW)) {
      assertThat(report.counts().tokens()).isEqualTo(store.summary().tokens());
      int[] firings = store.columns().firings();
      for (SplittingReport.Tree tree : report.families()) {
        assertThat(tree.firings()).isEqualTo(firings[tree.parent().feature().feature()]);
        assertThat(tree.parent().tokens().getFirst())
            .isEqualTo(store.feature(tree.parent().feature().feature()).tokens().texts()[0]);
      }
    }
  }

  /** To the last byte. */
  @Test
  void threadsDoNotMatter() {
    GeometrySetup looked = setup(List.of(new FeatureName(NARROW, live())), NARROW, WIDE);
    Path first = shared.resolve("geometry-threads.json");
    Path split = shared.resolve("splitting-threads.json");
    run(looked).write(first);
    Splitting.run(splitting(NARROW, WIDE), COMMAND, Progress.NONE, () -> false).write(split);
    int before = Torch.threads();
    try {
      for (int threads = 1; threads <= 3; threads += 2) {
        Torch.start(threads);
        Path other = shared.resolve("with-%d-threads.json".formatted(threads));
        run(looked).write(other);
        assertThat(other).hasSameBinaryContentAs(first);
        Splitting.run(splitting(NARROW, WIDE), COMMAND, Progress.NONE, () -> false).write(other);
        assertThat(other).hasSameBinaryContentAs(split);
      }
    } finally {
      Torch.start(before);
    }
  }

  @Test
  void twoThatCannotSplitAreRefused() {
    assertThatThrownBy(() -> splitting(WIDE, NARROW))
        .hasMessage("expected the narrow dictionary first, got L1R-2x and L1R-1x");
    assertThatThrownBy(() -> splitting(NARROW, DictionaryName.parse("L2R-1x")))
        .hasMessageContaining("expected two dictionaries of one layer and site");
    assertThatThrownBy(() -> splitting(NARROW, DictionaryName.parse("L1R-4x")))
        .hasMessageContaining("got L1R-4x");
    assertThatThrownBy(() -> PairCodes.checkMemory(1L << 50, 50))
        .hasMessageContaining("take fewer --tokens");
    assertThatThrownBy(
            () -> Splitting.run(splitting(NARROW, WIDE), COMMAND, Progress.NONE, () -> true))
        .isInstanceOf(CancellationException.class);
  }
}
