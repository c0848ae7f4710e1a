package dev.loupe.notes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loupe.dictionary.FeatureName;
import dev.loupe.files.ChildJvm;
import dev.loupe.files.SmallDisk;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Notes on a disk that is full, or may not be written, and is well again. */
@Tag("faults")
final class NotebookFaultsTest {
  private static final FeatureName FEATURE = FeatureName.parse("L0R-2x/1");
  private static final int TURNS = 40;

  @TempDir private Path at;

  /** A process that takes notes. */
  private record Writing(Process process, BufferedReader answers, Writer questions)
      implements AutoCloseable {
    static Writing open(SmallDisk disk, Path at) throws IOException {
      Process process =
          disk.inside(ChildJvm.brief(Child.class, at.toString()))
              .redirectErrorStream(false)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      return new Writing(process, process.inputReader(), process.outputWriter());
    }

    /** What it says of a note of that length. */
    String note(int length) throws IOException {
      questions.write(length + "\n");
      questions.flush();
      return answers.readLine();
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }

  @Test
  void whatWasTakenStaysAndWhatWasRefusedIsNotThere() throws IOException {
    long seed = 20261127;
    System.out.println("seed of the faults: " + seed);
    Random random = new Random(seed);
    List<Long> taken = new ArrayList<>();
    int refused = 0;
    try (SmallDisk disk = SmallDisk.open(at, 1);
        Writing writing = Writing.open(disk, at)) {
      for (int turn = 0; turn < TURNS; turn++) {
        if (random.nextBoolean()) {
          disk.fill();
        }
        for (int i = random.nextInt(6); i >= 0; i--) {
          String answer = writing.note(1 + random.nextInt(2000));
          if (answer.matches("\\d+")) {
            taken.add(Long.parseLong(answer));
          } else {
            assertThat(answer).contains("no space left");
            refused++;
          }
        }
        disk.free();
      }
      Notebook notes = Notebook.open(disk.seenFromOutside(), true, InstantSource.system());
      assertThat(notes.state(FEATURE).notes()).extracting(Entry::id).isEqualTo(taken);
      assertThat(notes.tornBytes()).isZero();
    }
    System.out.printf("%d notes taken, %d refused%n", taken.size(), refused);
    assertThat(refused).isGreaterThan(TURNS / 4);
    assertThat(taken).isEqualTo(LongStream.rangeClosed(1, taken.size()).boxed().toList());
  }

  @Test
  void areReadWhereTheyCannotBeWritten() throws IOException {
    try (SmallDisk disk = SmallDisk.open(at, 1);
        Writing writing = Writing.open(disk, at)) {
      assertThat(writing.note(1)).isEqualTo("1");
      disk.readOnly(true);
      assertThat(writing.note(2)).contains("ead-only file system");
      assertThat(Notebook.open(disk.seenFromOutside(), false, InstantSource.system()).all())
          .hasSize(1);
      disk.readOnly(false);
      assertThat(writing.note(3)).isEqualTo("2");
    }
  }

  /** The JVM that takes notes of the lengths that it is told. */
  static final class Child {
    private Child() {}

    public static void main(String[] arguments) throws IOException {
      Notebook notes = Notebook.open(Path.of(arguments[0]), false, InstantSource.system());
      BufferedReader lengths =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String line = lengths.readLine(); line != null; line = lengths.readLine()) {
        System.out.println(take(notes, Integer.parseInt(line)));
      }
    }

    private static String take(Notebook notes, int length) {
      try {
        return "" + notes.append(NewEntry.note("Ada", FEATURE, "x".repeat(length))).id();
      } catch (UncheckedIOException e) {
        return String.valueOf(e.getMessage());
      }
    }
  }
}
