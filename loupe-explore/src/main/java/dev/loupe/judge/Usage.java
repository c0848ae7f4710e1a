package dev.loupe.judge;

/**
 * Tokens of a call, as the endpoint counts them or, where it does not say, the most there can be.
 *
 * @param promptTokens all that were read
 * @param cachedTokens those of them that the endpoint had in its own cache
 * @param completionTokens those written, with what it thought
 * @param reported whether the endpoint said so
 */
public record Usage(long promptTokens, long cachedTokens, long completionTokens, boolean reported) {
  /** Of what was not asked. */
  public static final Usage NONE = new Usage(0, 0, 0, true);

  public Usage {
    if (promptTokens < 0 || cachedTokens < 0 || completionTokens < 0) {
      throw new IllegalArgumentException(
          "expected counts of tokens, got %d, %d, %d"
              .formatted(promptTokens, cachedTokens, completionTokens));
    }
  }

  /** The most that a question can take. */
  static Usage most(Question question) {
    return new Usage(question.mostPromptTokens(), 0, question.maxTokens(), false);
  }
}
