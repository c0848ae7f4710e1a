package dev.loupe.evaluate;

import dev.loupe.model.Hook;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * The sums of an evaluation over a whole corpus, and the metrics that follow from them. Owns the
 * resamples and float64 [samples, d] for each output hook.
 */
final class EvaluationTotals implements EvaluationSums, AutoCloseable {
  private final List<SubjectLabel> subjects;
  private final Resamples resamples;
  private final Resamples lossResamples;
  private final DocumentSums rates;
  private final DocumentSums losses;
  private final Map<Hook, TargetSums> targets = new TreeMap<>();
  private final Map<String, Firings> firings = new LinkedHashMap<>();

  /**
   * @param documents of the corpus
   * @param lossDocuments the first of these, on which losses are measured
   */
  EvaluationTotals(
      List<SubjectLabel> subjects, int documents, int lossDocuments, EvaluationRequest request) {
    this.subjects = subjects;
    this.rates = DocumentSums.ofAll(documents);
    this.losses = DocumentSums.ofAll(lossDocuments);
    this.resamples = draw(documents, request, "rates");
    this.lossResamples = draw(lossDocuments, request, "losses");
    for (SubjectLabel subject : subjects) {
      targets.computeIfAbsent(
          subject.hookOut(), hook -> new TargetSums(hook, resamples, subject.outputSize()));
    }
  }

  private static Resamples draw(int documents, EvaluationRequest request, String purpose) {
    return Resamples.draw(documents, request.bootstrapSamples(), request.seed(), purpose);
  }

  @Override
  public void addRates(GroupSums group) {
    rates.merge(group.sums());
    targets.values().forEach(sums -> sums.add(group));
  }

  @Override
  public void addFirings(Map<String, Firings> some) {
    some.forEach((name, counts) -> firings.merge(name, counts, Firings::merge));
  }

  @Override
  public void addLosses(DocumentSums batch) {
    losses.merge(batch);
  }

  /** On how many tokens each feature fired, by dictionary, [F]. */
  Map<String, long[]> firings() {
    Map<String, long[]> all = new LinkedHashMap<>();
    firings.forEach((name, counts) -> all.put(name, counts.all()));
    return all;
  }

  /** The metrics of each dictionary: of activations, losses, weights. */
  SequencedMap<String, SequencedMap<String, Metric>> metrics() {
    Map<Hook, Series> centred = new TreeMap<>();
    targets.forEach((hook, sums) -> centred.put(hook, sums.centredSquares(rates)));
    LossMetrics lossMetrics = new LossMetrics(losses, lossResamples);
    SequencedMap<String, SequencedMap<String, Metric>> all = new LinkedHashMap<>();
    for (SubjectLabel subject : subjects) {
      SequencedMap<String, Metric> metrics = new LinkedHashMap<>();
      Firings counts = firings.get(subject.name());
      RateSums.describe(subject, metrics, rates, counts, resamples, centred.get(subject.hookOut()));
      RatePass.describeNorms(subject, metrics, rates, resamples);
      lossMetrics.describe(subject, metrics);
      describeWeights(subject, metrics);
      all.put(subject.name(), metrics);
    }
    return all;
  }

  private static void describeWeights(SubjectLabel subject, Map<String, Metric> metrics) {
    double norm = subject.weights().map(WeightMetrics::decoderNormMean).orElse(Double.NaN);
    OptionalDouble cosine =
        subject.weights().map(WeightMetrics::encoderDecoderCosine).orElse(OptionalDouble.empty());
    metrics.put("decoder_norm_mean", Metric.plain(norm, 0));
    metrics.put("encoder_decoder_cosine", Metric.plain(cosine.orElse(Double.NaN), 0));
  }

  @Override
  public void close() {
    targets.values().forEach(TargetSums::close);
    resamples.close();
    lossResamples.close();
  }
}
