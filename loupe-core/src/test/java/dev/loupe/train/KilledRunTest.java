package dev.loupe.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loupe.files.ChildJvm;
import dev.loupe.files.FolderSums;
import dev.loupe.text.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run in a JVM of its own is killed (SIGKILL) ten times, goes on each time, and ends with the
 * bytes of an undisturbed one.
 */
final class KilledRunTest {
  private static final String EVENT = "event: ";
  private static final int KILLED = 128 + 9;

  @TempDir private Path folder;

  /**
   * When to kill.
   *
   * @param event after how it begins
   * @param times after so many such events
   * @param held whether the run waits there to be killed; else it runs on meanwhile, and the kill
   *     comes in the middle of something
   */
  private record Kill(String event, int times, boolean held) {}

  /** A state is two events at the beginning and four later, and there is one every two steps. */
  private static List<Kill> kills(Random random) {
    return List.of(
        new Kill("saving the state", 1 + random.nextInt(2), true), // the first state
        new Kill("training", 1 + random.nextInt(4), false),
        new Kill("saving the state 1", 1 + random.nextInt(2), true),
        new Kill("saving the state", 1 + random.nextInt(8), false),
        new Kill("saving the state 3", 1, true),
        new Kill("training", 2 + random.nextInt(4), true),
        new Kill("saving the state", 1 + random.nextInt(8), false),
        new Kill("calibrating", 1 + random.nextInt(3), true),
        new Kill("measuring", 1 + random.nextInt(6), false),
        new Kill("writing", 2, true),
        new Kill("writing", 1, false));
  }

  @Test
  void aRunThatIsKilledTenTimesEndsWithTheSameBytes() throws IOException {
    long seed = 20_250_101;
    System.out.println("seed of the kills: " + seed);
    Path whole = folder.resolve("whole");
    SmallRun.in(whole).train();

    Path killed = folder.resolve("killed");
    int kills = 0;
    for (Kill kill : kills(new Random(seed))) {
      List<String> output = new ArrayList<>();
      int code = child(killed, kill, output);
      assertThat(code).as("%s%n%s", kill, String.join("\n", output)).isIn(0, KILLED);
      kills += code == KILLED ? 1 : 0;
      System.out.println(kill + ": " + output.getLast());
    }
    assertThat(kills).isGreaterThanOrEqualTo(10);
    SmallRun.in(killed).resumed().train();
    assertThat(FolderSums.ofSuite(killed)).isEqualTo(FolderSums.ofSuite(whole));
    assertThat(killed.resolve("resume")).doesNotExist();
  }

  /** Runs or goes on until the kill, or to the end. */
  private static int child(Path out, Kill kill, List<String> output) throws IOException {
    Process process =
        ChildJvm.brief(
                Child.class, out.toString(), kill.event(), kill.held() ? "" + kill.times() : "0")
            .start();
    AtomicInteger times = new AtomicInteger();
    return ChildJvm.watch(
        process,
        line -> line.startsWith(EVENT + kill.event()) && times.incrementAndGet() == kill.times(),
        output);
  }

  /** The JVM that is killed: a run that tells each event, and waits forever at one of them. */
  static final class Child {
    private Child() {}

    public static void main(String[] arguments) {
      Path out = Path.of(arguments[0]);
      int[] left = {Integer.parseInt(arguments[2])};
      Progress progress =
          (what, done, _) -> {
            String event = what + " " + done;
            System.out.println(EVENT + event);
            System.out.flush();
            if (event.startsWith(arguments[1]) && --left[0] == 0) {
              waitForever();
            }
          };
      SmallRun run = SmallRun.in(out);
      (Files.isDirectory(out) ? run.resumed() : run).trainTelling(progress);
    }

    /** The parent writes nothing to this process. */
    private static void waitForever() {
      try {
        int got = System.in.read();
        throw new IllegalStateException("expected to be killed, got " + got);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
