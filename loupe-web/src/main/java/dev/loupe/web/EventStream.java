package dev.loupe.web;

import dev.loupe.files.Json;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What work for the model gives, as lines of JSON, each sent at once. An empty line a quarter of a
 * second tells whether the client is still there; work for one that left is cancelled, as is work
 * beyond its time. A failure before the first event is an answer of its own; later it is a line.
 */
final class EventStream {
  private static final long BEAT_MILLIS = 250;
  private static final long MOST_SECONDS = 180;

  private final ServerRequest request;
  private final ServerResponse response;
  private @Nullable OutputStream out;

  EventStream(ServerRequest request, ServerResponse response) {
    this.request = request;
    this.response = response;
  }

  void send(ModelQueue.Job job) {
    long deadline = System.nanoTime() + MOST_SECONDS * 1_000_000_000L;
    try {
      while (!sent(job.next(BEAT_MILLIS))) {
        if (System.nanoTime() > deadline) {
          throw new RequestException(
              503, "expected the work to end in %d s; ask for less".formatted(MOST_SECONDS));
        }
      }
      close();
    } catch (IOException | UncheckedIOException e) {
      response.streamResult("the client left"); // so that nothing more is sent
    } catch (RequestException e) {
      fail(e.status(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      job.cancel();
    }
  }

  /** Sends an event, or a sign of life where there is none; whether it was the last. */
  private boolean sent(ModelQueue.@Nullable Event event) throws IOException {
    if (event == null) {
      line(new byte[0]);
      return false;
    }
    if (event.failure() != null) {
      fail(status(event.failure()), event.failure());
      return true;
    }
    if (event.value() != null) {
      line(Json.mapper().writeValueAsBytes(event.value()));
    }
    return event.isLast();
  }

  private static int status(Throwable failure) {
    return switch (failure) {
      case RequestException refused -> refused.status();
      case IllegalArgumentException _ -> 400;
      default -> 500;
    };
  }

  private void fail(int status, Throwable failure) {
    String message = String.valueOf(failure.getMessage());
    if (out == null) {
      Answers.error(request, response, status, message);
      return;
    }
    try {
      line(
          Json.mapper()
              .writeValueAsBytes(Map.of("type", "error", "status", status, "error", message)));
      close();
    } catch (IOException e) {
      response.streamResult("the client left");
    }
  }

  private void line(byte[] json) throws IOException {
    OutputStream to = out;
    if (to == null) {
      response.header(HeaderNames.CONTENT_TYPE, "application/x-ndjson");
      response.header(HeaderNames.CACHE_CONTROL, "no-store");
      to = response.outputStream();
      out = to;
    }
    to.write(json);
    to.write('\n');
    to.flush();
  }

  private void close() throws IOException {
    if (out != null) {
      out.close();
    }
  }
}
