package dev.loupe.web;

import dev.loupe.files.Excerpt;

/** A request that is not answered, with the HTTP status and a message for the person who asked. */
final class RequestException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;

  RequestException(int status, String message) {
    super(Excerpt.of(message));
    this.status = status;
  }

  static RequestException notFound(String message) {
    return new RequestException(404, message);
  }

  int status() {
    return status;
  }
}
