package dev.loupe.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.analyze.AnalysisSetup;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Suite;
import dev.loupe.evaluate.PositionReport;
import dev.loupe.evaluate.Report;
import dev.loupe.evaluate.TransferReport;
import dev.loupe.files.Json;
import dev.loupe.probing.AbsorptionReport;
import dev.loupe.probing.ProbingReport;
import dev.loupe.store.FeatureStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What was measured of a suite already, and whether it fits: of the suite's model, and of all its
 * dictionaries. A file that is no report is an error of whoever reads it.
 */
final class Present {
  private final MeasureSetup setup;
  private final Suite suite;
  private final Sources sources;
  private final Set<String> names;

  private Present(MeasureSetup setup) {
    this.setup = setup;
    this.suite = setup.suite();
    this.sources = Sources.of(suite, setup.beside());
    this.names = suite.names().stream().map(DictionaryName::toString).collect(Collectors.toSet());
  }

  static Present of(MeasureSetup setup) {
    return new Present(setup);
  }

  /** The evaluation that is there, if it is of the suite's model. */
  Optional<Report> evaluation() {
    return sources.evaluation().filter(report -> isOwn(report.modelFingerprint()));
  }

  boolean has(Part part) {
    return switch (part) {
      case EVALUATION -> evaluation().filter(this::isWhole).isPresent();
      case POSITIONS -> sources.positions().filter(report -> fits(report)).isPresent();
      case TRANSFER -> sources.transfer().filter(this::fits).isPresent();
      case ANALYSIS -> suite.names().stream().allMatch(this::isAnalysed);
      case GEOMETRY -> sources.geometry().filter(this::fits).isPresent();
      case SPLITTING ->
          Related.splits(suite).stream()
              .allMatch(
                  pair -> hasSplitting(Sources.reports(suite).resolve(pair.report() + ".json")));
      case PROBING -> sources.probing().filter(this::fits).isPresent();
      case ABSORPTION -> sources.absorption().filter(this::fits).isPresent();
    };
  }

  private boolean isOwn(String modelFingerprint) {
    return modelFingerprint.equals(suite.manifest().modelFingerprint());
  }

  private boolean hasAll(Collection<String> found) {
    return found.containsAll(names);
  }

  /** With what is evaluated beside: floors of all but transcoders, the trained gate of TopK. */
  private boolean isWhole(Report report) {
    boolean floors =
        report.dictionaries().keySet().stream().anyMatch(name -> name.endsWith("-random"))
            || suite.names().stream().allMatch(name -> name.site().isTranscoder());
    boolean gates =
        report.dictionaries().keySet().stream().anyMatch(name -> name.endsWith("topkgate"))
            || suite.names().stream()
                .noneMatch(name -> suite.recipe(name).path("gate").asText().equals("topk"));
    return hasAll(report.dictionaries().keySet()) && floors && gates;
  }

  private boolean fits(PositionReport report) {
    return isOwn(report.modelFingerprint()) && hasAll(report.dictionaries().keySet());
  }

  private boolean fits(TransferReport report) {
    return isOwn(report.cell(TransferReport.Cell.BASE_MODEL_BASE_TEXT).modelFingerprint())
        && hasAll(report.shifts().keySet())
        && setup
            .tuned()
            .filter(tuned ->
                tuned
                    .model()
                    .name()
                    .equals(report.cell(TransferReport.Cell.TUNED_MODEL_TUNED_TEXT).model()))
            .isPresent();
  }

  private boolean isAnalysed(DictionaryName name) {
    Path store = AnalysisSetup.features(suite).resolve(name.toString());
    return FeatureStore.isWritten(store) && isOwn(FeatureStore.summary(store).modelFingerprint());
  }

  /** Geometry of all dictionaries, with a map where there is a feature to draw around. */
  private boolean fits(JsonNode geometry) {
    return hasAll(
            geometry
                .path("dictionaries")
                .valueStream()
                .map(each -> each.path("name").asText())
                .toList())
        && (!geometry.path("map").path("points").isEmpty() || sources.analysed().isEmpty());
  }

  boolean hasSplitting(Path file) {
    return Files.isRegularFile(file)
        && isOwn(
            Json.read(file, JsonNode.class).path("settings").path("model_fingerprint").asText());
  }

  private boolean fits(ProbingReport report) {
    return isOwn(report.modelFingerprint())
        && hasAll(report.dictionaries().keySet())
        && (setup.beside().isEmpty() || hasFloor(report));
  }

  private static boolean hasFloor(ProbingReport report) {
    return report.dictionaries().values().stream().anyMatch(of -> !of.floor().isEmpty());
  }

  private boolean fits(AbsorptionReport report) {
    return isOwn(report.modelFingerprint()) && hasAll(report.dictionaries().keySet());
  }
}
