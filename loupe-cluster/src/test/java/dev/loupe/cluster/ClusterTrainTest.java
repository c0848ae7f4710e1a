package dev.loupe.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.cli.GuideExamples;
import dev.loupe.cli.Loupe;
import dev.loupe.files.FolderSums;
import dev.loupe.files.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Suites over three executors, which are processes of this machine: the examples of the guide. */
@Tag("cluster")
final class ClusterTrainTest {
  private static final String SPREAD = "./loupe cluster train ";
  private static final Pattern STATE = Pattern.compile("state-\\d+-.*-executor(\\d+)-task\\d+");

  @TempDir private static Path runs;
  private static List<String> examples;

  @TempDir private Path folder;

  @BeforeAll
  static void runTheExamples() throws IOException {
    examples =
        GuideExamples.commands("cluster.md").stream()
            .filter(example -> !ClusterPartsTest.isOfParts(example)) // which change the suite
            .toList();
    examples.forEach(example ->
        GuideExamples.run(
            example,
            runs,
            arguments ->
                arguments[0].equals("cluster")
                    ? Loupe.commandLine(ClusterCommand.class)
                    : Loupe.commandLine(arguments)));
  }

  @Test
  void threeExecutorsMakeTheBytesOfOneProcess() {
    assertThat(FolderSums.ofSuite(runs.resolve("alone"))).isNotEmpty();
    assertThat(FolderSums.ofSuite(runs.resolve("spread")))
        .isEqualTo(FolderSums.ofSuite(runs.resolve("alone")));
    // what is whole in its folder is not kept twice
    assertThat(runs.resolve("shared")).isEmptyDirectory();
  }

  /** SIGKILL as soon as it has a state on the shared storage. */
  @Test
  void aKilledExecutorCostsWhatCameAfterItsLastState() throws Exception {
    Files.createDirectory(folder.resolve("shared"));
    CompletableFuture<JsonNode> run = CompletableFuture.supplyAsync(this::spread);
    String executor = executorWithAState(folder.resolve("shared"), run);
    process(executor).destroyForcibly();
    List<JsonNode> groups = new ArrayList<>();
    run.get(10, TimeUnit.MINUTES).path("groups").forEach(groups::add);
    assertThat(groups)
        .hasSize(3)
        .filteredOn(group -> group.path("attempt").asInt() > 0)
        .isNotEmpty()
        .allSatisfy(group -> assertThat(group.path("resumed_from").asLong()).isPositive());
    assertThat(FolderSums.ofSuite(folder.resolve("suite")))
        .isEqualTo(FolderSums.ofSuite(runs.resolve("alone")));
  }

  /** The example with a state every four steps. */
  private JsonNode spread() {
    String example =
        examples.stream().filter(line -> line.startsWith(SPREAD)).findFirst().orElseThrow();
    String[] arguments =
        (example.substring("./loupe ".length()) + " --json --checkpoint-every 512")
            .replace("runs/shared", folder.resolve("shared").toString())
            .replace("runs/spread", folder.resolve("suite").toString())
            .split(" ");
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Loupe.commandLine(ClusterCommand.class)
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err, true))
            .execute(arguments);
    assertThat(code).as("%s", err).isZero();
    try {
      return Json.mapper().readTree(out.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits for the first state of any group; the executor that it is of. */
  private static String executorWithAState(Path shared, CompletableFuture<JsonNode> run)
      throws IOException, InterruptedException {
    try (WatchService watch = FileSystems.getDefault().newWatchService()) {
      shared.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
      while (true) {
        for (Path group : list(shared)) {
          group.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
        }
        Optional<String> found =
            list(shared).stream()
                .flatMap(group -> list(group).stream())
                .map(state -> STATE.matcher(state.getFileName().toString()))
                .filter(Matcher::matches)
                .map(state -> state.group(1))
                .findFirst();
        if (found.isPresent()) {
          return found.get();
        }
        WatchKey key = watch.poll(10, TimeUnit.MINUTES);
        assertThat(key).as("a state, the run being %s", run).isNotNull();
        key.pollEvents();
        key.reset();
      }
    }
  }

  /** The process of an executor, by its command line: its class path is too long for the JDK. */
  private static ProcessHandle process(String executor) {
    return ProcessHandle.current()
        .descendants()
        .filter(process -> {
          List<String> words = commandLine(process);
          int id = words.indexOf("--executor-id");
          return id >= 0 && words.get(id + 1).equals(executor);
        })
        .findFirst()
        .orElseThrow();
  }

  private static List<String> commandLine(ProcessHandle process) {
    try {
      Path file = Path.of("/proc/" + process.pid() + "/cmdline");
      return List.of(Files.readString(file).split("\0", -1));
    } catch (IOException e) {
      return List.of(); // it has ended
    }
  }

  private static List<Path> list(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(Files::isDirectory).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
