package dev.loupe.judge;

/**
 * Guesses how many tokens a question takes, from characters a token: 4 as in English, until answers
 * say how many there were. Thread-safe.
 */
public final class TokenEstimate {
  private static final double FIRST_CHARACTERS = 4;
  private static final double FIRST_SHARE = 0.5; // of the longest answer
  private static final int ENOUGH = 3; // answers, to rely on them

  private long answers;
  private long characters;
  private long promptTokens;
  private long completionTokens;
  private long mostTokens;

  synchronized void learn(Question question, Usage usage) {
    if (usage.reported() && usage.promptTokens() > 0) {
      answers++;
      characters += question.characters();
      promptTokens += usage.promptTokens();
      completionTokens += usage.completionTokens();
      mostTokens += question.maxTokens();
    }
  }

  /** Tokens of the prompt. */
  public synchronized long prompt(Question question) {
    return (long) Math.ceil(question.characters() / charactersPerToken());
  }

  /** Tokens of a likely answer. */
  public synchronized long completion(Question question) {
    double share = isLearned() ? (double) completionTokens / mostTokens : FIRST_SHARE;
    return (long) Math.ceil(question.maxTokens() * Math.min(1, share));
  }

  public synchronized double charactersPerToken() {
    return isLearned() ? (double) characters / promptTokens : FIRST_CHARACTERS;
  }

  /** Whether answers have said. */
  public synchronized boolean isLearned() {
    return answers >= ENOUGH;
  }
}
