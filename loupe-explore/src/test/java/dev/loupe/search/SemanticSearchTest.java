package dev.loupe.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.FeatureName;
import dev.loupe.notes.FeatureNotes;
import dev.loupe.notes.NewEntry;
import dev.loupe.notes.Notebook;
import dev.loupe.store.StoreSummary;
import dev.loupe.store.TokenColumns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Searches by meaning, with the real embedding model. */
final class SemanticSearchTest {
  private static final DictionaryName NAME = DictionaryName.parse("L1R-1x");
  private static final TextEmbedding MODEL = TextEmbedding.load();

  /** Tokens of each feature; the last never fired. */
  private static final List<List<String>> FEATURES =
      List.of(
          List.of(" puppy", " kitten", " hound", "cat"),
          List.of(" army", " battle", " soldier", " siege"),
          List.of(" flour", " oven", " butter", " dough"),
          List.of(" cello", " violin", " sonata", " orchestra"),
          List.of("\n", ",", " -"),
          List.of());

  @TempDir private Path folder;

  private static TokenColumns columns() {
    int[] tokens = new int[FEATURES.size() * TokenColumns.TOKENS];
    int[] logits = new int[FEATURES.size() * TokenColumns.LOGITS];
    Arrays.fill(tokens, -1);
    Arrays.fill(logits, -1);
    Map<Integer, String> texts = new HashMap<>();
    for (int feature = 0; feature < FEATURES.size(); feature++) {
      for (int rank = 0; rank < FEATURES.get(feature).size(); rank++) {
        tokens[feature * TokenColumns.TOKENS + rank] = texts.size();
        texts.put(texts.size(), FEATURES.get(feature).get(rank));
      }
    }
    return new TokenColumns(tokens, logits, logits, texts);
  }

  private static StoreSummary summary(String request) {
    return new StoreSummary(
        1,
        NAME,
        request,
        "m",
        "m",
        List.of(),
        "c",
        "all",
        16,
        0,
        100,
        1,
        1,
        List.of(),
        FEATURES.size(),
        1,
        0,
        0,
        1,
        Optional.empty());
  }

  private SemanticIndex index(AtomicInteger loads) {
    return new SemanticIndex(
        folder,
        _ -> columns(),
        Said.NOTHING,
        () -> {
          loads.incrementAndGet();
          return MODEL;
        });
  }

  private static void waitFor(SemanticIndex index, StoreSummary summary) {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (index.of(NAME).isEmpty()) {
      SemanticIndex.Progress progress = index.prepare(List.of(summary));
      assertThat(progress.total()).isEqualTo(FEATURES.size());
      assertThat(progress.done()).isBetween(0L, progress.total());
      assertThat(System.nanoTime()).as("the index is made in a minute").isLessThan(end);
      Thread.onSpinWait();
    }
    assertThat(index.prepare(List.of(summary)))
        .isEqualTo(new SemanticIndex.Progress(FEATURES.size(), FEATURES.size()));
  }

  private static List<Hit> search(
      SemanticIndex index, String text, int limit, Map<Integer, FeatureNotes> notes) {
    SemanticSearch search = new SemanticSearch(index, text, limit);
    search.in(NAME, columns(), notes);
    return search.hits();
  }

  private static int first(SemanticIndex index, String text) {
    return search(index, text, 1, Map.of()).getFirst().feature().feature();
  }

  @Test
  void findsMeaningsThatNoWordHas() {
    try (SemanticIndex index = index(new AtomicInteger())) {
      waitFor(index, summary("a"));
      assertThat(first(index, "pets")).isZero();
      assertThat(first(index, "military history")).isEqualTo(1);
      assertThat(first(index, "baking bread")).isEqualTo(2);
      assertThat(first(index, "classical music")).isEqualTo(3);
      List<Hit> all = search(index, "pets", 100, Map.of());
      assertThat(all).as("those without words are not found").hasSize(4);
      assertThat(all).isSortedAccordingTo((a, b) -> Double.compare(b.score(), a.score()));
      assertThat(all.getFirst().text()).isEqualTo("puppy, kitten, hound, cat");
      assertThat(search(index, "pets", 2, Map.of())).isEqualTo(all.subList(0, 2));
    }
  }

  @Test
  void anExplanationIsFoundAtOnceAndStandsBesideTheWords() {
    Map<Integer, FeatureNotes> notes = new HashMap<>();
    Notebook notebook =
        Notebook.open(folder.resolve("suite"), false, InstantSource.fixed(Instant.EPOCH));
    notebook.append(
        NewEntry.explanation("me", new FeatureName(NAME, 4), "weather, rain and storms"));
    notebook.all().forEach(each -> notes.put(each.feature().feature(), each));
    try (SemanticIndex index = index(new AtomicInteger())) {
      Hit before = search(index, "a thunderstorm", 5, notes).getFirst();
      assertThat(before.feature().feature()).isEqualTo(4);
      assertThat(before.field()).isEqualTo(Hit.Field.EXPLANATION);
      waitFor(index, summary("a"));
      assertThat(search(index, "a thunderstorm", 5, notes).getFirst()).isEqualTo(before);
      assertThat(search(index, "pets", 5, notes)).hasSize(5);
    }
  }

  @Test
  void whatIsMadeIsKeptUntilTheAnalysisIsAnother() throws IOException {
    AtomicInteger loads = new AtomicInteger();
    List<Hit> made;
    try (SemanticIndex index = index(loads)) {
      waitFor(index, summary("a"));
      made = search(index, "pets", 3, Map.of());
    }
    Path file = folder.resolve(NAME + ".embeddings");
    byte[] bytes = Files.readAllBytes(file);
    try (SemanticIndex index = index(loads)) {
      index.prepare(List.of(summary("a")));
      assertThat(index.of(NAME)).isPresent();
      assertThat(loads).as("nothing was embedded").hasValue(1);
      assertThat(search(index, "pets", 3, Map.of())).isEqualTo(made);
    }
    try (SemanticIndex index = index(loads)) {
      index.prepare(List.of(summary("b")));
      waitFor(index, summary("b"));
      assertThat(Files.readAllBytes(file)).isNotEqualTo(bytes).hasSameSizeAs(bytes);
    }
  }

  @Test
  void aDamagedFileIsNotTaken() throws IOException {
    String key = "k".repeat(64);
    Path file = folder.resolve("x.embeddings");
    FeatureEmbeddings.write(file, key, new byte[3 * TextEmbedding.DIMENSIONS]);
    byte[] whole = Files.readAllBytes(file);
    for (int length : new int[] {0, 1, 75, whole.length - 1}) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThat(FeatureEmbeddings.open(file, key)).as("%d bytes", length).isEmpty();
    }
    for (int at : new int[] {0, 8, 71, 72, 75}) {
      byte[] flipped = whole.clone();
      flipped[at] ^= 1;
      Files.write(file, flipped);
      assertThat(FeatureEmbeddings.open(file, key)).as("byte %d", at).isEmpty();
    }
    Files.write(file, whole);
    try (FeatureEmbeddings all = FeatureEmbeddings.open(file, key).orElseThrow()) {
      assertThat(all.features()).isEqualTo(3);
    }
  }

  @Test
  void wholeNumbersKeepCosines() {
    Random random = new Random(7);
    float[] query = unit(random);
    float[] other = unit(random);
    int features = 1_025; // one more than a block
    byte[] rows = new byte[features * TextEmbedding.DIMENSIONS];
    FeatureEmbeddings.quantise(query, rows, 0);
    FeatureEmbeddings.quantise(other, rows, features - 1);
    double dot = 0;
    for (int i = 0; i < query.length; i++) {
      dot += query[i] * other[i];
    }
    Map<Integer, Double> cosines = new HashMap<>();
    try (FeatureEmbeddings all = FeatureEmbeddings.of(rows)) {
      all.similarities(query, cosines::put);
    }
    assertThat(cosines).containsOnlyKeys(0, features - 1);
    assertThat(cosines.get(0)).isCloseTo(1, within(1e-3));
    assertThat(cosines.get(features - 1)).isCloseTo(dot, within(5e-3));
  }

  private static float[] unit(Random random) {
    float[] vector = new float[TextEmbedding.DIMENSIONS];
    double square = 0;
    for (int i = 0; i < vector.length; i++) {
      vector[i] = (float) random.nextGaussian();
      square += vector[i] * vector[i];
    }
    for (int i = 0; i < vector.length; i++) {
      vector[i] /= (float) Math.sqrt(square);
    }
    return vector;
  }

  @Test
  void nothingToLookForIsRefused() {
    try (SemanticIndex index = index(new AtomicInteger())) {
      assertThatThrownBy(() -> new SemanticSearch(index, " ", 5))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("1 to 400 characters");
      assertThatThrownBy(() -> new SemanticSearch(index, "x".repeat(401), 5))
          .hasMessageContaining("got 401");
    }
  }
}
