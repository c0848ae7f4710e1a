package dev.loupe.report;

import dev.loupe.analyze.Analysis;
import dev.loupe.analyze.AnalysisSetup;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Suite;
import dev.loupe.evaluate.SuiteEvaluation;
import dev.loupe.evaluate.Transfer;
import dev.loupe.geometry.Geometry;
import dev.loupe.geometry.GeometrySetup;
import dev.loupe.geometry.Splitting;
import dev.loupe.geometry.SplittingRules;
import dev.loupe.geometry.SplittingSetup;
import dev.loupe.model.LlamaConfig;
import dev.loupe.model.ModelOnDemand;
import dev.loupe.probing.Absorption;
import dev.loupe.probing.Probing;
import dev.loupe.probing.ProbingReport;
import dev.loupe.probing.ProbingSetup;
import dev.loupe.store.FeatureStore;
import dev.loupe.text.Progress;
import dev.loupe.text.Split;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Measures what a report of a suite lacks, a part after the other, each as its command does and
 * into the same file. What is there and fits the suite is left as it is, so that a run that was
 * stopped goes on where it was.
 */
public final class Measurements {
  private static final List<Integer> PROBING_COLUMNS = List.of(1, 5, 20);
  private static final int CONTEXTS = 4; // as long as the trained one
  private static final int BASELINE_DRAWS = 4_096;
  private static final int MAP_POINTS = 10_000;
  private static final int DRAWN = 36; // features of a neighbourhood, as in the paper's Figure 7

  private final MeasureSetup setup;
  private final Budget budget;
  private final Present present;
  private final Path reports;
  private final Progress progress;
  private final BooleanSupplier stop;

  private Measurements(MeasureSetup setup, Progress progress, BooleanSupplier stop) {
    this.setup = setup;
    this.budget = setup.budget();
    this.present = Present.of(setup);
    this.reports = Sources.reports(setup.suite());
    this.progress = progress;
    this.stop = stop;
  }

  /**
   * Measures the parts that are wanted and lacking.
   *
   * @param say told, a line a part, what became of it
   * @param stop asked now and then; once true, CancellationException, and what is written stays
   */
  public static void run(
      MeasureSetup setup, Progress progress, BooleanSupplier stop, Consumer<String> say) {
    try {
      Files.createDirectories(Sources.reports(setup.suite()));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create " + Sources.reports(setup.suite()), e);
    }
    checkModel(setup);
    Measurements measurements = new Measurements(setup, progress, stop);
    for (Part part : Part.values()) {
      if (setup.parts().contains(part)) {
        say.accept(part.label() + ": " + measurements.measure(part));
      }
    }
  }

  private static void checkModel(MeasureSetup setup) {
    String expected = setup.suite().manifest().modelFingerprint();
    try (ModelOnDemand model =
        new ModelOnDemand(setup.model().directory(), setup.lmDtype(), setup.device())) {
      if (!model.fingerprint().equals(expected)) {
        throw new IllegalArgumentException(
            "expected the model %s (%.12s…) that the suite was trained on, got %s (%.12s…)"
                .formatted(
                    setup.suite().manifest().model(),
                    expected,
                    setup.model().name(),
                    model.fingerprint()));
      }
    }
  }

  /** What became of a part. */
  private String measure(Part part) {
    Optional<String> lacking = lacking(part);
    if (lacking.isPresent()) {
      return lacking.get();
    }
    if (present.has(part)) {
      return "is there";
    }
    try {
      switch (part) {
        case EVALUATION -> evaluation();
        case POSITIONS -> positions();
        case TRANSFER -> transfer();
        case ANALYSIS ->
            Analysis.run(on(List.of(), budget.analysisTokens(), floor()), progress, stop);
        case GEOMETRY -> geometry();
        case SPLITTING -> Related.splits(setup.suite()).forEach(this::splitting);
        case PROBING -> probing();
        case ABSORPTION ->
            Absorption.run(probingSetup(), budget.absorptionTokens(), progress, stop)
                .write(file("absorption"));
      }
      return "measured";
    } catch (IllegalArgumentException e) {
      return "left out, " + e.getMessage(); // such as a corpus without categories
    }
  }

  /** Why a part is not for this suite, if so. */
  private Optional<String> lacking(Part part) {
    return switch (part) {
      case TRANSFER ->
          setup.tuned().isEmpty()
              ? Optional.of("left out, needs --tuned and --tuned-corpus")
              : Optional.empty();
      case SPLITTING ->
          Related.splits(setup.suite()).isEmpty()
              ? Optional.of("left out, no dictionaries of two widths at one place")
              : Optional.empty();
      case EVALUATION, POSITIONS, ANALYSIS, GEOMETRY, PROBING, ABSORPTION -> Optional.empty();
    };
  }

  private Path file(String name) {
    return reports.resolve(name + ".json");
  }

  /** On no fewer tokens than the evaluation that it takes the place of. */
  private void evaluation() {
    long tokens = present.evaluation().map(report -> report.tokens()).orElse(0L);
    long lossTokens = present.evaluation().map(report -> report.lossTokens()).orElse(0L);
    SuiteEvaluation.run(
            evaluation(
                Math.max(budget.tokens(), tokens),
                Math.max(budget.lossTokens(), lossTokens),
                0,
                Set.of(SuiteEvaluation.Beside.values())),
            progress,
            stop)
        .write(file("evaluation"));
  }

  private void positions() {
    int trained = setup.suite().manifest().recipe().path("context").asInt();
    int most = LlamaConfig.read(setup.model().directory()).maxPositions();
    int context = Math.min(CONTEXTS * trained, most);
    SuiteEvaluation.byPosition(
            evaluation(budget.tokens(), budget.lossTokens(), context, Set.of()), progress, stop)
        .write(file("positions"));
  }

  private void transfer() {
    MeasureSetup.Tuned tuned = setup.tuned().orElseThrow();
    SuiteEvaluation.Setup base =
        evaluation(budget.transferTokens(), budget.transferLossTokens(), 0, Set.of());
    new Transfer(base, tuned.model(), tuned.corpus()).run(progress, stop).write(file("transfer"));
  }

  private SuiteEvaluation.Setup evaluation(
      long tokens, long lossTokens, int context, Set<SuiteEvaluation.Beside> beside) {
    return new SuiteEvaluation.Setup(
        setup.suite(),
        setup.model(),
        setup.corpus(),
        List.of(),
        tokens,
        lossTokens,
        context,
        setup.seed(),
        beside,
        false,
        setup.skipBadLines(),
        setup.lmDtype(),
        setup.device());
  }

  /** The suite beside, where all of it was analysed: its features stand beside the categories. */
  private Optional<Suite> floor() {
    return setup
        .beside()
        .filter(other ->
            setup.suite().names().stream()
                .map(name -> AnalysisSetup.features(other).resolve(name.toString()))
                .allMatch(FeatureStore::isWritten));
  }

  private AnalysisSetup on(List<DictionaryName> only, long tokens, Optional<Suite> floor) {
    return new AnalysisSetup(
        setup.suite(),
        setup.model(),
        setup.corpus(),
        only,
        Split.HELD_OUT,
        tokens,
        0,
        setup.seed(),
        false,
        setup.skipBadLines(),
        false,
        setup.lmDtype(),
        setup.device(),
        floor,
        AnalysisSetup.features(setup.suite()));
  }

  private void geometry() {
    int dictionaries = setup.suite().names().size();
    GeometrySetup looked =
        new GeometrySetup(
            setup.suite(),
            List.of(),
            Related.telling(setup.suite()).stream().toList(),
            List.of(),
            false,
            true,
            Math.clamp(DRAWN / dictionaries, 2, DRAWN),
            BASELINE_DRAWS,
            MAP_POINTS,
            1,
            setup.seed());
    Geometry.run(looked, setup.command(), progress, stop).write(file("geometry"));
  }

  private void splitting(Related.Widths widths) {
    Path file = file(widths.report());
    if (present.hasSplitting(file)) {
      return;
    }
    SplittingSetup pair =
        new SplittingSetup(
            widths.narrow(),
            widths.wide(),
            on(List.of(widths.narrow(), widths.wide()), budget.splittingTokens(), Optional.empty()),
            SplittingRules.USUAL,
            SplittingSetup.BASELINE_DRAWS);
    Splitting.run(pair, setup.command(), progress, stop).write(file);
  }

  private void probing() {
    Optional<ProbingReport> floor =
        setup
            .beside()
            .map(suite -> Sources.reports(suite).resolve("probing.json"))
            .filter(Files::isRegularFile)
            .map(ProbingReport::read);
    Probing.Request request = new Probing.Request(budget.documents(), PROBING_COLUMNS, true, floor);
    Probing.run(probingSetup(), request, progress, stop).write(file("probing"));
  }

  private ProbingSetup probingSetup() {
    return new ProbingSetup(
        setup.suite(),
        setup.model(),
        setup.corpus(),
        List.of(),
        setup.seed(),
        false,
        setup.skipBadLines(),
        setup.lmDtype(),
        setup.device(),
        ProbingSetup.BATCH_IDS,
        setup.command());
  }
}
