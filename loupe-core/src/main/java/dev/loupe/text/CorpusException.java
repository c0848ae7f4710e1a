package dev.loupe.text;

import dev.loupe.files.Excerpt;

/**
 * Thrown for everything that can be wrong with a tokenizer, a bundled file or a corpus: missing,
 * unreadable, malformed, or too small for what is asked. The message says what was expected, what
 * was got, where (file and line), and what to do next; it is meant to be shown as it is.
 */
public final class CorpusException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CorpusException(String message) {
    super(Excerpt.of(message));
  }

  CorpusException(String message, Throwable cause) {
    super(Excerpt.of(message), cause);
  }
}
