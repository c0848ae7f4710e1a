package dev.loupe.web;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.files.Checksums;
import dev.loupe.store.FeatureJson;
import dev.loupe.store.FeatureStore;
import dev.loupe.store.SampleKind;
import dev.loupe.store.SampleRow;
import dev.loupe.store.StoreSummary;
import dev.loupe.store.StoredFeature;
import dev.loupe.store.WindowRow;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All that the store has of a feature, as an answer. The first questions about a dictionary are
 * answered from its feature store, and have {@link RecordFiles} made in the background, from which
 * later ones are answered, in this run and the next. Owns those files until closed.
 */
final class Records implements AutoCloseable {
  /** To be raised when the answers or the files change their form. */
  private static final int FORM = 2;

  private static final Set<SampleKind> ALL = EnumSet.allOf(SampleKind.class);
  private static final Logger LOG = LoggerFactory.getLogger(Records.class);

  private final Path folder;
  private final Stores stores;
  private final Map<DictionaryName, RecordFiles> files = new ConcurrentHashMap<>();
  private final Set<DictionaryName> asked = ConcurrentHashMap.newKeySet();
  private final ExecutorService maker =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().name("records").daemon().factory());
  private volatile boolean closed;

  /**
   * @param folder for the files, which may be removed at any time
   */
  Records(Path folder, Stores stores) {
    this.folder = folder;
    this.stores = stores;
  }

  /** Everything about a feature. */
  Body of(DictionaryName name, int feature) {
    StoreSummary summary = stores.summary(name);
    check(summary, feature);
    if (asked.add(name)) {
      openOrMake(name, summary);
    }
    @Nullable RecordFiles kept = files.get(name);
    byte[] json = kept == null ? made(name, feature) : kept.answer(feature);
    return new Body(
        Body.JSON, Body.gzip(json), true, "\"%.16s-%d\"".formatted(key(summary), feature));
  }

  static void check(StoreSummary summary, int feature) {
    if (feature < 0 || feature >= summary.features()) {
      throw RequestException.notFound(
          "expected a feature of %s from 0 to %d, got %d"
              .formatted(summary.dictionary(), summary.features() - 1, feature));
    }
  }

  private void openOrMake(DictionaryName name, StoreSummary summary) {
    Optional<RecordFiles> found = RecordFiles.open(folder, name.toString(), key(summary));
    if (found.isPresent()) {
      files.put(name, found.get());
    } else {
      maker.execute(() -> make(name, summary));
    }
  }

  private void make(DictionaryName name, StoreSummary summary) {
    String label = name.toString();
    try {
      Files.createDirectories(folder);
      int windows = stores.ask(name, FeatureStore::windowCount);
      RecordFile.write(
          RecordFiles.windowFile(folder, label),
          key(summary),
          windows,
          new Batches(windows, (from, to) -> windows(name, from, to)));
      RecordFile.write(
          RecordFiles.featureFile(folder, label),
          key(summary),
          summary.features(),
          new Batches(summary.features(), (from, to) -> entries(name, from, to)));
      RecordFiles.open(folder, label, key(summary)).ifPresent(made -> files.put(name, made));
    } catch (RuntimeException | IOException e) {
      if (!closed) { // pages are slower without, and complete
        LOG.warn("cannot keep the records of {} in {}: {}", name, folder, e.getMessage());
      }
    }
  }

  private List<byte[]> entries(DictionaryName name, int from, int to) {
    checkOpen();
    List<Integer> batch = IntStream.range(from, to).boxed().toList();
    return stores.ask(
        name,
        store -> {
          Map<Integer, List<SampleRow>> samples = store.samples(batch);
          return store.read(batch, Set.of()).stream()
              .map(stored ->
                  RecordFiles.entry(
                      numbers(name, stored),
                      samples.getOrDefault(stored.feature().feature(), List.of())))
              .toList();
        });
  }

  /** An entry for each number; an empty one where the store has no such window. */
  private List<byte[]> windows(DictionaryName name, int from, int to) {
    checkOpen();
    byte[][] entries = new byte[to - from][0];
    List<Integer> batch = IntStream.range(from, to).boxed().toList();
    for (WindowRow window : stores.ask(name, store -> store.windows(batch))) {
      entries[window.window() - from] = RecordFiles.entry(window);
    }
    return List.of(entries);
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the server is stopping");
    }
  }

  private byte[] made(DictionaryName name, int feature) {
    return answer(name, stores.ask(name, store -> store.read(List.of(feature), ALL).getFirst()));
  }

  /** The answer about a feature, from all that the store has of it. */
  static byte[] answer(DictionaryName name, StoredFeature stored) {
    return RecordFiles.withSamples(Body.jsonBytes(numbers(name, stored)), stored.samples());
  }

  private static Map<String, Object> numbers(DictionaryName name, StoredFeature stored) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("dictionary", name);
    json.putAll(FeatureJson.withoutSamples(stored));
    return json;
  }

  private static String key(StoreSummary summary) {
    byte[] named = (summary.request() + " " + FORM).getBytes(StandardCharsets.UTF_8);
    return Checksums.sha256(named);
  }

  @Override
  public void close() {
    closed = true;
    maker.shutdown();
    files.values().forEach(RecordFiles::close);
  }
}
