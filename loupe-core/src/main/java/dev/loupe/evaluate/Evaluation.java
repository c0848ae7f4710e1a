package dev.loupe.evaluate;

import dev.loupe.activation.CorpusContexts;
import dev.loupe.files.WorkPart;
import dev.loupe.kernel.Range;
import dev.loupe.model.Hook;
import dev.loupe.model.Llama;
import dev.loupe.tensor.Tensor;
import dev.loupe.text.Progress;
import dev.loupe.text.TokenBatch;
import dev.loupe.text.TokenCorpus;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Evaluates many dictionaries at once: one pass of the language model for what follows from
 * activations, then a budgeted pass for losses, in which each replaced activation runs only the
 * layers behind it.
 *
 * <p>All sums are by document and in float64; resampled documents are the same for every metric and
 * every dictionary. Results do not depend on the corpus's batch size but for the rounding of the
 * language model. Memory: the ids of the corpus, one group of 4,096 tokens at all hooks, and
 * float64 [samples, d] for each output hook.
 */
public final class Evaluation {
  private final Evaluated on;
  private final CorpusContexts contexts;
  private final WorkPart part;
  private final List<TokenBatch> lossBatches;
  private final Progress progress;
  private final BooleanSupplier stop;

  private Evaluation(
      Evaluated on, long lossTokens, WorkPart part, Progress progress, BooleanSupplier stop) {
    this.on = on;
    this.contexts = CorpusContexts.of(on.heldOut());
    this.part = part;
    this.lossBatches = lossBatches(contexts, lossTokens, part);
    this.progress = progress;
    this.stop = stop;
  }

  /**
   * What is evaluated, all of it borrowed.
   *
   * @param trainingMeans for each output hook its mean activation [d] in the training split
   */
  record Evaluated(
      Llama model, List<Subject> subjects, TokenCorpus heldOut, Map<Hook, Tensor> trainingMeans) {
    Evaluated {
      subjects = List.copyOf(subjects);
    }

    List<SubjectLabel> labels() {
      return subjects.stream().map(Subject::label).toList();
    }
  }

  /**
   * What an evaluation gives.
   *
   * @param firings on how many of the report's tokens each feature fired, by dictionary, [F]
   */
  record Result(Report report, Map<String, long[]> firings) {}

  /**
   * Evaluates dictionaries on all tokens of a corpus. Borrows everything.
   *
   * @param trainingMeans for each output hook its mean activation [d] in the training split, as
   *     {@link TrainingMeans} measures it
   * @param progress is told of counted tokens, for rates and for losses
   * @param stop asked now and then; once true, CancellationException
   */
  public static Report run(
      Llama model,
      List<Subject> subjects,
      TokenCorpus heldOut,
      Map<Hook, Tensor> trainingMeans,
      EvaluationRequest request,
      Progress progress,
      BooleanSupplier stop) {
    Evaluated on = new Evaluated(model, subjects, heldOut, trainingMeans);
    return counting(on, request, progress, stop).report();
  }

  /** As {@link #run}, with the firings that its rates are made of. */
  static Result counting(
      Evaluated on, EvaluationRequest request, Progress progress, BooleanSupplier stop) {
    String model = on.model().fingerprint();
    return total(
        on.labels(),
        on.heldOut(),
        model,
        request,
        to -> measure(on, request.lossTokens(), WorkPart.WHOLE, to, progress, stop));
  }

  /**
   * Adds up what an evaluation measures.
   *
   * @param model its fingerprint
   * @param measured gives all of it, in the order of the corpus
   */
  static Result total(
      List<SubjectLabel> labels,
      TokenCorpus heldOut,
      String model,
      EvaluationRequest request,
      Consumer<EvaluationSums> measured) {
    CorpusContexts contexts = CorpusContexts.of(heldOut);
    int lossEnd = contexts.reach(0, request.lossTokens());
    int lossDocuments = contexts.documentsBefore(lossEnd);
    try (EvaluationTotals totals =
        new EvaluationTotals(labels, contexts.documents(), lossDocuments, request)) {
      measured.accept(totals);
      Report report =
          new Report(
              Report.FORMAT,
              "",
              model,
              List.of(),
              heldOut.fingerprint(),
              contexts.longest(),
              heldOut.countedTokens(),
              contexts.countedTokens(0, lossEnd),
              contexts.documents(),
              lossDocuments,
              Report.Excluded.of(heldOut.counts()),
              request.bootstrapSamples(),
              request.seed(),
              totals.metrics());
      return new Result(report, totals.firings());
    }
  }

  /** Measures on a part of a corpus, and hands over what is to be added up. */
  static void measure(
      Evaluated on,
      long lossTokens,
      WorkPart part,
      EvaluationSums to,
      Progress progress,
      BooleanSupplier stop) {
    Evaluation evaluation = new Evaluation(on, lossTokens, part, progress, stop);
    evaluation.check();
    evaluation.rates(to);
    evaluation.losses(to);
  }

  /** The batches on which a part measures losses; without any it needs no means. */
  static List<TokenBatch> lossBatches(CorpusContexts contexts, long lossTokens, WorkPart part) {
    List<TokenBatch> all = contexts.batches(0, contexts.reach(0, lossTokens));
    Range range = part.range(all.size());
    return all.subList(range.from(), range.to());
  }

  /** Fails before hours of work rather than after. */
  private void check() {
    Set<String> names = new HashSet<>();
    int layers = on.model().config().layers();
    Set<Hook> means = on.trainingMeans().keySet();
    for (Subject subject : on.subjects()) {
      if (!names.add(subject.name())) {
        throw new IllegalArgumentException(
            "expected dictionaries of different names, got %s twice".formatted(subject.name()));
      }
      if (subject.hookOut().layer() >= layers) {
        throw new IllegalArgumentException(
            "expected a dictionary of a model of %d layers, got %s; is it one of another model?"
                .formatted(layers, subject.name()));
      }
      if (!lossBatches.isEmpty() && !means.contains(subject.hookOut())) {
        throw new IllegalArgumentException(
            "expected the training-split mean of %s for %s, got those of %s"
                .formatted(subject.hookOut(), subject.name(), means));
      }
    }
  }

  private void rates(EvaluationSums to) {
    try (RatePass pass = new RatePass(on.subjects());
        TokenGroups groups = new TokenGroups(on.model(), contexts, pass.hooks(), part)) {
      long total = groups.tokens();
      AtomicLong done = new AtomicLong();
      boolean more = true;
      while (more) {
        more =
            groups.next(group -> {
              try (GroupSums sums = pass.measure(group)) {
                to.addRates(sums);
              }
              report("evaluating (tokens)", done.addAndGet(group.tokens()), total);
            });
      }
      to.addFirings(pass.firings());
    }
  }

  private void losses(EvaluationSums to) {
    LossPass pass = new LossPass(on.model(), on.subjects(), contexts, on.trainingMeans());
    long total = lossBatches.stream().mapToLong(TokenBatch::countedTokens).sum();
    long done = 0;
    for (TokenBatch batch : lossBatches) {
      to.addLosses(pass.measure(batch));
      done += batch.countedTokens();
      report("measuring losses (tokens)", done, total);
    }
  }

  private void report(String what, long done, long total) {
    progress.report(what, done, total);
    if (stop.getAsBoolean()) {
      throw new CancellationException("the evaluation was stopped while " + what);
    }
  }
}
