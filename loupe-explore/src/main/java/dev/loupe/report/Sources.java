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
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What there is of a suite to report: the files that other commands wrote. A plain value.
 *
 * @param geometry as the command of that name writes it
 * @param splittings one for each pair of dictionaries
 * @param beside the evaluation of the same run on a model that knows nothing
 */
record Sources(
    Suite suite,
    Optional<Report> evaluation,
    Optional<Report> beside,
    Optional<PositionReport> positions,
    Optional<TransferReport> transfer,
    Optional<JsonNode> geometry,
    List<JsonNode> splittings,
    Optional<ProbingReport> probing,
    Optional<AbsorptionReport> absorption) {

  static Sources of(Suite suite, Optional<Suite> beside) {
    Path reports = reports(suite);
    return new Sources(
        suite,
        read(reports.resolve("evaluation.json"), Report::read),
        beside.flatMap(other -> read(reports(other).resolve("evaluation.json"), Report::read)),
        read(reports.resolve("positions.json"), PositionReport::read),
        read(reports.resolve("transfer.json"), TransferReport::read),
        read(reports.resolve("geometry.json"), Sources::json),
        splittings(reports),
        read(reports.resolve("probing.json"), ProbingReport::read),
        read(reports.resolve("absorption.json"), AbsorptionReport::read));
  }

  /** The folder of a suite in which its reports are. */
  static Path reports(Suite suite) {
    return suite.directory().resolve("reports");
  }

  private static <T> Optional<T> read(Path file, Function<Path, T> reader) {
    return Files.isRegularFile(file) ? Optional.of(reader.apply(file)) : Optional.empty();
  }

  /** Reports whose records cannot be read back: labels lie flat in them. */
  private static JsonNode json(Path file) {
    return Json.read(file, JsonNode.class);
  }

  private static List<JsonNode> splittings(Path reports) {
    if (!Files.isDirectory(reports)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(reports)) {
      return files
          .filter(file -> String.valueOf(file.getFileName()).matches("splitting-.*\\.json"))
          .sorted()
          .map(Sources::json)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + reports, e);
    }
  }

  /** The dictionaries of the suite that were analysed. */
  List<DictionaryName> analysed() {
    return suite.names().stream().filter(name -> FeatureStore.isWritten(store(name))).toList();
  }

  Path store(DictionaryName name) {
    return AnalysisSetup.features(suite).resolve(name.toString());
  }
}
