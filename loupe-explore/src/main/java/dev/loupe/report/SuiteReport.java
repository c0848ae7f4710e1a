package dev.loupe.report;

import dev.loupe.dictionary.Suite;
import dev.loupe.figure.Document;
import dev.loupe.figure.Section;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;

/** Everything that was measured of a suite, as one document. */
public final class SuiteReport {
  private static final List<Function<Sources, Optional<Section>>> SECTIONS =
      List.of(
          FidelitySection::of,
          TrainingSection::of,
          FiringSection::of,
          LongContextSection::of,
          FineTunedSection::of,
          GeometrySection::of,
          ProbingSection::of);

  private SuiteReport() {}

  /**
   * What the suite's folder holds of reports, analyses and logs.
   *
   * @param beside the same run on a model that knows nothing, to stand beside it
   * @throws IllegalArgumentException where there is nothing to report
   */
  public static Document of(Suite suite, Optional<Suite> beside) {
    Sources sources = Sources.of(suite, beside);
    List<Section> sections =
        SECTIONS.stream().flatMap(section -> section.apply(sources).stream()).toList();
    if (sections.isEmpty()) {
      throw new IllegalArgumentException(
          "expected a suite with an evaluation, an analysis or logs of its training, got %s with none; run evaluate or analyze"
              .formatted(suite.directory()));
    }
    Suite.Manifest run = suite.manifest();
    return Document.of(
        "%d dictionaries of %s".formatted(suite.names().size(), run.model()),
        "Trained on %,d tokens of %s.".formatted(run.tokens(), run.corpus()),
        sections,
        definitions(),
        settings(run));
  }

  private static SequencedMap<String, String> definitions() {
    SequencedMap<String, String> terms = new LinkedHashMap<>();
    terms.put("L0", "mean number of features that fire per counted token");
    terms.put(
        "explained variance", "mean over tokens of 1 − ‖x − x̂‖² / ‖x‖² (the paper's equation 6)");
    terms.put(
        "explained variance, centred",
        "1 − Σ‖x − x̂‖² / Σ‖x − x̄‖², with the mean x̄ of all evaluated tokens");
    terms.put(
        "delta loss",
        "next-token loss with the reconstruction spliced in, less that of the untouched model, in"
            + " nats");
    terms.put(
        "loss recovered",
        "(loss with the site zeroed − loss spliced) / (loss with the site zeroed − loss"
            + " untouched)");
    terms.put(
        "KL", "mean divergence of the spliced next-token distribution from the untouched one");
    terms.put("dead", "share of features that did not fire in the first 100,000 counted tokens");
    terms.put("ultra-active", "share of features that fire on more than a tenth of counted tokens");
    terms.put(
        "counted token",
        "a position that is trained on and averaged: neither the first of a context, nor a begin or"
            + " end id, nor padding");
    terms.put(
        "interval", "95 % bootstrap interval over documents, paired for differences and ratios");
    return terms;
  }

  private static SequencedMap<String, String> settings(Suite.Manifest run) {
    SequencedMap<String, String> settings = new LinkedHashMap<>();
    settings.put("model", run.model() + " (" + shortened(run.modelFingerprint()) + ")");
    settings.put("corpus", run.corpus() + " (" + shortened(run.corpusFingerprint()) + ")");
    settings.put("recipe", run.recipe().path("name").asText());
    settings.put("tokens", "%,d".formatted(run.tokens()));
    settings.put("steps", "%,d of %,d".formatted(run.stepsDone(), run.steps()));
    settings.put("seed", String.valueOf(run.seed()));
    settings.put("training step", run.step());
    settings.put("machine", run.machine() + ", " + run.threads() + " threads");
    run.versions().forEach((part, version) -> settings.put("version of " + part, version));
    return settings;
  }

  private static String shortened(String fingerprint) {
    return fingerprint.substring(0, Math.min(12, fingerprint.length()));
  }
}
