package dev.loupe.web;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Suite;
import dev.loupe.files.FileFormatException;
import dev.loupe.notes.Notebook;
import dev.loupe.search.SemanticIndex;
import dev.loupe.search.TextEmbedding;
import dev.loupe.store.FeatureStore;
import dev.loupe.store.StoreException;
import io.helidon.http.HttpException;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.logging.Level;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server of the pages: static files from the jar, an API in JSON that scripts may use as well,
 * nothing from anywhere else. Runs until closed; thread-safe.
 */
public final class PageServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PageServer.class);
  private static final long MOST_BODY_BYTES = 256 * 1024;
  private static final int MOST_CONNECTIONS = 512;
  private static final java.util.logging.Logger HELIDON =
      java.util.logging.Logger.getLogger("io.helidon");

  /** Addresses that the page itself understands; others are answered with 404. */
  private static final Pattern PAGES =
      Pattern.compile(
          "/(d/[^/]+(/[^/]+)?|explanations(/[^/]+)?|rate/[^/]+|prompt|search|steer|compare|notes|embed/[^/]+/[^/]+)?/?");

  private final ServeSetup setup;
  private final Gate gate;
  private final WebServer server;
  private final Deque<AutoCloseable> owned = new ArrayDeque<>(); // last opened first

  private PageServer(ServeSetup setup) {
    this.setup = setup;
    HELIDON.setLevel(Level.WARNING);
    Thread.ofVirtual().name("pages").start(Assets::current);
    gate = new Gate(setup.reach());
    try {
      server =
          WebServer.builder()
              .host(setup.reach().host())
              .port(setup.reach().port())
              .maxPayloadSize(MOST_BODY_BYTES)
              .maxTcpConnections(MOST_CONNECTIONS)
              .shutdownHook(false)
              .shutdownGracePeriod(Duration.ofMillis(200))
              .idleConnectionTimeout(Duration.ofMinutes(2))
              .connectionOptions(
                  options -> options.tcpNoDelay(true).readTimeout(Duration.ofSeconds(30)))
              .routing(this::routing)
              .build()
              .start();
    } catch (RuntimeException | Error e) {
      close(e);
      throw e;
    }
    if (!server.isRunning()) {
      throw new IllegalStateException("the server did not start");
    }
  }

  /**
   * Starts a server; the caller closes it.
   *
   * @throws UncheckedIOException where it cannot listen, as at a port that is taken
   */
  public static PageServer start(ServeSetup setup) {
    checkFree(setup.reach());
    return new PageServer(setup);
  }

  /** The server itself says on the console, and to nobody else, why it cannot listen. */
  private static void checkFree(Reach reach) {
    try (ServerSocketChannel channel = ServerSocketChannel.open()) {
      channel.bind(new InetSocketAddress(reach.host(), reach.port()));
    } catch (IOException | UnresolvedAddressException e) {
      String reason = e.getMessage() == null ? "no such address" : e.getMessage();
      throw new UncheckedIOException(
          "cannot listen at %s:%d (%s); --port chooses another port, --host another address"
              .formatted(reach.host(), reach.port(), reason),
          new IOException(reason, e));
    }
  }

  /** Where it listens. */
  public int port() {
    return server.port();
  }

  /** The address of the pages, for a browser on this machine. */
  public String url() {
    Reach reach = setup.reach();
    String host = reach.hosts().anyAddress() ? "127.0.0.1" : reach.host();
    return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port() + "/";
  }

  /** What a write must carry, in the header {@code X-Loupe-Token}. */
  public String token() {
    return gate.token();
  }

  private <T extends AutoCloseable> T own(T resource) {
    owned.push(resource);
    return resource;
  }

  private void routing(HttpRouting.Builder routing) {
    Suite suite = setup.suite();
    boolean readOnly = setup.reach().readOnly();
    Stores stores = own(new Stores(suite));
    Path cache = suite.directory().resolve("cache");
    Records records = own(new Records(cache, stores));
    Columns columns = new Columns(stores);
    Interpretations said = new Interpretations(suite);
    SemanticIndex index =
        own(new SemanticIndex(cache, columns::tokenColumns, said, TextEmbedding::load));
    Notebook notebook = Notebook.open(suite.directory(), readOnly, InstantSource.system());
    Thread.ofVirtual().name("warm-up").start(() -> warmUp(stores));
    routing
        .addFilter(gate)
        .register("/api", new SuiteRoutes(suite, stores, setup.model().isPresent(), readOnly))
        .register("/api/dictionaries", new DictionaryRoutes(suite, stores, records, columns))
        .register("/api", new SearchRoutes(suite, stores, columns, notebook, said, index))
        .register("/api/explanations", new ExplanationRoutes(said, stores))
        .register("/api", new InterpretationRoutes(suite, said, stores))
        .register("/api/ratings", new RatingRoutes(suite, said, stores, gate, readOnly))
        .register("/", new ReportRoutes(suite))
        .register("/api/notes", new NotesRoutes(notebook, stores, gate))
        .register("/api", new ModelRoutes(setup.model().map(open -> own(new ModelQueue(open)))))
        .get("/api/health", (request, response) -> health(request, response, stores))
        .route(Method.HEAD, "/api/health", (request, response) -> health(request, response, stores))
        .get("/assets/{version}/{+path}", PageServer::asset)
        .route(Method.HEAD, "/assets/{version}/{+path}", PageServer::asset)
        .get("/*", PageServer::page)
        .route(Method.HEAD, "/*", PageServer::page)
        .error(
            RequestException.class,
            (request, response, e) ->
                Answers.error(request, response, e.status(), String.valueOf(e.getMessage())))
        .error(
            HttpException.class,
            (request, response, e) ->
                Answers.error(request, response, e.status().code(), String.valueOf(e.getMessage())))
        .error(
            IllegalArgumentException.class,
            (request, response, e) ->
                Answers.error(request, response, 400, String.valueOf(e.getMessage())))
        .error(Exception.class, PageServer::failed);
  }

  /** What the first page needs beside its own files: the database's native library. */
  private static void warmUp(Stores stores) {
    try {
      for (DictionaryName first : stores.summaries().keySet().stream().limit(1).toList()) {
        stores.ask(first, FeatureStore::windowCount);
      }
    } catch (RuntimeException e) {
      LOG.debug("the warm-up failed; the first request will say why", e);
    }
  }

  /** For what watches the server: asks no store, and no model. */
  private static void health(ServerRequest request, ServerResponse response, Stores stores) {
    Answers.fresh(
        request,
        response,
        Map.of(
            "status", "up",
            "version", Assets.current().version(),
            "changed", stores.changed()));
  }

  private static void asset(ServerRequest request, ServerResponse response) {
    Assets assets = Assets.current();
    String path = request.path().pathParameters().get("path");
    Body body = assets.files().get(path);
    if (body == null) {
      throw RequestException.notFound("no file " + Gate.printable(path) + " of the pages");
    }
    if (request.path().pathParameters().get("version").equals(assets.version())) {
      Answers.immutable(request, response, body);
    } else {
      Answers.tagged(request, response, body); // a page of an earlier version
    }
  }

  private static void page(ServerRequest request, ServerResponse response) {
    String path = request.path().path();
    if (path.startsWith("/api/")) {
      throw RequestException.notFound(
          "no " + Gate.printable(path) + " here; /api/openapi.json lists what there is");
    }
    if (!PAGES.matcher(path).matches()) {
      response.status(Status.NOT_FOUND_404);
    }
    Answers.tagged(request, response, Assets.current().index());
  }

  /** Something is wrong here, not with the request; the log says what. */
  private static void failed(ServerRequest request, ServerResponse response, Exception e) {
    LOG.error("cannot answer {}", Gate.printable(request.path().path()), e);
    boolean known =
        e instanceof StoreException
            || e instanceof FileFormatException
            || e instanceof UncheckedIOException; // such as a full disk
    Answers.error(
        request,
        response,
        500,
        known ? String.valueOf(e.getMessage()) : "the server failed; its log says why");
  }

  private void close(Throwable cause) {
    try {
      close();
    } catch (RuntimeException e) {
      cause.addSuppressed(e);
    }
  }

  @Override
  public void close() {
    if (server != null) {
      server.stop();
    }
    RuntimeException failure = new IllegalStateException("cannot stop the server");
    while (!owned.isEmpty()) {
      try {
        owned.pop().close();
      } catch (Exception e) {
        failure.addSuppressed(e);
      }
    }
    if (failure.getSuppressed().length > 0) {
      throw failure;
    }
  }
}
