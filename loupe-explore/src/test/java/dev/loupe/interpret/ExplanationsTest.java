package dev.loupe.interpret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.files.FileFormatException;
import dev.loupe.store.FeatureRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file of explanations and scores. */
final class ExplanationsTest {
  private static final DictionaryName NAME = DictionaryName.parse("L2R-8x");
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-05-04T12:00:00Z"));

  @TempDir private Path suite;

  private Explanations open() {
    return Explanations.open(suite, NAME, CLOCK);
  }

  private static Explanation explanation(int feature, String method, String text) {
    return new Explanation(feature, method, "loupe", text, "b1", List.of("k"), Optional.empty());
  }

  private static Score score(Explanation of, String scorer, double value) {
    Measured measured =
        new Measured(
            "auc",
            Optional.of(new FeatureRow.Interval(value, value - 0.1, value + 0.1)),
            5,
            6,
            1,
            List.of(new Measured.Stratum("top", 5, Optional.empty())));
    return new Score(
        of.id(),
        scorer,
        "loupe",
        "b2",
        measured,
        Optional.of(new Score.Baseline(9, Measured.unknown("auc", 0, 1, 2))),
        List.of());
  }

  @Test
  void whatWasAddedIsReadBackEqual() {
    Explanation rules = explanation(3, "rules", "On the token “ dog”");
    Explanation paper = explanation(3, "paper", "dogs\nand “cats”");
    open().add(List.of(rules, paper), List.of(score(rules, "embedding", 0.7)));
    FeatureExplanations read = open().of(3);
    assertThat(read.explained()).hasSize(2);
    assertThat(read.explained().getFirst().explanation()).isEqualTo(rules);
    assertThat(read.explained().getFirst().time()).isEqualTo("2026-05-04T12:00:00Z");
    assertThat(read.explained().getFirst().scores())
        .containsExactly(score(rules, "embedding", 0.7));
    assertThat(read.explained().getLast().explanation()).isEqualTo(paper);
    assertThat(open().of(4).explained()).isEmpty();
  }

  @Test
  void nothingIsAddedTwice() throws IOException {
    Explanation rules = explanation(3, "rules", "x");
    Score score = score(rules, "embedding", 0.7);
    open().add(List.of(rules), List.of(score));
    byte[] once = Files.readAllBytes(file());
    Explanations again = open();
    assertThat(again.isAsked(3, "rules", "b1")).isTrue();
    assertThat(again.hasScore(rules.id(), "embedding", "b2")).isTrue();
    assertThat(again.hasScore(rules.id(), "embedding", "b3")).isFalse();
    again.add(List.of(rules), List.of(score));
    assertThat(Files.readAllBytes(file())).isEqualTo(once);
  }

  @Test
  void whatHadNothingToSayIsNotAskedAgain() {
    Unexplained none = new Unexplained(5, "category", "b1");
    open().add(List.of(), List.of(), List.of(none));
    Explanations file = open();
    assertThat(file.isAsked(5, "category", "b1")).isTrue();
    assertThat(file.isAsked(5, "category", "b2")).isFalse();
    assertThat(file.isAsked(5, "rules", "b1")).isFalse();
    assertThat(file.of(5).explained()).isEmpty();
    assertThat(file.best()).isEmpty();
    long lines = file.version();
    file.add(List.of(), List.of(), List.of(none));
    assertThat(file.version()).isEqualTo(lines);
  }

  @Test
  void theBestIsTheOneThatTheWeightiestCommonTestPrefers() {
    Explanation rules = explanation(3, "rules", "a");
    Explanation tokens = explanation(3, "tokens", "b");
    Explanations file = open();
    file.add(
        List.of(rules, tokens),
        List.of(score(rules, "embedding", 0.6), score(tokens, "embedding", 0.8)));
    assertThat(best(file)).isEqualTo(tokens);
    file.add(List.of(), List.of(score(rules, "detection", 0.9), score(tokens, "detection", 0.5)));
    assertThat(best(file)).isEqualTo(rules);
    Explanation untested = explanation(3, "paper", "c");
    file.add(List.of(untested), List.of());
    assertThat(best(file)).as("no test in common: by method").isEqualTo(untested);
  }

  private static Explanation best(Explanations file) {
    return file.of(3).best().orElseThrow().explanation();
  }

  @Test
  void aTornLineIsLeftOutAndMakesRoom() throws IOException {
    Explanation rules = explanation(3, "rules", "x");
    open().add(List.of(rules), List.of());
    Files.writeString(file(), "{\"time\":\"2026", StandardOpenOption.APPEND);
    Explanations file = open();
    assertThat(file.of(3).explained()).hasSize(1);
    file.add(List.of(explanation(4, "rules", "y")), List.of());
    assertThat(open().each(Optional::of)).containsOnlyKeys(3, 4);
    assertThat(file().resolveSibling(NAME + ".torn")).hasContent("{\"time\":\"2026");
  }

  @Test
  void aBadLineIsAnErrorWithItsPlace() throws IOException {
    open().add(List.of(explanation(3, "rules", "x")), List.of());
    Files.writeString(file(), "{\"time\":\"t\"}\n{\"time\":\"t\"}\n", StandardOpenOption.APPEND);
    assertThatThrownBy(this::open)
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining("L2R-8x.jsonl")
        .hasMessageContaining("line 2");
  }

  @Test
  void twoOpenFilesSeeEachOther() {
    Explanations one = open();
    Explanations other = open();
    one.add(List.of(explanation(1, "rules", "x")), List.of());
    assertThat(other.of(1).explained()).hasSize(1);
    other.add(List.of(explanation(2, "rules", "y")), List.of());
    assertThat(one.best()).containsOnlyKeys(1, 2);
  }

  private Path file() {
    return suite.resolve(Explanations.FOLDER).resolve(NAME + ".jsonl");
  }
}
