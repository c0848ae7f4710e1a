package dev.loupe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loupe.files.AtomicFolder;
import dev.loupe.files.Checksums;
import dev.loupe.files.ChildJvm;
import dev.loupe.files.FolderFiles;
import dev.loupe.files.SmallDisk;
import dev.loupe.model.SmallModel;
import dev.loupe.text.DemoSample;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What befalls a disk befalls commands at random moments: each ends with one message, or well; and
 * given again when the disk is well, it leaves the very files of a run that nothing befell.
 *
 * <p>{@code -Dloupe.faults.times} is how often each fault befalls each command (1), {@code
 * -Dloupe.faults.kills} how many runs are killed in all (8), {@code -Dloupe.faults.seed} where and
 * when.
 */
@Tag("faults")
final class FaultsTest {
  private static final long SEED = Long.getLong("loupe.faults.seed", 20261127);
  private static final int TIMES = Integer.getInteger("loupe.faults.times", 1);
  private static final int KILLS = Integer.getInteger("loupe.faults.kills", 8);
  private static final int KILLED = 128 + 9;
  private static final int MEGABYTES = 64;
  private static final int DOCUMENTS = 100;

  /** What a dictionary's folder may lack, and its copy then lacks too. */
  private static final String SPARE =
      ".*/(hyperparams\\.json|lm_config\\.json|probe\\.safetensors|raw\\.safetensors|checksums\\.json)";

  private static final String CALLS = "fsync,fdatasync,rename,mkdir";
  private static final String WRITES = "write,pwrite64,ftruncate";

  /** Commands in the order in which they make a suite; {} is the folder of all. */
  enum Task {
    TRAIN(
        "train --model {}/model --corpus {}/books.jsonl --out {}/suite --dictionaries"
            + " L1R-1x,L1R-2x --recipe demo --context 64 --batch 256 --k 8 --tokens 20k --set"
            + " norm_tokens=512 --set calibration_tokens=4096 --checkpoint-every 2k"),
    ANALYZE("analyze {}/suite --model {}/model --corpus {}/books.jsonl --tokens 4k"),
    EVALUATE("evaluate {}/suite --model {}/model --corpus {}/books.jsonl --tokens 2k"),
    TRANSFER(
        "transfer {}/suite --model {}/model --corpus {}/books.jsonl --tuned {}/model"
            + " --tuned-corpus {}/books.jsonl --tokens 1k --loss-tokens 500"),
    INTERPRET("interpret {}/suite --features 8"),
    GEOMETRY("geometry {}/suite"),
    SPLITTING(
        "splitting {}/suite L1R-1x L1R-2x --model {}/model --corpus {}/books.jsonl --tokens 2k"),
    REPORT("report {}/suite --out {}/report"),
    NEURONPEDIA("export neuronpedia {}/suite L1R-1x --out {}/neuronpedia"),
    CONVERT("convert {}/suite/L1R-1x {}/converted"),
    IMPORT(
        "import dictionaries {}/suite/L1R-1x {}/suite/L1R-2x --model {}/model --out {}/imported");

    private final String command;

    Task(String command) {
      this.command = command;
    }

    List<String> arguments(Path folder, boolean resumed) {
      String here = command.replace("{}", folder.toString());
      List<String> arguments = new ArrayList<>(List.of(here.split(" ", -1)));
      if (resumed) {
        arguments.add("--resume");
      }
      return arguments;
    }
  }

  enum Fault {
    /** From some moment on there is no room. */
    FULL("no space left|expected codes to fit|does not fit"),
    /** From the beginning nothing may be written. */
    READ_ONLY("read-only file system"),
    /** From some call on, no file is made durable, renamed, or put into a new folder. */
    FAILING("input/output error"),
    /** At some moment one of the files there is gone. */
    VANISHING(""),
    /** Every write, and every call that makes files durable, takes long: nothing else changes. */
    SLOW("");

    private final String words; // one of them is in the message

    Fault(String words) {
      this.words = words;
    }
  }

  /**
   * An undisturbed run.
   *
   * @param found a copy of the files before it
   * @param left a copy of the files after it
   * @param after the files after it by name, times apart
   * @param nanos how long it took
   * @param calls by the thread that makes most of those that {@link Fault#FAILING} lets fail
   */
  private record Undisturbed(
      Path found, Path left, NavigableMap<String, String> after, long nanos, int calls) {}

  private record Ended(int code, String said) {}

  @TempDir private static Path folder;
  private static final Map<Task, Undisturbed> UNDISTURBED = new EnumMap<>(Task.class);
  private static final Map<Fault, int[]> COUNTS = new EnumMap<>(Fault.class);
  private static SmallDisk disk;
  private static Path begin;
  private static Path inside;
  private static Path outside;

  @BeforeAll
  static void mount() throws IOException {
    System.out.println("seed of the faults: " + SEED);
    inside = Files.createDirectory(folder.resolve("disk"));
    disk = SmallDisk.open(inside, MEGABYTES);
    outside = disk.seenFromOutside();
    begin = folder.resolve("begin");
    FolderFiles.copy(SmallModel.folder().directory(), begin.resolve("model"));
    Files.write(begin.resolve("books.jsonl"), someBooks());
  }

  /** Runs a task once, after those before it. */
  private static Undisturbed undisturbed(Task task) throws IOException {
    Path found = begin;
    for (Task each : Task.values()) {
      if (!UNDISTURBED.containsKey(each)) {
        UNDISTURBED.put(each, run(each, found));
      }
      if (each == task) {
        break;
      }
      found = UNDISTURBED.get(each).left();
    }
    return UNDISTURBED.get(task);
  }

  private static Undisturbed run(Task task, Path found) throws IOException {
    reset(found);
    Path calls = folder.resolve("calls-" + task);
    long start = System.nanoTime();
    Ended ended = end(start(traced(calls, CALLS, List.of()), task));
    long nanos = System.nanoTime() - start;
    assertThat(ended.code()).as("%s%n%s", task, ended.said()).isZero();
    Path left = FolderFiles.copy(outside, folder.resolve("after-" + task));
    return new Undisturbed(found, left, contents(), nanos, most(calls));
  }

  /** Lines of strace begin with the thread; it counts the calls of each. */
  private static int most(Path calls) throws IOException {
    Map<String, Integer> counts = new HashMap<>();
    for (String line : Files.readAllLines(calls)) {
      counts.merge(line.split(" ", 2)[0], 1, Integer::sum);
    }
    return Collections.max(counts.values());
  }

  @AfterAll
  static void tell() {
    if (disk != null) {
      disk.close();
    }
    COUNTS.forEach((fault, counts) ->
        System.out.printf("%s: %d runs, %d ended by it%n", fault, counts[0], counts[1]));
  }

  private static List<String> someBooks() throws IOException {
    Path sample = Path.of(DemoSample.books());
    try (Stream<String> lines = Files.lines(sample)) {
      return lines.limit(DOCUMENTS).toList();
    }
  }

  @ParameterizedTest
  @CsvSource({"TRAIN, FULL", "TRAIN, SLOW", "ANALYZE, FAILING"})
  void some(Task task, Fault fault) throws IOException {
    isToldAndGoneOnFrom(task, fault);
  }

  static Stream<Arguments> faults() {
    return Stream.of(Task.values())
        .flatMap(task -> Stream.of(Fault.values()).map(fault -> Arguments.of(task, fault)));
  }

  @Tag("nightly")
  @ParameterizedTest
  @MethodSource("faults")
  void isToldAndGoneOnFrom(Task task, Fault fault) throws IOException {
    Random random = new Random(SEED + (task + " " + fault).hashCode());
    for (int i = 0; i < TIMES; i++) {
      reset(undisturbed(task).found());
      Ended ended = befall(task, fault, random);
      int[] counts = COUNTS.computeIfAbsent(fault, _ -> new int[2]);
      counts[0]++;
      assertThat(fault == Fault.SLOW && ended.code() != 0).as(ended.said()).isFalse();
      if (ended.code() != 0) {
        counts[1]++;
        assertThat(ended.code()).as(ended.said()).isIn(1, 2);
        List<String> messages =
            ended.said().lines().filter(line -> line.startsWith("loupe: ")).toList();
        assertThat(messages).as(ended.said()).hasSize(1);
        assertThat(ended.said()).doesNotContain("\tat ");
        assertThat(messages.getFirst().toLowerCase(Locale.ROOT))
            .as(ended.said())
            .containsPattern(fault.words);
      }
      finish(task);
    }
  }

  @Tag("nightly")
  @Test
  void killed() throws IOException {
    Random random = new Random(SEED);
    List<Task> tasks = List.of(Task.TRAIN, Task.ANALYZE, Task.INTERPRET, Task.IMPORT);
    int kills = 0;
    for (int round = 0; kills < KILLS; round++) {
      Task task = tasks.get(round % tasks.size());
      reset(undisturbed(task).found());
      for (int i = 0; i < 4; i++) {
        Process process = start(List.of(), task);
        if (!endsWithin(moment(task, random), process)) {
          process.toHandle().destroyForcibly();
        }
        Ended ended = end(process);
        assertThat(ended.code()).as("%s%n%s", task, ended.said()).isIn(0, KILLED);
        kills += ended.code() == KILLED ? 1 : 0;
      }
      finish(task);
    }
    System.out.println("killed: " + kills);
  }

  private static void reset(Path files) throws IOException {
    try (Stream<Path> all = Files.list(outside)) {
      for (Path each : all.toList()) {
        AtomicFolder.delete(each);
      }
    }
    FolderFiles.copy(files, outside);
  }

  private static Ended befall(Task task, Fault fault, Random random) throws IOException {
    return switch (fault) {
      case FULL -> onAFullDisk(task, random);
      case READ_ONLY -> onAReadOnlyDisk(task);
      case FAILING -> onAFailingDisk(task, random);
      case VANISHING -> withoutAFile(task, random);
      case SLOW -> onASlowDisk(task);
    };
  }

  private static Ended onAFullDisk(Task task, Random random) throws IOException {
    Process process = start(List.of(), task);
    endsWithin(moment(task, random), process);
    disk.fill();
    Ended ended = end(process);
    disk.free();
    return ended;
  }

  private static Ended onAReadOnlyDisk(Task task) throws IOException {
    disk.readOnly(true);
    Ended ended = end(start(List.of(), task));
    disk.readOnly(false);
    return ended;
  }

  private static Ended onAFailingDisk(Task task, Random random) throws IOException {
    int from = 1 + random.nextInt(undisturbed(task).calls());
    String inject = "inject=%s:error=EIO:when=%d+".formatted(CALLS, from);
    return end(start(traced(Path.of("/dev/null"), CALLS, List.of("-e", inject)), task));
  }

  private static Ended onASlowDisk(Task task) throws IOException {
    return end(
        start(
            traced(
                Path.of("/dev/null"),
                CALLS + "," + WRITES,
                List.of(
                    "-e", "inject=%s:delay_exit=50ms".formatted(CALLS),
                    "-e", "inject=%s:delay_exit=1ms".formatted(WRITES))),
            task));
  }

  private static Ended withoutAFile(Task task, Random random) throws IOException {
    List<Path> files =
        FolderFiles.of(outside).stream().filter(file -> !file.toString().matches(SPARE)).toList();
    Path gone = files.get(random.nextInt(files.size()));
    Path kept = Files.copy(gone, folder.resolve("kept"));
    Process process = start(List.of(), task);
    endsWithin(moment(task, random), process);
    Files.deleteIfExists(gone);
    Ended ended = end(process);
    Files.createDirectories(gone.getParent());
    Files.move(kept, gone, StandardCopyOption.REPLACE_EXISTING);
    return ended;
  }

  /** Between the start and the end of an undisturbed run. */
  private static long moment(Task task, Random random) throws IOException {
    return (long) (random.nextDouble() * undisturbed(task).nanos());
  }

  /** Gives the command again, unless it has ended well, on a disk that is well. */
  private static void finish(Task task) throws IOException {
    if (!contents().equals(undisturbed(task).after())) {
      Ended ended = end(start(List.of(), task));
      assertThat(ended.code()).as("%s again%n%s", task, ended.said()).isZero();
    }
    assertThat(contents()).isEqualTo(undisturbed(task).after());
  }

  private static List<String> traced(Path log, String calls, List<String> inject) {
    List<String> command = new ArrayList<>(List.of("strace", "-f", "-qq", "--seccomp-bpf"));
    command.addAll(List.of("-o", log.toString(), "-e", "trace=" + calls));
    command.addAll(inject);
    return command;
  }

  private static Process start(List<String> before, Task task) throws IOException {
    List<String> command = new ArrayList<>(before);
    List<String> arguments = task.arguments(inside, task == Task.TRAIN && isBegunOrDone());
    command.addAll(ChildJvm.of(Loupe.class, arguments).command());
    return disk.inside(new ProcessBuilder(command))
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("said").toFile())
        .start();
  }

  /** What a person sees who looks whether to give the command with {@code --resume}. */
  private static boolean isBegunOrDone() {
    return Files.exists(outside.resolve("suite/resume"))
        || Files.exists(outside.resolve("suite/suite.json"));
  }

  private static boolean endsWithin(long nanos, Process process) {
    try {
      return process.waitFor(nanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private static Ended end(Process process) throws IOException {
    boolean ended = endsWithin(TimeUnit.MINUTES.toNanos(2), process);
    process.destroyForcibly();
    String said = Files.readString(folder.resolve("said"), StandardCharsets.UTF_8);
    assertThat(ended).as("ends within two minutes%n%s", said).isTrue();
    return new Ended(process.exitValue(), said);
  }

  /** What files hold that are there for good: locks, times and states of runs left out. */
  private static NavigableMap<String, String> contents() {
    Map<String, String> all = new HashMap<>();
    for (Path file : FolderFiles.of(outside)) {
      String name = outside.relativize(file).toString();
      if (!name.matches(".*(/timing\\.jsonl|\\.lock|\\.run\\.json)")) {
        all.put(name, content(file));
      }
    }
    return new TreeMap<>(all);
  }

  private static String content(Path file) {
    try {
      String name = file.toString();
      if (name.contains("/neuronpedia/explanation")) {
        return "has times in it";
      }
      if (!name.contains("/explanations/")) {
        return Checksums.sha256(file);
      }
      return String.join(
          "\n",
          Files.readAllLines(file).stream()
              .map(line -> line.replaceFirst("\"time\":\"[^\"]*\",", ""))
              .sorted()
              .toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
