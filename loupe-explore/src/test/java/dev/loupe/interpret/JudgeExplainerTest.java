package dev.loupe.interpret;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loupe.judge.Answer;
import dev.loupe.judge.AnswerCache;
import dev.loupe.judge.Outcome;
import dev.loupe.judge.Question;
import dev.loupe.store.SampleText;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What explainers show to a judge, and what they read of its answers. */
final class JudgeExplainerTest {
  private static final PlantedFeature FOX = PlantedFeature.all().getFirst();

  private static Question question(JudgeExplainer explainer) {
    return explainer.question(FOX.evidence());
  }

  @Test
  void thePapersPromptHasTwentyPassagesWithValues() {
    String user = question(JudgeExplainer.PAPER).user();
    assertThat(user.split("<START>", -1)).hasSize(21);
    assertThat(user).containsPattern("fox\t1?[0-9]\\.0\n").contains("Passage 20:");
    // strongest first
    assertThat(user.substring(0, user.indexOf("<END>"))).containsPattern("fox\t1[78]\\.0");
  }

  @Test
  void highlightsHaveAllBandsNearMissesAndLogits() {
    String user = question(JudgeExplainer.HIGHLIGHTS).user();
    String[] parts = user.split("\n\n", -1);
    assertThat(parts[0].lines()).hasSize(11).last().asString().contains("«fox»").endsWith("]");
    assertThat(parts[0]).containsPattern("\\[fox ([3-9]|10)\\]");
    assertThat(parts[1].lines()).hasSize(11);
    assertThat(parts[2].lines()).hasSize(5);
    assertThat(parts[2]).doesNotContain("fox").doesNotContain("«");
    assertThat(parts[3]).contains("- ' a' +2.00 (+4.0)").contains("'↵‹b'");
    assertThat(parts[4]).contains("- 'z' -1.00 (-2.5)");
  }

  @Test
  void logitsShowNoText() {
    assertThat(question(JudgeExplainer.LOGITS).user()).doesNotContain("fox").contains("' a'");
  }

  @ParameterizedTest
  @EnumSource
  void promptsAreTheSameInEveryRun(JudgeExplainer explainer) {
    assertThat(question(explainer)).isEqualTo(question(explainer));
    assertThat(AnswerCache.key("m", question(explainer)))
        .isEqualTo(AnswerCache.key("m", question(explainer)));
    assertThat(explainer.method()).endsWith("-1");
  }

  @Test
  void readsWhatItIsTold() {
    JudgeExplanation read =
        JudgeExplainer.PAPER
            .read(
                answer("{\"explanation\":\" the word\\nfox \",\"consistency\":5,\"complexity\":1}"))
            .orElseThrow();
    assertThat(read)
        .isEqualTo(new JudgeExplanation("the word fox", OptionalInt.of(5), OptionalInt.of(1)));
    assertThat(
            JudgeExplainer.PAPER.read(
                answer("{\"explanation\":\"x\",\"consistency\":9,\"complexity\":\"low\"}")))
        .hasValue(new JudgeExplanation("x", OptionalInt.empty(), OptionalInt.empty()));
    assertThat(JudgeExplainer.LOGITS.read(answer("{\"explanation\":\"\"}"))).isEmpty();
    assertThat(JudgeExplainer.LOGITS.read(answer("I do not know."))).isEmpty();
  }

  private static Answer answer(String text) {
    return new Answer(Outcome.ANSWERED, text, "");
  }

  @Test
  void neighboursAreMarkedTogetherAndTheTextsOwnMarksAreOthers() {
    List<SampleText.Token> tokens =
        List.of(token("«A»"), token(" big"), token(" fox\n"), token(" ran"), token(" far"));
    SampleText any = FOX.evidence().samples().getFirst();
    SampleText sample = new SampleText(any.sample(), any.window(), tokens, 1);
    BitSet marks = BitSet.valueOf(new long[] {0b10110});
    assertThat(Marks.marked(sample, marks)).isEqualTo("‹A› «big fox↵» ran «far»");
    assertThat(Marks.plain(sample)).isEqualTo("‹A› big fox↵ ran far");
    assertThat(Marks.scaled(0.01, 10)).isEqualTo(1);
    assertThat(Marks.scaled(10, 10)).isEqualTo(10);
    assertThat(Marks.scaled(0, 10)).isZero();
  }

  private static SampleText.Token token(String text) {
    return new SampleText.Token(0, 1, text, 0, 0);
  }
}
