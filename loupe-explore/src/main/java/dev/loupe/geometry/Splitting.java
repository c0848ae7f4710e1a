package dev.loupe.geometry;

import dev.loupe.activation.CorpusContexts;
import dev.loupe.analyze.AnalysisSetup;
import dev.loupe.analyze.AnalysisSource;
import dev.loupe.analyze.CategoryDocuments;
import dev.loupe.analyze.NearestDirections;
import dev.loupe.dictionary.Dictionary;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.text.Progress;
import dev.loupe.text.Source;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/**
 * How the features of a narrow dictionary split in a wide one, as a user asks for it: one pass of
 * the model for both, and then by decoder columns and firings. Opens everything, runs, closes
 * everything.
 */
public final class Splitting {
  private final SplittingSetup setup;
  private final Progress progress;
  private final BooleanSupplier stop;

  private Splitting(SplittingSetup setup, Progress progress, BooleanSupplier stop) {
    this.setup = setup;
    this.progress = progress;
    this.stop = stop;
  }

  /**
   * Looks at two dictionaries.
   *
   * @param command the command line, for the report
   * @param stop asked now and then; once true, CancellationException
   */
  public static SplittingReport run(
      SplittingSetup setup, List<String> command, Progress progress, BooleanSupplier stop) {
    int k = setup.on().suite().manifest().recipe().path("k").asInt(50);
    PairCodes.checkMemory(setup.on().tokens(), k);
    AtomicReference<SplittingReport> report = new AtomicReference<>();
    AnalysisSource.with(
        setup.on(),
        progress,
        source -> report.set(new Splitting(setup, progress, stop).run(source, command)));
    return report.get();
  }

  private SplittingReport run(AnalysisSource source, List<String> command) {
    CorpusContexts contexts = CorpusContexts.of(source.corpus());
    try (Dictionary narrow = setup.on().suite().dictionary(setup.narrow());
        Dictionary wide = setup.on().suite().dictionary(setup.wide());
        TensorScope _ = TensorScope.open()) {
      PairCodes codes = PairCodes.read(source.model(), contexts, narrow, wide, progress, stop);
      progress.report("comparing", 0, 1);
      Tensor ofNarrow = unit(narrow);
      Tensor ofWide = unit(wide);
      List<Refinement> refinements =
          Refinement.all(ofNarrow, ofWide, codes.narrow(), codes.wide(), setup.rules());
      FiringLists elsewhere = codes.wide().shifted(codes.wide().all() / 2);
      List<Refinement> byChance =
          Refinement.all(ofNarrow, ofWide, codes.narrow(), elsewhere, setup.rules());
      CategoryDocuments documents =
          CategoryDocuments.read(setup.on().corpus(), source.corpus(), contexts);
      SplittingTrees trees =
          new SplittingTrees(
              setup,
              codes,
              refinements,
              new CategoryEvidence(documents, codes.contexts()),
              new PassLabels(
                  new FeatureLabels(setup.on().suite()), source.tokenizer(), codes.ids()));
      Distribution measured = measured(ofNarrow, ofWide, codes);
      progress.report("comparing", 1, 1);
      return new SplittingReport(
          SplittingReport.FORMAT,
          command,
          settings(source),
          trees.counts(contexts.size(), contexts.documents(), byChance),
          measured,
          chance(ofNarrow),
          trees.families(),
          trees.newFeatures());
    }
  }

  private static Tensor unit(Dictionary dictionary) {
    return NearestDirections.normalised(dictionary.weights().decoder().to(DType.F32));
  }

  /** Of the wide features that fire often enough; of all where none does. */
  private Distribution measured(Tensor narrow, Tensor wide, PairCodes codes) {
    float[] maxima = NearestDirections.of(wide, narrow, 1, false).maxima();
    float[] chosen = new float[maxima.length];
    int n = 0;
    for (int w = 0; w < maxima.length; w++) {
      if (codes.wide().firings(w) >= setup.rules().firings()) {
        chosen[n++] = maxima[w];
      }
    }
    return Distribution.of(n == 0 ? maxima : Arrays.copyOf(chosen, n));
  }

  private Distribution chance(Tensor narrow) {
    int draws = (int) Math.min(setup.baselineDraws(), narrow.size(0));
    return Distribution.of(Baselines.covariance(narrow, draws, setup.on().seed()));
  }

  private SplittingReport.Settings settings(AnalysisSource source) {
    AnalysisSetup on = setup.on();
    return new SplittingReport.Settings(
        setup.narrow(),
        setup.wide(),
        on.model().name(),
        source.model().fingerprint(),
        on.corpus().sources().stream().map(Source::name).toList(),
        source.corpus().fingerprint(),
        on.split().label(),
        on.context(),
        on.lmDtype().torchName(),
        on.seed(),
        setup.rules());
  }
}
