package dev.loupe.web;

import dev.loupe.analyze.Analysis;
import dev.loupe.analyze.AnalysisSetup;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Suite;
import dev.loupe.files.Checksums;
import dev.loupe.store.FeatureStore;
import dev.loupe.store.StoreSummary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;

/**
 * The feature stores of a suite, opened when they are asked and closed when others are: one
 * question of a store at a time. Owns them until closed.
 */
final class Stores implements AutoCloseable {
  private static final int OPEN = 6;

  private final Suite suite;
  private final Map<DictionaryName, StoreSummary> summaries = new LinkedHashMap<>();
  private final Map<DictionaryName, String> contents = new LinkedHashMap<>(); // sums of their files
  private final Map<DictionaryName, Lent> open = new LinkedHashMap<>(16, 0.75f, true);
  private boolean closed;

  /**
   * Threads of their own: a question is native code, which keeps the carrier of a virtual thread,
   * so that two of them would stop all other answers of a machine with two processors.
   */
  private final ExecutorService askers =
      Executors.newFixedThreadPool(OPEN, Thread.ofPlatform().daemon().name("store-", 0).factory());

  /** A store, and how many are asking it. */
  private static final class Lent {
    private int users;
    private Optional<FeatureStore> store = Optional.empty();
  }

  Stores(Suite suite) {
    this.suite = suite;
    for (DictionaryName name : suite.names()) {
      Path folder = AnalysisSetup.features(suite).resolve(name.toString());
      if (FeatureStore.isWritten(folder)) {
        contents.put(name, sums(folder));
        summaries.put(name, FeatureStore.summary(folder));
      }
    }
  }

  /** What the stores there are say of their dictionaries, in the suite's order. */
  Map<DictionaryName, StoreSummary> summaries() {
    return summaries;
  }

  /** Those whose stores on the disk are not what they were when the server started. */
  List<DictionaryName> changed() {
    return suite.names().stream().filter(this::isChanged).toList();
  }

  /** What stays in memory is of the store that was there at the start: nobody may see a mixture. */
  private boolean isChanged(DictionaryName name) {
    Path folder = AnalysisSetup.features(suite).resolve(name.toString());
    return !sums(folder).equals(contents.getOrDefault(name, ""));
  }

  /** What tells one analysis from another; empty where there is none. */
  private static String sums(Path folder) {
    try {
      return FeatureStore.isWritten(folder)
          ? Files.readString(folder.resolve(Checksums.FILE), StandardCharsets.ISO_8859_1)
          : "";
    } catch (IOException e) {
      return ""; // it is being replaced
    }
  }

  /** What a dictionary's store says of it. */
  StoreSummary summary(DictionaryName name) {
    StoreSummary summary = summaries.get(name);
    if (isChanged(name)) {
      throw new RequestException(
          409,
          "%s was analysed after this server started; start it again to see that".formatted(name));
    }
    if (summary == null) {
      throw suite.names().contains(name)
          ? RequestException.notFound(
              "expected an analysis of %s, got none; `loupe analyze` writes it".formatted(name))
          : RequestException.notFound(
              "expected one of the suite's %d dictionaries, got %s; /api/suite lists them"
                  .formatted(suite.names().size(), name));
    }
    return summary;
  }

  /** Asks a store; others who ask the same one wait. */
  <T> T ask(DictionaryName name, Function<FeatureStore, T> question) {
    summary(name);
    Lent lent = take(name);
    try {
      return CompletableFuture.supplyAsync(() -> asked(name, lent, question), askers).join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException failure ? failure : e;
    } catch (RejectedExecutionException e) {
      throw new RequestException(503, "the server is stopping");
    } finally {
      giveBack(lent);
    }
  }

  private <T> T asked(DictionaryName name, Lent lent, Function<FeatureStore, T> question) {
    synchronized (lent) {
      if (lent.store.isEmpty()) {
        lent.store = Optional.of(Analysis.open(suite, name));
      }
      return question.apply(lent.store.get());
    }
  }

  private synchronized Lent take(DictionaryName name) {
    if (closed) {
      throw new RequestException(503, "the server is stopping");
    }
    Lent lent = open.computeIfAbsent(name, _ -> new Lent());
    lent.users++;
    return lent;
  }

  private void giveBack(Lent lent) {
    List<FeatureStore> unused = new ArrayList<>();
    synchronized (this) {
      lent.users--;
      Iterator<Lent> oldest = open.values().iterator();
      while (oldest.hasNext() && (closed || open.size() > OPEN)) {
        Lent each = oldest.next();
        if (each.users == 0) {
          oldest.remove();
          each.store.ifPresent(unused::add);
        }
      }
    }
    unused.forEach(FeatureStore::close);
  }

  /** Closes those that nobody asks; the others are closed by the last who asks them. */
  @Override
  public void close() {
    List<FeatureStore> unused = new ArrayList<>();
    synchronized (this) {
      closed = true;
      open.values()
          .removeIf(each -> {
            if (each.users == 0) {
              each.store.ifPresent(unused::add);
            }
            return each.users == 0;
          });
    }
    unused.forEach(FeatureStore::close);
    askers.shutdown();
  }
}
