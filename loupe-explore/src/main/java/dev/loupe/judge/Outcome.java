package dev.loupe.judge;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** How a question ended. */
public enum Outcome {
  /** With a JSON object. */
  ANSWERED,
  /** The answer was longer than allowed; what came of it may be of use. */
  CUT,
  /** The judge does not want to answer. */
  REFUSED,
  /** There is no JSON object in the answer, or no answer. */
  UNREADABLE,
  /** The endpoint did not answer, however often it was asked: will be asked again. */
  UNREACHABLE;

  /** Lower-case, as in files. */
  @JsonValue
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
