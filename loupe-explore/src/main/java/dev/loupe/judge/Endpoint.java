package dev.loupe.judge;

import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * A server that speaks OpenAI's protocol, and the model of it that is asked.
 *
 * @param base what {@code /chat/completions} follows, such as {@code http://127.0.0.1:8080/v1}
 * @param model its name at the server
 */
public record Endpoint(URI base, String model, Optional<ApiKey> key) {
  private static final Set<String> HERE = Set.of("localhost", "127.0.0.1", "[::1]");

  public Endpoint {
    String scheme = base.getScheme() == null ? "" : base.getScheme().toLowerCase(Locale.ROOT);
    boolean plain =
        base.getUserInfo() == null && base.getQuery() == null && base.getFragment() == null;
    if (!Set.of("http", "https").contains(scheme) || base.getHost() == null || !plain) {
      throw new IllegalArgumentException(
          "expected an address such as http://127.0.0.1:8080/v1 for the judge, got one of scheme "
              + "'%s' and host '%s'; a key belongs into the environment variable %s"
                  .formatted(scheme, base.getHost(), ApiKey.VARIABLE));
    }
    if (model.isBlank()) {
      throw new IllegalArgumentException("expected the name of the judge's model, got none");
    }
  }

  /** Whether an address is on this machine. */
  public static boolean isHere(URI address) {
    return address.getHost() != null && HERE.contains(address.getHost().toLowerCase(Locale.ROOT));
  }

  /** Whether asking it leaves this machine. */
  public boolean isHere() {
    return isHere(base);
  }

  String hide(String text) {
    return key.map(secret -> secret.hide(text)).orElse(text);
  }
}
