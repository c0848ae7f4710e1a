package dev.loupe.cluster;

import dev.loupe.cli.Loupe;
import dev.loupe.files.AtomicFolder;
import dev.loupe.tensor.Device;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/**
 * A work in parts, each a task, and their merge on the driver. Part and merge are the ordinary
 * command with {@code --part} and {@code --merge}, so that there is one way to do either.
 */
final class SharedParts {
  private final String command;
  private final List<String> words;
  private final PartsOptions options;
  private final CommandSpec asked;

  /**
   * A work.
   *
   * @param command analyze or evaluate
   * @param words what that command is called with
   * @param asked the command over executors, which prints
   */
  SharedParts(String command, List<String> words, PartsOptions options, CommandSpec asked) {
    this.command = command;
    this.words = words.stream().flatMap(SharedParts::apart).toList();
    this.options = options;
    this.asked = asked;
  }

  /** {@code --option=value} as two words. */
  private static Stream<String> apart(String word) {
    return word.startsWith("--") ? Stream.of(word.split("=", 2)) : Stream.of(word);
  }

  /** Writes the parts that are not there, and merges all; gives the exit code. */
  int run(ExecutorPlan executors) {
    Device device = check();
    try (ClusterSession spark = ClusterSession.open(executors, "loupe " + command, device)) {
      URI shared = spark.qualified(options.shared());
      SharedFolders folders = SharedFolders.at(shared, spark.storage().value());
      folders.checkFree(options.resume());
      List<String> names =
          spark.run(
              "part",
              options.count(),
              new PartTask(
                  command, words, options.count(), shared, options.scratch(), spark.storage()),
              line -> {
                asked.commandLine().getErr().println(line);
                asked.commandLine().getErr().flush();
              });
      return merge(folders, names);
    }
  }

  /** Refuses what the command itself refuses, before anything starts; gives its device. */
  private Device check() {
    String[] part = arguments("--part", "1/1", "--parts-dir", "parts").toArray(String[]::new);
    CommandSpec spec = line(part).parseArgs(part).subcommand().commandSpec();
    PortablePaths.check(spec, "--model", "--corpus");
    Path suite = spec.positionalParameters().getFirst().getValue();
    PortablePaths.check("SUITE", suite.toString());
    String device = spec.findOption("--device").getValue();
    return Device.parse(device);
  }

  /** The ordinary command line, which prints where this one does. */
  private CommandLine line(String... arguments) {
    CommandLine here = asked.commandLine();
    return Loupe.commandLine(arguments).setOut(here.getOut()).setErr(here.getErr());
  }

  private List<String> arguments(String... more) {
    List<String> all = new ArrayList<>();
    all.add(command);
    all.addAll(words);
    all.addAll(List.of(more));
    return all;
  }

  private int merge(SharedFolders folders, List<String> names) {
    Path here = TaskPlace.scratch(options.scratch());
    try {
      IntStream.range(0, names.size())
          .forEach(part ->
              folders.fetch(names.get(part), here.resolve(PartTask.folder(part, options.count()))));
      String[] merge = arguments("--merge", here.toString()).toArray(String[]::new);
      int code = line(merge).execute(merge);
      if (code == 0) {
        names.forEach(folders::delete);
      }
      return code;
    } finally {
      AtomicFolder.delete(here);
    }
  }
}
