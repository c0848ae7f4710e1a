package dev.loupe.judge;

import com.openai.core.RequestOptions;
import com.openai.core.http.Headers;
import com.openai.core.http.HttpClient;
import com.openai.core.http.HttpRequest;
import com.openai.core.http.HttpResponse;
import com.openai.errors.OpenAIIoException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The client's connection, over the JDK's. The one that comes with the client follows redirects,
 * with the prompt, to any host; this one talks to the endpoint alone, sends nothing about the
 * machine, bounds the time of a whole exchange, not of its parts, and the size of what comes, and
 * ends when its thread is interrupted.
 */
final class Transport implements HttpClient {
  /** No answer is near as long. */
  static final int MAX_BYTES = 8 << 20;

  private final Endpoint endpoint;
  private final Duration timeout;
  private final java.net.http.HttpClient client;

  Transport(Endpoint endpoint, Duration timeout) {
    this.endpoint = endpoint;
    this.timeout = timeout;
    this.client =
        java.net.http.HttpClient.newBuilder()
            .version(java.net.http.HttpClient.Version.HTTP_1_1)
            .followRedirects(java.net.http.HttpClient.Redirect.NEVER)
            .connectTimeout(timeout)
            .build();
  }

  @Override
  public HttpResponse execute(HttpRequest request, RequestOptions options) {
    CompletableFuture<java.net.http.HttpResponse<byte[]>> exchange =
        client.sendAsync(
            jdkRequest(request), BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_BYTES));
    try {
      return response(exchange.get(timeout.toNanos(), TimeUnit.NANOSECONDS));
    } catch (TimeoutException e) {
      throw new OpenAIIoException("no whole answer within %,d ms".formatted(timeout.toMillis()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new OpenAIIoException("interrupted", e);
    } catch (ExecutionException e) {
      throw new OpenAIIoException(said(e.getCause()), e.getCause());
    } finally {
      exchange.cancel(true); // nothing, once it is done
    }
  }

  /** The JDK has no words for some. */
  private static String said(Throwable cause) {
    return switch (cause) {
      case ConnectException e -> "connection refused";
      case IOException e when e.getMessage() != null -> e.getMessage();
      default -> cause.toString();
    };
  }

  private java.net.http.HttpRequest jdkRequest(HttpRequest request) {
    URI address = URI.create(request.url());
    if (!address.getAuthority().equals(endpoint.base().getAuthority())) {
      throw new IllegalStateException(
          "expected a request to %s, got one to %s".formatted(endpoint.base(), address));
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    if (request.body() != null) {
      request.body().writeTo(body);
    }
    var jdk =
        java.net.http.HttpRequest.newBuilder(address)
            .header("Content-Type", "application/json")
            .header("Accept", "application/json")
            .header("User-Agent", "loupe")
            .method(request.method().name(), BodyPublishers.ofByteArray(body.toByteArray()));
    endpoint.key().ifPresent(key -> jdk.header("Authorization", key.header()));
    return jdk.build();
  }

  private static HttpResponse response(java.net.http.HttpResponse<byte[]> response) {
    Headers.Builder headers = Headers.builder();
    response
        .headers()
        .map()
        .forEach((name, values) -> {
          if (!name.startsWith(":")) {
            headers.put(name.toLowerCase(Locale.ROOT), values);
          }
        });
    return new Response(response.statusCode(), headers.build(), response.body());
  }

  @Override
  public CompletableFuture<HttpResponse> executeAsync(HttpRequest request, RequestOptions options) {
    return CompletableFuture.supplyAsync(() -> execute(request, options));
  }

  @Override
  public void close() {
    client.shutdownNow();
  }

  private static final class Response implements HttpResponse {
    private final int status;
    private final Headers headers;
    private final byte[] bytes;

    Response(int status, Headers headers, byte[] bytes) {
      this.status = status;
      this.headers = headers;
      this.bytes = bytes;
    }

    @Override
    public int statusCode() {
      return status;
    }

    @Override
    public Headers headers() {
      return headers;
    }

    @Override
    public InputStream body() {
      return new ByteArrayInputStream(bytes);
    }

    @Override
    public void close() {}
  }
}
