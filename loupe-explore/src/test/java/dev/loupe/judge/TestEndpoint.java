package dev.loupe.judge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.loupe.files.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A server of the chat protocol on this machine that does as it is told: each request the next of
 * its behaviours, the last for ever.
 */
public final class TestEndpoint implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final ConcurrentLinkedQueue<Behaviour> behaviours = new ConcurrentLinkedQueue<>();
  private final List<Received> received = new CopyOnWriteArrayList<>();
  private final AtomicInteger underWay = new AtomicInteger();
  private final AtomicInteger mostUnderWay = new AtomicInteger();

  /** A request as it came. */
  public record Received(String path, Headers headers, ObjectNode body) {
    /** The texts of its messages. */
    public String text() {
      StringBuilder text = new StringBuilder();
      body.path("messages").forEach(message -> text.append(message.path("content").asText()));
      return text.toString();
    }
  }

  /** What to do with a request. */
  @FunctionalInterface
  public interface Behaviour {
    void reply(HttpExchange exchange, Received request, CountDownLatch closed)
        throws IOException, InterruptedException;
  }

  private TestEndpoint(HttpServer server) {
    this.server = server;
  }

  public static TestEndpoint open(Behaviour... behaviours) {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      TestEndpoint endpoint = new TestEndpoint(server);
      endpoint.behaviours.addAll(List.of(behaviours));
      server.setExecutor(endpoint.threads);
      server.createContext("/", endpoint::handle);
      server.start();
      return endpoint;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public URI base() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/v1");
  }

  /** The requests so far. */
  public List<Received> received() {
    return List.copyOf(received);
  }

  /** How many were being answered at once, at most. */
  int mostUnderWay() {
    return mostUnderWay.get();
  }

  private void handle(HttpExchange exchange) throws IOException {
    mostUnderWay.accumulateAndGet(underWay.incrementAndGet(), Math::max);
    try (exchange) {
      JsonNode body = Json.mapper().readTree(exchange.getRequestBody());
      Received request =
          new Received(
              exchange.getRequestURI().toString(),
              exchange.getRequestHeaders(),
              body instanceof ObjectNode object ? object : Json.mapper().createObjectNode());
      received.add(request);
      Behaviour next = behaviours.size() > 1 ? behaviours.poll() : behaviours.peek();
      if (next != null) {
        next.reply(exchange, request, closed);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      underWay.decrementAndGet();
    }
  }

  /** A good answer of 100 tokens to a prompt of 1,000. */
  public static Behaviour says(String content) {
    return says(content, "stop");
  }

  static Behaviour says(String content, String finish) {
    ObjectNode completion = completion(finish);
    ((ObjectNode) completion.path("choices").path(0).path("message")).put("content", content);
    return body(200, completion.toString());
  }

  /** Answers whatever Loupe asks, in the shape that is asked for, and without looking. */
  public static Behaviour answering() {
    return (exchange, request, closed) -> {
      String shape = request.body().at("/response_format/json_schema/name").asText();
      String answer =
          switch (shape) {
            case "explanation" -> "{\"explanation\":\"words of a judge\"}";
            case "rated_explanation" ->
                "{\"explanation\":\"rated words\",\"consistency\":4,\"complexity\":2}";
            case "items" -> items(request.text());
            case "intruder" -> "{\"intruder\":2}";
            default -> "{\"items\":[{\"id\":1,\"tokens\":[{\"n\":3,\"value\":9}]}]}";
          };
      says(answer).reply(exchange, request, closed);
    };
  }

  private static String items(String text) {
    return Pattern.compile("(?m)^\\[(\\d+)\\] ")
        .matcher(text)
        .results()
        .map(line -> line.group(1))
        .map(id -> "{\"id\":%s,\"active\":%s,\"p\":0.%s}".formatted(id, id.equals("1"), id))
        .collect(Collectors.joining(",", "{\"items\":[", "]}"));
  }

  /** A completion without content. */
  static ObjectNode completion(String finish) {
    ObjectNode completion = Json.mapper().createObjectNode();
    completion.put("id", "1").put("object", "chat.completion").put("created", 1).put("model", "m");
    ObjectNode choice = completion.putArray("choices").addObject();
    choice.put("index", 0).put("finish_reason", finish);
    choice.putObject("message").put("role", "assistant");
    ObjectNode usage = completion.putObject("usage");
    usage.put("prompt_tokens", 1_000).put("completion_tokens", 100).put("total_tokens", 1_100);
    usage.putObject("prompt_tokens_details").put("cached_tokens", 40);
    return completion;
  }

  static Behaviour error(int status, String message, String... headers) {
    ObjectNode error = Json.mapper().createObjectNode();
    error.putObject("error").put("message", message).put("type", "t").putNull("code");
    return body(status, error.toString(), headers);
  }

  static Behaviour body(int status, String body, String... headers) {
    return (exchange, _, _) -> {
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      for (int i = 0; i < headers.length; i += 2) {
        exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
      }
      exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
      exchange.getResponseBody().write(bytes);
    };
  }

  /** Says nothing until the test is over. */
  static Behaviour hangs() {
    return (_, _, closed) -> closed.await();
  }

  /** Begins a body, and closes the connection. */
  static Behaviour breaksOff() {
    return (exchange, _, _) -> {
      exchange.sendResponseHeaders(200, 10_000);
      exchange.getResponseBody().write("{\"choices\":[".getBytes(StandardCharsets.UTF_8));
      exchange.getResponseBody().flush();
    };
  }

  /** A byte now and then. */
  static Behaviour drips() {
    return (exchange, _, closed) -> {
      exchange.sendResponseHeaders(200, 10_000);
      for (int i = 0; i < 10_000 && !closed.await(10, TimeUnit.MILLISECONDS); i++) {
        exchange.getResponseBody().write(' ');
        exchange.getResponseBody().flush();
      }
    };
  }

  /** More than anybody reads. */
  static Behaviour floods() {
    return (exchange, _, _) -> {
      exchange.sendResponseHeaders(200, 0);
      byte[] much = new byte[1 << 20];
      for (int i = 0; i < 64; i++) {
        exchange.getResponseBody().write(much);
      }
    };
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
