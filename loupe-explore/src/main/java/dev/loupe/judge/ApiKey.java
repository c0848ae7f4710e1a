package dev.loupe.judge;

import java.net.URI;
import java.util.Map;
import java.util.Optional;

/**
 * The secret that an endpoint asks for. It is in the environment and in the header of a request,
 * and nowhere else: not printed, not stored, and taken out of whatever an endpoint says.
 */
public final class ApiKey {
  /** Where it is looked for, in this order. */
  public static final String VARIABLE = "LOUPE_JUDGE_KEY";

  private static final String OTHER_VARIABLE = "OPENAI_API_KEY";
  private static final String HIDDEN = "(key)";

  private final String secret;

  private ApiKey(String secret) {
    this.secret = secret;
  }

  /**
   * The key for an endpoint. One on this machine is sent Loupe's own key alone.
   *
   * @throws IllegalArgumentException if it needs one and there is none, or would be sent in clear
   *     text
   */
  public static Optional<ApiKey> of(Map<String, String> environment, URI endpoint) {
    boolean here = Endpoint.isHere(endpoint);
    Optional<ApiKey> key =
        found(environment, VARIABLE)
            .or(() -> here ? Optional.empty() : found(environment, OTHER_VARIABLE));
    if (here) {
      return key;
    }
    if (key.isEmpty()) {
      throw new IllegalArgumentException(
          "expected a key for %s in the environment variable %s or %s, got none"
              .formatted(endpoint, VARIABLE, OTHER_VARIABLE));
    }
    if (!"https".equals(endpoint.getScheme())) {
      throw new IllegalArgumentException(
          "expected https, as a key is sent along, got %s; use https, or a server on this machine"
              .formatted(endpoint));
    }
    return key;
  }

  private static Optional<ApiKey> found(Map<String, String> environment, String variable) {
    return Optional.ofNullable(environment.get(variable))
        .map(String::strip)
        .filter(text -> !text.isEmpty())
        .map(text -> checked(variable, text));
  }

  private static ApiKey checked(String variable, String text) {
    if (!text.matches("[\\x21-\\x7e]{8,1024}")) { // what can stand in a header
      throw new IllegalArgumentException(
          "expected a key of 8 to 1,024 ASCII characters in %s, got something else"
              .formatted(variable));
    }
    return new ApiKey(text);
  }

  String header() {
    return "Bearer " + secret;
  }

  /** A text without the key in it. */
  String hide(String text) {
    return text.replace(secret, HIDDEN);
  }

  @Override
  public String toString() {
    return HIDDEN;
  }
}
