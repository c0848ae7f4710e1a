package dev.loupe.search;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.files.Checksums;
import dev.loupe.store.StoreSummary;
import dev.loupe.store.TokenColumns;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The meanings of all features of a suite, kept in {@code SUITE/cache/NAME.embeddings}. A
 * dictionary's are made in the background when first asked for, about 3 ms a feature. Thread-safe.
 * Owns its files and its thread until closed.
 */
public final class SemanticIndex implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SemanticIndex.class);

  /** To be raised when {@link FeatureWords} or the file change their form. */
  private static final int FORM = 1;

  private static final int KEPT_TEXTS = 50_000;

  private final Path folder;
  private final Function<DictionaryName, TokenColumns> tokens;
  private final Said said;
  private final Supplier<TextEmbedding> load;
  private final Map<DictionaryName, FeatureEmbeddings> made = new ConcurrentHashMap<>();
  private final Map<DictionaryName, Integer> doneOf = new ConcurrentHashMap<>();
  private final Set<DictionaryName> asked = ConcurrentHashMap.newKeySet();
  private final Map<String, float[]> texts = new LinkedHashMap<>(16, 0.75f, true);
  private final ExecutorService maker =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().name("semantic index").daemon().factory());
  private Optional<TextEmbedding> embedding = Optional.empty();
  private volatile boolean closed;

  /**
   * @param folder for the files, which may be removed at any time
   * @param tokens what gives the tokens of a dictionary's features
   * @param said what features are said to be; stands before their tokens, and when there is more of
   *     it, the index is made anew by the next server
   * @param load gives the model, when first needed
   */
  public SemanticIndex(
      Path folder,
      Function<DictionaryName, TokenColumns> tokens,
      Said said,
      Supplier<TextEmbedding> load) {
    this.folder = folder;
    this.tokens = tokens;
    this.said = said;
    this.load = load;
  }

  /**
   * How far it is.
   *
   * @param done features whose words are embedded
   * @param total of the dictionaries asked for
   */
  public record Progress(long done, long total) {}

  /** Makes what there is not yet of these dictionaries, and says how far that is. */
  public Progress prepare(Collection<StoreSummary> dictionaries) {
    long done = 0;
    long total = 0;
    for (StoreSummary summary : dictionaries) {
      DictionaryName name = summary.dictionary();
      if (asked.add(name)) {
        openOrMake(name, summary);
      }
      total += summary.features();
      done += made.containsKey(name) ? summary.features() : doneOf.getOrDefault(name, 0);
    }
    return new Progress(done, total);
  }

  private void openOrMake(DictionaryName name, StoreSummary summary) {
    Optional<FeatureEmbeddings> found = FeatureEmbeddings.open(file(name), key(summary));
    if (found.isPresent()) {
      made.put(name, found.get());
    } else {
      maker.execute(() -> make(name, key(summary)));
    }
  }

  private void make(DictionaryName name, String key) {
    try {
      TokenColumns columns = tokens.apply(name);
      int features = columns.tokens().length / TokenColumns.TOKENS;
      byte[] rows = new byte[features * TextEmbedding.DIMENSIONS];
      TextEmbedding model = model();
      Map<Integer, String> explained = said.of(name);
      for (int feature = 0; feature < features && !closed; feature++) {
        String words = FeatureWords.of(columns, feature, explained.get(feature));
        if (!words.isEmpty()) {
          FeatureEmbeddings.quantise(model.embed(words), rows, feature);
        }
        doneOf.put(name, feature + 1);
      }
      if (!closed) {
        made.put(name, keep(name, key, rows));
      }
    } catch (RuntimeException e) {
      asked.remove(name); // the next search tries again
      LOG.warn("cannot index {}: {}", name, e.getMessage());
    }
  }

  /** As a file, or in memory where none can be written. */
  private FeatureEmbeddings keep(DictionaryName name, String key, byte[] rows) {
    try {
      Files.createDirectories(folder);
      FeatureEmbeddings.write(file(name), key, rows);
      return FeatureEmbeddings.open(file(name), key).orElseGet(() -> FeatureEmbeddings.of(rows));
    } catch (IOException | RuntimeException e) {
      LOG.warn("cannot keep the index of {} in {}: {}", name, folder, e.getMessage());
      return FeatureEmbeddings.of(rows);
    }
  }

  private Path file(DictionaryName name) {
    return folder.resolve(name + ".embeddings");
  }

  private String key(StoreSummary summary) {
    byte[] named =
        (summary.request()
                + " "
                + TextEmbedding.MODEL
                + " "
                + FORM
                + " "
                + said.version(summary.dictionary()))
            .getBytes(StandardCharsets.UTF_8);
    return Checksums.sha256(named);
  }

  /** The embeddings of a dictionary, once they are made. */
  Optional<FeatureEmbeddings> of(DictionaryName name) {
    return Optional.ofNullable(made.get(name));
  }

  /** The embedding of a text; those asked for last are remembered. */
  float[] embed(String text) {
    synchronized (texts) {
      float[] known = texts.get(text);
      if (known != null) {
        return known;
      }
    }
    float[] vector = model().embed(text);
    synchronized (texts) {
      texts.put(text, vector);
      if (texts.size() > KEPT_TEXTS) {
        texts.remove(texts.keySet().iterator().next());
      }
    }
    return vector;
  }

  private synchronized TextEmbedding model() {
    TextEmbedding model = embedding.orElseGet(load);
    embedding = Optional.of(model);
    return model;
  }

  /** Ends what is being made; it begins anew another time. */
  @Override
  public void close() {
    closed = true;
    maker.shutdown();
    try {
      if (!maker.awaitTermination(5, TimeUnit.SECONDS)) {
        LOG.warn("the semantic index is still being made");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    made.values().forEach(FeatureEmbeddings::close);
  }
}
