package dev.loupe.web;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Where pages are, by which names they may be called, and who may write.
 *
 * @param host to listen at: a loopback address unless others are to reach it
 * @param port to listen at; 0 for any free one
 * @param names further ones that a request may call the server by, as behind a proxy
 * @param token what a write must carry; empty where nothing may be written
 */
public record Reach(String host, int port, Set<String> names, Optional<String> token) {
  /** Where the pages are unless told otherwise. */
  public static final int PORT = 7007;

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9.-]{0,252}");
  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9_-]{16,200}");
  private static final int TOKEN_BYTES = 18;

  public Reach {
    names = Set.copyOf(names);
    if (host.isBlank()) {
      throw new IllegalArgumentException("expected a host to listen at, got a blank");
    }
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("expected a port from 0 to 65535, got " + port);
    }
    for (String name : names) {
      if (!NAME.matcher(name).matches()) {
        throw new IllegalArgumentException(
            "expected names without ports or slashes, such as loupe.example.org, got '%s'"
                .formatted(Gate.printable(name)));
      }
    }
    if (token.isPresent() && !TOKEN.matcher(token.get()).matches()) {
      throw new IllegalArgumentException(
          "expected a token of 16 to 200 letters, digits, - and _, got %d characters"
              .formatted(token.get().length()));
    }
  }

  /** This machine only, at any free port, with a new token or for nobody to write. */
  public static Reach local(boolean readOnly) {
    return new Reach(
        "127.0.0.1", 0, Set.of(), readOnly ? Optional.empty() : Optional.of(newToken()));
  }

  /** A token that nobody guesses. */
  public static String newToken() {
    byte[] random = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(random);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
  }

  /** The names that a request may call the server by. */
  Hosts hosts() {
    return Hosts.of(host, names);
  }

  boolean readOnly() {
    return token.isEmpty();
  }
}
