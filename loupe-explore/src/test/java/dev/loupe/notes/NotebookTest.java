package dev.loupe.notes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loupe.dictionary.FeatureName;
import dev.loupe.files.FileFormatException;
import dev.loupe.files.LineLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NotebookTest {
  private static final Instant TIME = Instant.parse("2026-11-26T08:00:00Z");
  private static final InstantSource CLOCK = InstantSource.fixed(TIME);
  private static final FeatureName WHALES = FeatureName.parse("L2R-8x/417");
  private static final FeatureName PUPPIES = FeatureName.parse("L3TC-8x-k20.s1/5");

  @TempDir private Path suite;

  private Notebook open() {
    return Notebook.open(suite, false, CLOCK);
  }

  private Path file() {
    return suite.resolve("notes/notes.jsonl");
  }

  /** A writer that waits, for the disk or another process, keeps no reader waiting. */
  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void whoReadsDoesNotWaitForWhoWrites() throws InterruptedException {
    Notebook notes = open();
    notes.append(NewEntry.note("Ada", WHALES, "ships"));
    LineLog<Entry> another = new LineLog<>(file(), EntryLine.MAX_BYTES, EntryLine::parse);
    CountDownLatch written = new CountDownLatch(1);
    Thread writer =
        Thread.ofPlatform()
            .unstarted(() -> {
              notes.append(NewEntry.note("Ada", WHALES, "boats"));
              written.countDown();
            });
    another.alone(() -> {
      writer.start();
      while (writer.getState() != Thread.State.WAITING) {
        Thread.onSpinWait();
      }
      assertThat(notes.version()).isEqualTo(1);
      assertThat(notes.all()).hasSize(1);
      assertThat(notes.state(WHALES).notes()).hasSize(1);
      assertThat(written.getCount()).isEqualTo(1);
      return null;
    });
    writer.join();
    assertThat(notes.state(WHALES).notes()).hasSize(2);
  }

  @Test
  void whatIsWrittenIsReadAgain() throws IOException {
    Notebook notes = open();
    assertThat(notes.version()).isZero();
    assertThat(file()).doesNotExist();
    Entry entry = notes.append(NewEntry.explanation("Ada", WHALES, "whales,\n\tand \uD83D\uDC0B"));
    assertThat(entry.id()).isEqualTo(1);
    assertThat(entry.time()).isEqualTo(TIME);
    notes.append(NewEntry.note("Ada", WHALES, "\"ships\" too"));
    notes.append(NewEntry.tag("Bob", WHALES, "Wale größer"));
    notes.append(NewEntry.bookmark("Bob", PUPPIES));
    notes.append(NewEntry.undo("Ada", WHALES, 2));

    Notebook again = open();
    assertThat(again.version()).isEqualTo(5);
    assertThat(again.all()).isEqualTo(notes.all());
    FeatureNotes state = again.state(WHALES);
    assertThat(state.explanation()).contains(entry);
    assertThat(state.notes()).isEmpty();
    assertThat(state.tags()).containsExactly("Wale größer");
    assertThat(state.history())
        .extracting(FeatureNotes.Past::undone)
        .containsExactly(false, true, false, false);
    assertThat(again.bookmarks()).containsExactly(PUPPIES);
    assertThat(again.tags()).isEqualTo(Map.of("Wale größer", 1));
    assertThat(again.explanations()).isEqualTo(Map.of(WHALES, entry.text()));
    assertThat(again.all()).extracting(FeatureNotes::feature).containsExactly(WHALES, PUPPIES);
    assertThat(Files.readString(file()).lines().findFirst())
        .contains(
            "{\"id\":1,\"time\":\"2026-11-26T08:00:00Z\",\"author\":\"Ada\",\"feature\":\"L2R-8x/417\",\"kind\":\"explanation\",\"text\":\"whales,\\n\\tand"
                + " \\uD83D\\uDC0B\"}");
  }

  @Test
  void theLongestTextFits() {
    String longest = "\uD83D\uDC0B".repeat(NewEntry.MAX_TEXT);
    open().append(NewEntry.note("\"".repeat(NewEntry.MAX_AUTHOR), WHALES, longest));
    open().append(NewEntry.note("Ada", WHALES, "\n\"".repeat(NewEntry.MAX_TEXT / 2)));
    assertThat(open().state(WHALES).notes().getFirst().text()).isEqualTo(longest);
  }

  @Test
  void aFeatureWithoutNotesHasNone() {
    assertThat(open().state(WHALES).isEmpty()).isTrue();
    Notebook notes = open();
    notes.append(NewEntry.bookmark("Ada", WHALES));
    notes.append(NewEntry.unbookmark("Ada", WHALES));
    assertThat(notes.all()).isEmpty();
    assertThat(notes.state(WHALES).history()).hasSize(2);
  }

  @Test
  void readOnlyNotesRefuse() {
    Notebook notes = Notebook.open(suite, true, CLOCK);
    assertThatThrownBy(() -> notes.append(NewEntry.bookmark("Ada", WHALES)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll(
            "expected notes that may be written, got read-only", file().toString());
    assertThat(suite).isEmptyDirectory();
  }

  @Test
  void boundsAreHeld() {
    refused(
        () -> NewEntry.note("Ada", WHALES, "x".repeat(10_001)), "10,000 characters, got 10,001");
    refused(() -> NewEntry.note("Ada", WHALES, " \n"), "got a blank one");
    refused(() -> NewEntry.note("Ada", WHALES, "a\u0007"), "U+0007");
    refused(() -> NewEntry.note("Ada", WHALES, "a\r\n"), "U+000D");
    refused(() -> NewEntry.explanation("Ada", WHALES, "half \uD83D"), "U+D83D");
    refused(() -> NewEntry.bookmark("x".repeat(101), WHALES), "an author of 1 to 100");
    refused(() -> NewEntry.bookmark("A\nB", WHALES), "an author of one line");
    for (String tag : List.of("", " a", "a,b", "a\n", "-", "x".repeat(65))) {
      refused(() -> NewEntry.tag("Ada", WHALES, tag), "expected a tag");
      refused(() -> NewEntry.untag("Ada", WHALES, tag), "expected a tag");
    }
    assertThat(NewEntry.tag("Ada", WHALES, "9 Größe_a.b-c").text()).hasSize(13);
  }

  private static void refused(ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void undoOfWhatIsNotThereIsRefused() {
    Notebook notes = open();
    notes.append(NewEntry.note("Ada", WHALES, "one"));
    refused(() -> notes.append(NewEntry.undo("Ada", PUPPIES, 1)), "an entry of L3TC-8x-k20.s1/5");
    refused(() -> notes.append(NewEntry.undo("Ada", WHALES, 2)), "before 2, got one of 2");
    notes.append(NewEntry.undo("Ada", WHALES, 1));
    refused(() -> notes.append(NewEntry.undo("Ada", WHALES, 1)), "got one of 1, which is undone");
    notes.append(NewEntry.undo("Ada", WHALES, 2));
    assertThat(notes.state(WHALES).notes()).hasSize(1);
    assertThat(notes.version()).isEqualTo(3);
  }

  @Test
  void aLineThatIsTornAnywhereIsLeftOutAndTheNextComesAfter() throws IOException {
    open().append(NewEntry.note("Ada", WHALES, "größe one"));
    int first = (int) Files.size(file());
    open().append(NewEntry.note("Ada", WHALES, "größe two \uD83D\uDC0B"));
    byte[] whole = Files.readAllBytes(file());
    for (int length = first; length < whole.length; length++) {
      Files.write(file(), Arrays.copyOf(whole, length));
      boolean newlineOnly = length == whole.length - 1;
      Notebook notes = open();
      assertThat(notes.version()).as("torn after %d", length).isEqualTo(newlineOnly ? 2 : 1);
      assertThat(notes.tornBytes()).isEqualTo(newlineOnly ? 0 : length - first);
      notes.append(NewEntry.note("Ada", WHALES, "three"));
      assertThat(notes.tornBytes()).isZero();
      assertThat(open().all()).as("torn after %d", length).isEqualTo(notes.all());
      assertThat(open().state(WHALES).notes().getLast().text()).isEqualTo("three");
      assertThat(Files.readAllLines(file())).hasSize(newlineOnly ? 3 : 2);
    }
    assertThat(Files.readAllBytes(suite.resolve("notes/notes.torn"))).isNotEmpty();
  }

  @Test
  void anotherNotebookSeesPastATornLineThatWasDropped() throws IOException {
    Notebook one = open();
    one.append(NewEntry.note("Ada", WHALES, "one"));
    byte[] good = Files.readAllBytes(file());
    Files.write(file(), Arrays.copyOf(good, good.length + 7)); // zeros, as after a power failure
    assertThat(one.version()).isEqualTo(1);
    assertThat(one.tornBytes()).isEqualTo(7);
    open().append(NewEntry.note("Bob", WHALES, "two"));
    assertThat(one.version()).isEqualTo(2);
    assertThat(one.tornBytes()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "not JSON",
        "[1]",
        "{}",
        "{\"id\":2,\"id\":3}",
        "{\"id\":2,\"time\":\"2026-11-26T08:00:00Z\",\"author\":\"A\",\"feature\":\"L2R-8x/1\",\"kind\":\"shout\"}",
        "{\"id\":2,\"time\":\"yesterday\",\"author\":\"A\",\"feature\":\"L2R-8x/1\",\"kind\":\"bookmark\"}",
        "{\"id\":2,\"time\":\"2026-11-26T08:00:00Z\",\"author\":\"A\",\"feature\":\"L2R/1\",\"kind\":\"bookmark\"}",
        "{\"id\":1,\"time\":\"2026-11-26T08:00:00Z\",\"author\":\"A\",\"feature\":\"L2R-8x/1\",\"kind\":\"bookmark\"}",
        "{\"id\":2.5,\"time\":\"2026-11-26T08:00:00Z\",\"author\":\"A\",\"feature\":\"L2R-8x/1\",\"kind\":\"bookmark\"}",
        "{\"id\":2,\"time\":\"2026-11-26T08:00:00Z\",\"author\":\"A\",\"feature\":\"L2R-8x/1\",\"kind\":\"bookmark\",\"x\":1}",
        "{\"id\":9,\"time\":\"2026-11-26T08:00:00Z\",\"author\":\"A\",\"feature\":\"L2R-8x/1\",\"kind\":\"undo\",\"of\":1}",
        "{\"id\":9,\"time\":\"2026-11-26T08:00:00Z\",\"author\":\"A\",\"feature\":\"L2R-8x/1\",\"kind\":\"undo\",\"of\":9}",
        "{\"id\":9,\"time\":\"2026-11-26T08:00:00Z\",\"author\":\"A\",\"feature\":\"L2R-8x/1\",\"kind\":\"note\",\"text\":7}",
        "{\"id\":9,\"time\":\"2026-11-26T08:00:00Z\",\"author\":\"A\",\"feature\":\"L2R-8x/1\",\"kind\":\"note\",\"text\":\"\\u0000\"}"
      })
  void aBadLineIsAnErrorUnlessItIsTheLast(String bad) throws IOException {
    open().append(NewEntry.note("Ada", WHALES, "one"));
    String good = Files.readString(file());
    Files.writeString(file(), good + "\n" + bad + "\n"); // an empty line is none
    assertThat(open().version()).isEqualTo(1);
    assertThat(open().tornBytes()).isEqualTo(bad.length() + 1L);
    Files.writeString(file(), good + "\n" + bad + "\n" + good.replace("\"id\":1", "\"id\":12"));
    assertThatThrownBy(this::open)
        .isInstanceOf(FileFormatException.class)
        .hasMessageContainingAll("expected", "at line 3 in " + file());
  }

  @Test
  void noLineTakesMemoryBeyondALine() throws IOException {
    open().append(NewEntry.note("Ada", WHALES, "one"));
    String good = Files.readString(file());
    byte[] spaces = " ".repeat(1 << 20).getBytes(StandardCharsets.US_ASCII);
    Files.writeString(file(), good + "\"");
    for (int i = 0; i < 64; i++) {
      Files.write(file(), spaces, StandardOpenOption.APPEND);
    }
    assertThat(open().version()).isEqualTo(1);
    Files.writeString(file(), "\n" + good, StandardOpenOption.APPEND);
    assertThatThrownBy(this::open)
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining("expected at most 262,144 bytes, got more at line 2");
  }

  @Test
  void aFileThatShrinksIsRefused() throws IOException {
    Notebook notes = open();
    notes.append(NewEntry.note("Ada", WHALES, "one"));
    Files.writeString(file(), "");
    assertThatThrownBy(notes::version)
        .isInstanceOf(FileFormatException.class)
        .hasMessageContainingAll("only grows, got 0 bytes", "was it replaced?");
  }
}
