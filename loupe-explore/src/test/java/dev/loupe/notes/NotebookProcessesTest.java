package dev.loupe.notes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loupe.dictionary.FeatureName;
import dev.loupe.files.ChildJvm;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several writers of one file: notebooks, threads, and JVMs of their own, which are killed. */
final class NotebookProcessesTest {
  private static final int KILLED = 128 + 9;
  private static final int KILLS = Integer.getInteger("loupe.faults.kills", 4);
  private static final FeatureName FEATURE = FeatureName.parse("L0R-2x/1");

  @TempDir private Path suite;

  private Notebook open() {
    return Notebook.open(suite, false, InstantSource.system());
  }

  private static NewEntry note(String text) {
    return NewEntry.note("Ada", FEATURE, text);
  }

  @Test
  void whatAKilledWriterWasToldIsThere() throws IOException {
    long seed = 20_261_126;
    System.out.println("seed of the kills: " + seed);
    Random random = new Random(seed);
    List<Long> acknowledged = new ArrayList<>();
    for (int kill = 0; kill < KILLS; kill++) {
      assertThat(child(100_000, 1 + random.nextInt(60), acknowledged)).isEqualTo(KILLED);
      Notebook notes = open();
      assertThat(notes.state(FEATURE).notes()).extracting(Entry::id).containsAll(acknowledged);
      acknowledged.add(notes.append(note("between the kills")).id());
    }
    long version = open().version();
    assertThat(open().state(FEATURE).notes())
        .extracting(Entry::id)
        .containsExactlyElementsOf(LongStream.rangeClosed(1, version).boxed().toList());
  }

  @Test
  void twoNotebooksTakeTurns() {
    Notebook one = open();
    Notebook two = open();
    for (int turn = 0; turn < 5; turn++) {
      assertThat(one.append(note("one")).id()).isEqualTo(2 * turn + 1);
      assertThat(two.append(note("two")).id()).isEqualTo(2 * turn + 2);
      assertThat(one.version()).isEqualTo(2 * turn + 2);
    }
    assertThat(one.all()).isEqualTo(two.all()).isEqualTo(open().all());
  }

  @Test
  void threadsAndProcessesWriteAtOnce()
      throws IOException, InterruptedException, ExecutionException {
    int each = 40;
    Notebook shared = open();
    List<Long> ids = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<List<Long>>> writers =
          threads.invokeAll(
              List.<Callable<List<Long>>>of(
                  () -> appended(shared, each),
                  () -> appended(shared, each),
                  () -> appended(open(), each),
                  () -> childOf(each),
                  () -> childOf(each)));
      for (Future<List<Long>> writer : writers) {
        ids.addAll(writer.get());
      }
    }
    assertThat(ids)
        .containsExactlyInAnyOrderElementsOf(LongStream.rangeClosed(1, 5L * each).boxed().toList());
    assertThat(shared.all()).isEqualTo(open().all());
    assertThat(shared.tornBytes()).isZero();
  }

  private static List<Long> appended(Notebook notes, int count) {
    List<Long> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ids.add(notes.append(note("note " + i)).id());
      assertThat(notes.version()).isGreaterThanOrEqualTo(ids.getLast());
    }
    return ids;
  }

  private List<Long> childOf(int count) throws IOException {
    List<Long> ids = new ArrayList<>();
    assertThat(child(count, Integer.MAX_VALUE, ids)).isZero();
    return ids;
  }

  /** A JVM that appends notes, killed (SIGKILL) when it has told of so many. */
  private int child(int count, int killAfter, List<Long> acknowledged) throws IOException {
    AtomicInteger told = new AtomicInteger();
    return ChildJvm.watch(
        ChildJvm.brief(Child.class, suite.toString(), "" + count)
            .redirectErrorStream(false)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start(),
        line -> {
          boolean whole = line.matches("\\d+;");
          if (whole) {
            acknowledged.add(Long.parseLong(line.replace(";", "")));
          }
          return whole && told.incrementAndGet() == killAfter;
        },
        new ArrayList<>());
  }

  /** The JVM that is killed: tells the number of each entry that is on the disk. */
  static final class Child {
    private Child() {}

    public static void main(String[] arguments) {
      Notebook notes = Notebook.open(Path.of(arguments[0]), false, InstantSource.system());
      for (int i = 0; i < Integer.parseInt(arguments[1]); i++) {
        System.out.println(notes.append(note("from a child " + "x".repeat(i % 100))).id() + ";");
        System.out.flush();
      }
    }
  }
}
