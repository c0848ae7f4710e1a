package dev.loupe.evaluate;

import dev.loupe.activation.CorpusContexts;
import dev.loupe.model.Hook;
import dev.loupe.model.Llama;
import dev.loupe.tensor.Tensor;
import dev.loupe.text.Progress;
import dev.loupe.text.TokenBatch;
import dev.loupe.text.TokenCorpus;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

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
  private final Llama model;
  private final List<Subject> subjects;
  private final TokenCorpus corpus;
  private final CorpusContexts contexts;
  private final EvaluationRequest request;
  private final Progress progress;
  private final BooleanSupplier stop;
  private final List<SequencedMap<String, Metric>> metrics = new ArrayList<>();

  private Evaluation(
      Llama model,
      List<Subject> subjects,
      TokenCorpus heldOut,
      EvaluationRequest request,
      Progress progress,
      BooleanSupplier stop) {
    this.model = model;
    this.subjects = List.copyOf(subjects);
    this.corpus = heldOut;
    this.contexts = CorpusContexts.of(heldOut);
    this.request = request;
    this.progress = progress;
    this.stop = stop;
    subjects.forEach(_ -> metrics.add(new LinkedHashMap<>()));
  }

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
    check(model, subjects, trainingMeans.keySet());
    Evaluation evaluation = new Evaluation(model, subjects, heldOut, request, progress, stop);
    evaluation.rates();
    int lossEnd = evaluation.contexts.reach(0, request.lossTokens());
    evaluation.losses(lossEnd, trainingMeans);
    evaluation.weights();
    return evaluation.report(lossEnd);
  }

  /** Fails before hours of work rather than after. */
  private static void check(Llama model, List<Subject> subjects, Set<Hook> means) {
    Set<String> names = new HashSet<>();
    for (Subject subject : subjects) {
      if (!names.add(subject.name())) {
        throw new IllegalArgumentException(
            "expected dictionaries of different names, got %s twice".formatted(subject.name()));
      }
      if (subject.hookOut().layer() >= model.config().layers()) {
        throw new IllegalArgumentException(
            "expected a dictionary of a model of %d layers, got %s; is it one of another model?"
                .formatted(model.config().layers(), subject.name()));
      }
      if (!means.contains(subject.hookOut())) {
        throw new IllegalArgumentException(
            "expected the training-split mean of %s for %s, got those of %s"
                .formatted(subject.hookOut(), subject.name(), means));
      }
    }
  }

  private void rates() {
    try (Resamples resamples = resamples(contexts.documents(), "rates");
        RatePass pass = new RatePass(subjects, resamples);
        TokenGroups groups = new TokenGroups(model, contexts, pass.hooks())) {
      boolean more = true;
      while (more) {
        more =
            groups.next(group -> {
              pass.add(group);
              report("evaluating (tokens)", group.start() + group.tokens(), tokens());
            });
      }
      pass.describe(new ArrayList<>(metrics));
    }
  }

  private void losses(int lossEnd, Map<Hook, Tensor> means) {
    long total = contexts.countedTokens(0, lossEnd);
    try (Resamples resamples = resamples(contexts.documentsBefore(lossEnd), "losses")) {
      LossPass pass = new LossPass(model, subjects, contexts, means, resamples);
      long done = 0;
      for (TokenBatch batch : contexts.batches(0, lossEnd)) {
        pass.add(batch);
        done += batch.countedTokens();
        report("measuring losses (tokens)", done, total);
      }
      pass.describe(new ArrayList<>(metrics));
    }
  }

  private void weights() {
    for (int i = 0; i < subjects.size(); i++) {
      Optional<WeightMetrics> found = subjects.get(i).weights();
      OptionalDouble cosine =
          found.map(WeightMetrics::encoderDecoderCosine).orElse(OptionalDouble.empty());
      metrics
          .get(i)
          .put(
              "decoder_norm_mean",
              Metric.plain(found.map(WeightMetrics::decoderNormMean).orElse(Double.NaN), 0));
      metrics.get(i).put("encoder_decoder_cosine", Metric.plain(cosine.orElse(Double.NaN), 0));
    }
  }

  private Resamples resamples(int documents, String purpose) {
    return Resamples.draw(documents, request.bootstrapSamples(), request.seed(), purpose);
  }

  private long tokens() {
    return corpus.countedTokens();
  }

  private void report(String what, long done, long total) {
    progress.report(what, done, total);
    if (stop.getAsBoolean()) {
      throw new CancellationException("the evaluation was stopped while " + what);
    }
  }

  private Report report(int lossEnd) {
    SequencedMap<String, SequencedMap<String, Metric>> dictionaries = new LinkedHashMap<>();
    for (int i = 0; i < subjects.size(); i++) {
      dictionaries.put(subjects.get(i).name(), metrics.get(i));
    }
    return new Report(
        Report.FORMAT,
        "",
        model.fingerprint(),
        List.of(),
        corpus.fingerprint(),
        contexts.longest(),
        tokens(),
        contexts.countedTokens(0, lossEnd),
        contexts.documents(),
        contexts.documentsBefore(lossEnd),
        Report.Excluded.of(corpus.counts()),
        request.bootstrapSamples(),
        request.seed(),
        dictionaries);
  }
}
