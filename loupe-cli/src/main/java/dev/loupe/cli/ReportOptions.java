package dev.loupe.cli;

import dev.loupe.dictionary.Suite;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Where a report of a suite goes. */
final class ReportOptions {
  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "where the report goes (default: in SUITE/reports)")
  private @Nullable Path out;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  /** Writes a report to the file asked for, or to one of this name in the suite's reports. */
  void write(Suite suite, String name, Consumer<Path> report) {
    Path file = out == null ? reports(suite).resolve(name) : out;
    report.accept(file);
    spec.commandLine().getErr().println("Report: " + file);
  }

  private static Path reports(Suite suite) {
    Path folder = suite.directory().resolve("reports");
    try {
      return Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create " + folder, e);
    }
  }
}
