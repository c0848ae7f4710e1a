package dev.loupe.judge;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.dictionary.FeatureName;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * A question that was asked before, asked again: does a judge say the same, does another?
 *
 * @param question as it was asked
 * @param kept what was said then
 */
public record Replay(Question question, AnswerCache.Exchange kept) {
  /**
   * The shape's name is not kept: another one makes another key, so that the old answer is none.
   */
  private static final String SHAPE = "again";

  /**
   * Finds a question.
   *
   * @param folder of ledger and answers, {@link AnswerCache#folder}
   * @param key as the ledger and explanations have it
   * @throws IllegalArgumentException where there is no such question
   */
  public static Replay find(Path folder, String key) {
    AnswerCache.Exchange kept =
        new AnswerCache(folder)
            .find(key)
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "expected a question with an answer in %s, got none of key %s"
                        .formatted(folder, key)));
    FeatureName feature =
        Ledger.read(folder.resolve(JudgeSetup.LEDGER)).stream()
            .filter(line -> line.key().equals(key))
            .map(LedgerLine::feature)
            .findFirst()
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "expected a line of key %s in %s, got none"
                        .formatted(key, folder.resolve(JudgeSetup.LEDGER))));
    Question question =
        new Question(
            kept.system(),
            kept.user(),
            new AnswerShape(SHAPE, kept.schema()),
            kept.maxTokens(),
            kept.temperature(),
            "replay",
            feature);
    return new Replay(question, kept);
  }

  /** Whether an answer says the same as the one that was kept, however it is written. */
  public boolean isSame(Answer again) {
    Optional<ObjectNode> before = kept.answer("").json();
    Optional<ObjectNode> now = again.json();
    return (before.isPresent() && now.isPresent())
        ? Objects.equals(before, now)
        : kept.text().equals(again.text());
  }
}
