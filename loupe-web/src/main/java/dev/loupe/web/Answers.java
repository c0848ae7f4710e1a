package dev.loupe.web;

import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.Map;

/** How answers are sent. */
final class Answers {
  private Answers() {}

  /** What stays the same as long as its tag does: a browser asks whether it still holds. */
  static void tagged(ServerRequest request, ServerResponse response, Body body) {
    response.header(HeaderNames.CACHE_CONTROL, "private, no-cache");
    send(request, response, body);
  }

  /** What never changes at this address. */
  static void immutable(ServerRequest request, ServerResponse response, Body body) {
    response.header(HeaderNames.CACHE_CONTROL, "public, max-age=31536000, immutable");
    send(request, response, body);
  }

  /** What may be another a moment later. */
  static void fresh(ServerRequest request, ServerResponse response, Object document) {
    response.header(HeaderNames.CACHE_CONTROL, "no-store");
    send(request, response, Body.json(document));
  }

  static void error(ServerRequest request, ServerResponse response, int status, String message) {
    response.status(Status.create(status));
    response.header(HeaderNames.CACHE_CONTROL, "no-store");
    response.header(HeaderNames.CONTENT_TYPE, Body.JSON);
    deliver(request, response, Body.jsonBytes(Map.of("error", message)));
  }

  private static void send(ServerRequest request, ServerResponse response, Body body) {
    response.header(HeaderNames.ETAG, body.etag());
    response.header(HeaderNames.VARY, "Accept-Encoding");
    if (request.headers().first(HeaderNames.IF_NONE_MATCH).orElse("").contains(body.etag())) {
      response.status(Status.NOT_MODIFIED_304).send();
      return;
    }
    response.header(HeaderNames.CONTENT_TYPE, body.type());
    boolean zips = request.headers().first(HeaderNames.ACCEPT_ENCODING).orElse("").contains("gzip");
    if (body.gzipped() && zips) {
      response.header(HeaderNames.CONTENT_ENCODING, "gzip");
      deliver(request, response, body.bytes());
    } else {
      deliver(request, response, body.plain());
    }
  }

  /** Who asks for the head alone gets no more: the rest would be taken for the next answer. */
  private static void deliver(ServerRequest request, ServerResponse response, byte[] bytes) {
    if (request.prologue().method().equals(Method.HEAD)) {
      response.header(HeaderNames.CONTENT_LENGTH, String.valueOf(bytes.length));
      response.send();
    } else {
      response.send(bytes);
    }
  }
}
