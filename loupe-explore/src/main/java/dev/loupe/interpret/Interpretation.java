package dev.loupe.interpret;

import dev.loupe.analyze.Analysis;
import dev.loupe.files.Checksums;
import dev.loupe.store.FeatureStore;
import dev.loupe.store.StoredFeature;
import dev.loupe.text.Progress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Explains the features of a dictionary and tests the explanations, some features at a time: what
 * is done is in the file, so that a run that was ended goes on where it was, and does nothing
 * twice.
 */
public final class Interpretation {
  private static final Logger LOG = LoggerFactory.getLogger(Interpretation.class);

  /** To be raised when examples or results change their meaning. */
  private static final int FORM = 2;

  private static final int TOGETHER = 32; // features that are read, and written, at once

  private final InterpretSetup setup;
  private final FeatureStore store;
  private final Explanations explanations;
  private final Progress progress;
  private final BooleanSupplier stop;
  private final FeatureChoice choice;
  private final AtomicInteger unanswered = new AtomicInteger();

  private Interpretation(
      InterpretSetup setup,
      FeatureStore store,
      Explanations explanations,
      Progress progress,
      BooleanSupplier stop) {
    this.setup = setup;
    this.store = store;
    this.explanations = explanations;
    this.progress = progress;
    this.stop = stop;
    this.choice = FeatureChoice.of(setup, store.columns());
  }

  /**
   * Explains and tests.
   *
   * @param stop asked now and then; once true, CancellationException, with what is done kept
   * @return what there is now of the features chosen
   */
  public static InterpretSummary run(
      InterpretSetup setup, Progress progress, BooleanSupplier stop) {
    Path suite = setup.suite().directory();
    InstantSource clock = InstantSource.system();
    Explanations explanations = Explanations.open(suite, setup.name(), clock);
    RunReport report = RunReport.start(InterpretRun.file(suite, setup.name()), progress, clock);
    try (FeatureStore store = Analysis.open(setup.suite(), setup.name());
        ExecutorService threads = Executors.newFixedThreadPool(setup.threads())) {
      Interpretation run = new Interpretation(setup, store, explanations, report, stop);
      run.explain(threads);
      run.score(threads);
      run.tellUnanswered();
      InterpretSummary summary = InterpretSummary.of(explanations, run.choice.chosen());
      report.end(InterpretRun.State.DONE, "");
      return summary;
    } catch (CancellationException e) {
      report.end(InterpretRun.State.STOPPED, message(e));
      throw e;
    } catch (RuntimeException e) {
      report.end(InterpretRun.State.FAILED, message(e));
      throw e;
    }
  }

  private void tellUnanswered() {
    if (unanswered.get() > 0) {
      LOG.warn(
          "{} tests of {} lack answers that a judge did not send, and are not kept; the same"
              + " command asks again",
          unanswered.get(),
          setup.name());
    }
  }

  private static String message(RuntimeException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private void explain(ExecutorService threads) {
    each(
        "explaining",
        feature ->
            setup.explainers().stream()
                .anyMatch(e -> !explanations.isAsked(feature, e.method(), basis(e))),
        threads,
        sets -> {
          List<Explanation> made = new ArrayList<>();
          List<Unexplained> none = new ArrayList<>();
          for (Explainer explainer : setup.explainers()) {
            String basis = basis(explainer);
            if (!explanations.isAsked(sets.feature(), explainer.method(), basis)) {
              Optional<Explanation> said = explainer.explain(sets, basis);
              said.ifPresent(made::add);
              if (said.isEmpty() && !explainer.asks()) {
                none.add(new Unexplained(sets.feature(), explainer.method(), basis));
              }
            }
          }
          return new Made(made, List.of(), none);
        });
  }

  private String basis(Explainer explainer) {
    return hash(store.summary().request(), explainer.method(), explainer.settings());
  }

  private void score(ExecutorService threads) {
    Map<Integer, List<Explanation>> all =
        explanations.each(
            of -> Optional.of(of.current().stream().map(e -> e.explanation()).toList()));
    Baselines baselines =
        new Baselines(
            all.values().stream().flatMap(List::stream).toList(), choice::decile, setup.seed());
    each(
        "scoring",
        feature ->
            all.getOrDefault(feature, List.of()).stream()
                .anyMatch(e -> setup.scorers().stream().anyMatch(s -> lacks(s, e))),
        threads,
        sets -> {
          List<Score> scores = new ArrayList<>();
          for (Explanation explanation : all.get(sets.feature())) {
            for (Scorer scorer : setup.scorers()) {
              if (lacks(scorer, explanation)) {
                score(scorer, explanation, sets, baselines.of(explanation)).ifPresent(scores::add);
              }
            }
          }
          return new Made(List.of(), scores, List.of());
        });
  }

  private boolean lacks(Scorer scorer, Explanation explanation) {
    return scorer.tests(explanation)
        && !explanations.hasScore(explanation.id(), scorer.name(), basis(scorer));
  }

  private String basis(Scorer scorer) {
    return hash(
        store.summary().request(), scorer.name(), scorer.author(), scorer.settings(), setup.seed());
  }

  /** Empty where questions were not answered that may be another time. */
  private Optional<Score> score(
      Scorer scorer, Explanation explanation, ExampleSets sets, Optional<Explanation> other) {
    Scorer.Outcome own = scorer.score(explanation, sets);
    List<String> prompts = new ArrayList<>(own.prompts());
    boolean whole = own.whole();
    Optional<Score.Baseline> baseline = Optional.empty();
    if (scorer.hasBaseline() && other.isPresent()) {
      Scorer.Outcome others = scorer.score(other.get(), sets);
      prompts.addAll(others.prompts());
      whole &= others.whole();
      baseline = Optional.of(new Score.Baseline(other.get().feature(), others.measured().brief()));
    }
    if (!whole) {
      unanswered.incrementAndGet();
      return Optional.empty();
    }
    return Optional.of(
        new Score(
            explanation.id(),
            scorer.name(),
            scorer.author(),
            basis(scorer),
            own.measured(),
            baseline,
            prompts));
  }

  /** What came of a feature. */
  private record Made(
      List<Explanation> explanations, List<Score> scores, List<Unexplained> unexplained) {}

  /** What makes something of a feature. */
  private interface Work {
    Made of(ExampleSets sets);
  }

  private void each(String what, IntPredicate wanted, ExecutorService threads, Work work) {
    List<Integer> open = choice.chosen().stream().filter(wanted::test).toList();
    String stage = "%s %s (features)".formatted(what, setup.name());
    int done = choice.chosen().size() - open.size();
    for (int from = 0; from < open.size(); from += TOGETHER) {
      progress.report(stage, done + from, choice.chosen().size());
      List<Integer> batch = open.subList(from, Math.min(open.size(), from + TOGETHER));
      List<Supplier<Made>> tasks = new ArrayList<>();
      for (StoredFeature stored : store.read(batch, ExampleSets.KINDS)) {
        tasks.add(() -> work.of(ExampleSets.of(stored)));
      }
      List<Made> made = all(threads, tasks);
      explanations.add(
          made.stream().flatMap(m -> m.explanations().stream()).toList(),
          made.stream().flatMap(m -> m.scores().stream()).toList(),
          made.stream().flatMap(m -> m.unexplained().stream()).toList());
    }
    progress.report(stage, choice.chosen().size(), choice.chosen().size());
  }

  /** Runs tasks side by side; CancellationException once the user stops. */
  private List<Made> all(ExecutorService threads, List<Supplier<Made>> tasks) {
    List<CompletableFuture<Made>> futures =
        tasks.stream()
            .map(task -> CompletableFuture.supplyAsync(() -> unlessStopped(task), threads))
            .toList();
    try {
      return futures.stream().map(CompletableFuture::join).toList();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException failure ? failure : e;
    }
  }

  private Made unlessStopped(Supplier<Made> task) {
    if (stop.getAsBoolean()) {
      throw new CancellationException("stopped; the same command goes on");
    }
    return task.get();
  }

  private static String hash(Object... parts) {
    String named = FORM + "\n" + Arrays.asList(parts);
    return Checksums.sha256(named.getBytes(StandardCharsets.UTF_8)).substring(0, 16);
  }
}
