package dev.loupe.judge;

import java.util.Locale;
import java.util.Optional;

/**
 * What an endpoint takes. It begins with everything, and each refusal of a request takes away what
 * the refusal speaks of.
 *
 * @param form how the answer is held to its shape
 * @param newLimit whether the longest answer is {@code max_completion_tokens}, which some models
 *     want and many servers do not know, and not {@code max_tokens}
 * @param temperature whether it may be set
 * @param systemRole whether there is a message of the system; else its text begins the user's
 */
record Dialect(Form form, boolean newLimit, boolean temperature, boolean systemRole) {
  static final Dialect FULL = new Dialect(Form.SCHEMA, false, true, true);

  /** From what holds an answer most to what does least. */
  enum Form {
    SCHEMA,
    OBJECT,
    TEXT
  }

  /**
   * The dialect to try next.
   *
   * @param refusal what the endpoint said
   * @return empty if there is nothing left to leave out
   */
  Optional<Dialect> without(String refusal) {
    String said = refusal.toLowerCase(Locale.ROOT);
    if (!newLimit && said.contains("max_completion_tokens")) {
      return Optional.of(new Dialect(form, true, temperature, systemRole));
    }
    if (temperature && said.contains("temperature")) {
      return Optional.of(new Dialect(form, newLimit, false, systemRole));
    }
    if (systemRole && said.contains("system role")) {
      return Optional.of(new Dialect(form, newLimit, temperature, false));
    }
    return switch (form) {
      case SCHEMA -> Optional.of(new Dialect(Form.OBJECT, newLimit, temperature, systemRole));
      case OBJECT -> Optional.of(new Dialect(Form.TEXT, newLimit, temperature, systemRole));
      case TEXT -> Optional.empty();
    };
  }
}
