package dev.loupe.web;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Optional;

/**
 * Who may ask, and what browsers are told not to do: a request must name this server as its host
 * (else a page elsewhere could have its own name lead here), one that carries a body must come from
 * these pages or from no page, and a write must have the token that was printed at the start.
 */
final class Gate implements Filter {
  static final String TOKEN_HEADER = "X-Loupe-Token";

  private static final HeaderName TOKEN = HeaderNames.create(TOKEN_HEADER);
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline';"
          + " img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none';"
          + " frame-ancestors ";

  private final Hosts hosts;
  private final String token;

  /** Where nothing may be written, the token is one that nobody has. */
  Gate(Reach reach) {
    this.hosts = reach.hosts();
    this.token = reach.token().orElseGet(Reach::newToken);
  }

  /** What a write must carry. */
  String token() {
    return token;
  }

  @Override
  @SuppressWarnings("ThreadPriorityCheck") // fairness among virtual threads, no correctness
  public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    boolean embed = request.path().path().startsWith("/embed/");
    response.header(
        HeaderNames.create("Content-Security-Policy"), POLICY + (embed ? "*" : "'none'"));
    response.header(HeaderNames.create("X-Content-Type-Options"), "nosniff");
    response.header(HeaderNames.create("Referrer-Policy"), "no-referrer");
    response.header(HeaderNames.create("Cross-Origin-Resource-Policy"), "same-origin");
    if (!embed) {
      response.header(HeaderNames.create("X-Frame-Options"), "DENY");
    }
    String host = request.headers().first(HeaderNames.HOST).orElse("");
    if (!hosts.isOurs(host)) {
      throw new RequestException(
          421, "expected a request to %s, got one to '%s'".formatted(hosts, printable(host)));
    }
    if (!request.prologue().method().equals(Method.GET)
        && !request.prologue().method().equals(Method.HEAD)) {
      checkOrigin(request, host);
    }
    chain.proceed();
    Thread.yield(); // else clients that ask again at once keep the few carriers from the others
  }

  private static void checkOrigin(ServerRequest request, String host) {
    Optional<String> origin = request.headers().first(HeaderNames.ORIGIN);
    if (origin.isPresent() && !isOf(origin.get(), host)) {
      throw new RequestException(
          403,
          "expected a request from these pages (%s), got one from '%s'"
              .formatted(host, printable(origin.get())));
    }
    String type =
        request.headers().first(HeaderNames.CONTENT_TYPE).orElse("").toLowerCase(Locale.ROOT);
    if (!type.startsWith(Body.JSON)) {
      throw new RequestException(
          415, "expected a body of application/json, got '" + printable(type) + "'");
    }
  }

  private static boolean isOf(String origin, String host) {
    try {
      return host.equalsIgnoreCase(URI.create(origin).getRawAuthority());
    } catch (IllegalArgumentException e) {
      return false; // no address at all
    }
  }

  /** Refuses a write without the token. */
  void checkToken(ServerRequest request) {
    String got = request.headers().first(TOKEN).orElse("");
    if (!MessageDigest.isEqual(
        got.getBytes(StandardCharsets.UTF_8), token.getBytes(StandardCharsets.UTF_8))) {
      throw new RequestException(
          401,
          "expected the token of this server in "
              + TOKEN_HEADER
              + "; open the address that serve printed at its start");
    }
  }

  /** A part of a request in a message: short, and nothing a terminal obeys. */
  static String printable(String text) {
    String plain = text.replaceAll("\\p{Cntrl}", "?");
    return plain.length() <= 80 ? plain : plain.substring(0, 80) + "…";
  }
}
