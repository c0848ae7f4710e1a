package dev.loupe.exchange;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.interpret.FeatureExplanations;
import dev.loupe.interpret.Score;
import dev.loupe.store.LogitsRow;
import dev.loupe.store.NeighboursRow;
import dev.loupe.store.StoreSummary;
import dev.loupe.store.StoredFeature;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The rows of Neuronpedia's tables that say what a feature store says. */
record NeuronpediaRows(StoreSummary summary, NeuronpediaNames names, NeuronpediaIds ids) {
  private static final int WORDS = 1_000_000; // of ids, above those of samples
  private static final int LOGITS = 10;
  private static final double STEER_STRENGTH = 10; // the column's default
  private static final String PUBLIC = "PUBLIC";
  private static final String CREATOR = "Loupe";

  NeuronpediaRows(StoreSummary summary, NeuronpediaNames names) {
    this(summary, names, NeuronpediaIds.of(summary, names));
  }

  /** An id of a thing that is said of a feature. */
  String id(int feature, int number) {
    return ids.of(feature, WORDS + number);
  }

  NeuronpediaExplanation explanation(FeatureExplanations.Explained explained, String id) {
    return NeuronpediaWords.row(explained, names, source(), id);
  }

  /** Names that explanations and scores refer to, by file. */
  Map<String, List<?>> config(Stream<FeatureExplanations> said) {
    return new NeuronpediaConfig(names, said.toList()).files();
  }

  NeuronpediaExplanation.Score score(Score score, String explanation, String id) {
    return NeuronpediaWords.row(score, names, explanation, id);
  }

  private DictionaryName dictionary() {
    return summary.dictionary();
  }

  private String source() {
    return names.source(dictionary());
  }

  /** What the dictionaries of the set have in common. */
  private String description() {
    String hook = dictionary().site().hookOut(dictionary().layer()).toString();
    return "%s, %dx".formatted(hook.substring(hook.lastIndexOf('.') + 1), dictionary().expansion());
  }

  NeuronpediaFiles.Release release() {
    return new NeuronpediaFiles.Release(
        names.sourceSet(),
        description(),
        Optional.of(description()),
        List.of(),
        CREATOR,
        Optional.of(CREATOR),
        names.creatorId(),
        PUBLIC,
        false,
        false,
        Optional.of(names.sourceSet()),
        Optional.of(source()),
        List.of(),
        names.createdAtText());
  }

  NeuronpediaFiles.Model model() {
    return new NeuronpediaFiles.Model(
        names.modelId(),
        false,
        names.modelId(),
        names.modelId(),
        Optional.empty(),
        Optional.of(summary.features() / dictionary().expansion()),
        0,
        0,
        PUBLIC,
        Optional.of(names.sourceSet()),
        Optional.of(source()),
        false,
        "",
        Optional.empty(),
        names.creatorId(),
        names.createdAtText(),
        names.createdAtText());
  }

  NeuronpediaFiles.SourceSet sourceSet() {
    return new NeuronpediaFiles.SourceSet(
        names.modelId(),
        names.sourceSet(),
        description(),
        "",
        names.creatorId(),
        CREATOR,
        Optional.empty(),
        List.of(),
        Optional.of(names.sourceSet()),
        PUBLIC,
        true,
        1,
        true,
        false,
        true,
        false,
        false,
        names.createdAtText());
  }

  NeuronpediaFiles.Source sourceRow() {
    return new NeuronpediaFiles.Source(
        source(),
        names.modelId(),
        names.sourceSet(),
        names.creatorId(),
        true,
        false,
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(summary.contexts()),
        Optional.of(summary.context()),
        Optional.of(String.join(",", summary.corpus())),
        Optional.empty(),
        false,
        false,
        false,
        PUBLIC,
        names.createdAtText());
  }

  NeuronpediaNeuron neuron(StoredFeature stored) {
    String own = dictionary().toString();
    Optional<NeighboursRow> nearest = CorrelatedFeatures.row(stored, NeighboursRow.DECODER, own);
    CorrelatedFeatures correlated = CorrelatedFeatures.of(stored, own);
    LogitsRow logits = stored.logits();
    Histogram fires = Histogram.activations(stored);
    Histogram lens = Histogram.logits(logits);
    return new NeuronpediaNeuron(
        names.modelId(),
        source(),
        "" + stored.feature().feature(),
        names.sourceSet(),
        names.creatorId(),
        names.createdAtText(),
        Decimals.five(stored.feature().maximum()),
        false,
        List.of(),
        Optional.empty(),
        STEER_STRENGTH,
        Optional.of(dictionary().site().hookOut(dictionary().layer()).toString()),
        nearest.map(row -> IntStream.of(row.neighbours()).boxed().toList()).orElse(List.of()),
        nearest.map(row -> Decimals.five(row.cosines())).orElse(List.of()),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        correlated.indices(),
        correlated.phi(),
        correlated.cosines(),
        Arrays.stream(logits.bottom().texts()).limit(LOGITS).toList(),
        Decimals.five(logits.bottom().logits(), LOGITS),
        Arrays.stream(logits.top().texts()).limit(LOGITS).toList(),
        Decimals.five(logits.top().logits(), LOGITS),
        Decimals.nine(stored.feature().rate().value()),
        fires.heights(),
        fires.values(),
        lens.heights(),
        lens.values(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  List<NeuronpediaActivation> activations(StoredFeature stored) {
    List<Sequence> sequences = Sequence.of(stored, summary.tokens());
    return IntStream.range(0, sequences.size())
        .mapToObj(i -> activation(stored.feature().feature(), i, sequences.get(i)))
        .toList();
  }

  private NeuronpediaActivation activation(int feature, int number, Sequence sequence) {
    List<Double> values = sequence.values();
    double largest = Collections.max(values);
    return new NeuronpediaActivation(
        ids.of(feature, number),
        sequence.tokens(),
        values,
        largest,
        values.indexOf(largest),
        Collections.min(values),
        "" + feature,
        source(),
        names.modelId(),
        names.creatorId(),
        names.createdAtText(),
        Optional.of("" + sequence.text().window().row()),
        Optional.of(sequence.text().window().source() + "/" + sequence.text().window().file()),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        List.of(List.of(), List.of()),
        List.of(),
        sequence.losses(),
        Optional.empty(),
        Optional.of(Decimals.five(sequence.bin().low())),
        Optional.of(Decimals.five(sequence.bin().high())),
        Optional.of(Decimals.nine(sequence.bin().contains())),
        Optional.of(sequence.text().peak()));
  }
}
