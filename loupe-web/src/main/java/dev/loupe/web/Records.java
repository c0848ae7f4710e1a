package dev.loupe.web;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.files.Checksums;
import dev.loupe.store.FeatureJson;
import dev.loupe.store.SampleKind;
import dev.loupe.store.StoreSummary;
import dev.loupe.store.StoredFeature;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All that the store has of a feature, as an answer. The first question about a dictionary is
 * answered from its feature store, and has a {@link RecordFile} made beside, from which the next
 * ones are answered, in this run and in later ones. Owns its files until closed.
 */
final class Records implements AutoCloseable {
  /** To be raised when the answers change their form. */
  private static final int FORM = 1;

  /** Features that are read from a store at a time. */
  private static final int BATCH = 128;

  private static final Logger LOG = LoggerFactory.getLogger(Records.class);

  private final Path folder;
  private final Stores stores;
  private final Map<DictionaryName, RecordFile> files = new ConcurrentHashMap<>();
  private final Map<DictionaryName, Boolean> begun = new ConcurrentHashMap<>();
  private final ExecutorService maker =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().name("records").daemon().priority(Thread.MIN_PRIORITY).factory());
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
    RecordFile file = files.get(name);
    if (file == null && begun.putIfAbsent(name, true) == null) {
      file = openOrMake(name, summary);
    }
    byte[] bytes = file == null ? made(name, feature) : file.entry(feature);
    return new Body(Body.JSON, bytes, true, "\"%.16s-%d\"".formatted(key(summary), feature));
  }

  static void check(StoreSummary summary, int feature) {
    if (feature < 0 || feature >= summary.features()) {
      throw RequestException.notFound(
          "expected a feature of %s from 0 to %d, got %d"
              .formatted(summary.dictionary(), summary.features() - 1, feature));
    }
  }

  private RecordFile openOrMake(DictionaryName name, StoreSummary summary) {
    Optional<RecordFile> found = RecordFile.open(path(name), key(summary), summary.features());
    if (found.isPresent()) {
      files.put(name, found.get());
      return found.get();
    }
    maker.execute(() -> make(name, summary));
    return null;
  }

  private void make(DictionaryName name, StoreSummary summary) {
    try {
      Files.createDirectories(folder);
      RecordFile.write(path(name), key(summary), summary.features(), new Answers(name, summary));
      RecordFile.open(path(name), key(summary), summary.features())
          .ifPresent(file -> files.put(name, file));
    } catch (RuntimeException | IOException e) {
      if (!closed) { // pages are slower without, and complete
        LOG.warn("cannot keep the answers about {} in {}: {}", name, folder, e.getMessage());
      }
    }
  }

  /** The answers about all features, in order, a batch at a time. */
  private final class Answers implements Iterator<byte[]> {
    private final DictionaryName name;
    private final int features;
    private final Queue<byte[]> ready = new ArrayDeque<>();
    private int next;

    Answers(DictionaryName name, StoreSummary summary) {
      this.name = name;
      this.features = summary.features();
    }

    @Override
    public boolean hasNext() {
      return !ready.isEmpty() || next < features;
    }

    @Override
    public byte[] next() {
      if (ready.isEmpty()) {
        if (closed) {
          throw new IllegalStateException("the server is stopping");
        }
        int to = Math.min(features, next + BATCH);
        List<Integer> batch = IntStream.range(next, to).boxed().toList();
        stores
            .ask(name, store -> store.read(batch, EnumSet.allOf(SampleKind.class)))
            .forEach(stored -> ready.add(answer(name, stored)));
        next = to;
      }
      return ready.remove();
    }
  }

  private byte[] made(DictionaryName name, int feature) {
    return answer(
        name,
        stores.ask(
            name,
            store -> store.read(List.of(feature), EnumSet.allOf(SampleKind.class)).getFirst()));
  }

  private static byte[] answer(DictionaryName name, StoredFeature stored) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("dictionary", name);
    json.putAll(FeatureJson.withoutSamples(stored));
    json.put("samples", stored.samples().stream().map(FeatureJson::compact).toList());
    return Body.gzip(Body.jsonBytes(json));
  }

  private Path path(DictionaryName name) {
    return folder.resolve(name + ".records");
  }

  private static String key(StoreSummary summary) {
    byte[] named = (summary.request() + " " + FORM).getBytes(StandardCharsets.UTF_8);
    return HexFormat.of().formatHex(Checksums.digest().digest(named));
  }

  @Override
  public void close() {
    closed = true;
    maker.shutdown();
    files.values().forEach(RecordFile::close);
  }
}
