package dev.loupe.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.FeatureName;
import dev.loupe.notes.FeatureNotes;
import dev.loupe.notes.NewEntry;
import dev.loupe.notes.Notebook;
import dev.loupe.store.TokenColumns;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Searches against looking at every text of every feature. */
final class ExactSearchTest {
  private static final DictionaryName NAME = DictionaryName.parse("L1R-1x");
  private static final Duration TIME = Duration.ofSeconds(2);
  private static final List<String> WORDS =
      List.of(" whale", " Whale", "ship", " sea", "shore", " who", "whom", "\n", " 🐋x", "ea");

  @TempDir private Path folder;

  private static TokenColumns columns(Random random, int features) {
    Map<Integer, String> texts = new HashMap<>();
    for (int i = 0; i < WORDS.size(); i++) {
      texts.put(i, WORDS.get(i));
    }
    return new TokenColumns(
        ids(random, features * TokenColumns.TOKENS),
        ids(random, features * TokenColumns.LOGITS),
        new int[features * TokenColumns.LOGITS],
        texts);
  }

  /** Half of them none. */
  private static int[] ids(Random random, int count) {
    return IntStream.range(0, count)
        .map(_ -> random.nextInt(8) > 0 ? -1 : random.nextInt(WORDS.size()))
        .toArray();
  }

  private static List<Hit> search(String query, TokenColumns columns) {
    ExactSearch search = new ExactSearch(Query.parse(query), TIME, 1_000);
    search.in(NAME, columns, Map.of(), Map.of());
    return search.hits();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void findsWhatLookingAtEveryTextFinds(long seed) {
    Random random = new Random(seed);
    TokenColumns columns = columns(random, 60);
    for (String word : List.of("whale", "WH", "ea", "🐋", "zebra")) {
      List<Integer> expected =
          IntStream.range(0, 60).filter(feature -> has(columns, feature, word)).boxed().toList();
      assertThat(search(word, columns))
          .as("seed %d, %s", seed, word)
          .extracting(hit -> hit.feature().feature())
          .containsExactlyInAnyOrderElementsOf(expected);
    }
    assertThat(search("whale ship", columns))
        .extracting(hit -> hit.feature().feature())
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, 60)
                .filter(f -> has(columns, f, "whale") && has(columns, f, "ship"))
                .boxed()
                .toList());
  }

  private static boolean has(TokenColumns columns, int feature, String word) {
    return IntStream.concat(
            IntStream.of(columns.tokens())
                .skip((long) feature * TokenColumns.TOKENS)
                .limit(TokenColumns.TOKENS),
            IntStream.of(columns.top())
                .skip((long) feature * TokenColumns.LOGITS)
                .limit(TokenColumns.LOGITS))
        .filter(id -> id >= 0)
        .anyMatch(
            id -> WORDS.get(id).toLowerCase(Locale.ROOT).contains(word.toLowerCase(Locale.ROOT)));
  }

  @Test
  void thePlaceOfAMatchIsInCodePoints() {
    TokenColumns columns = columns(new Random(1), 60);
    assertThat(search("x", columns))
        .allSatisfy(hit -> {
          assertThat(hit.text()).isEqualTo(" 🐋x");
          assertThat(hit.start()).isEqualTo(2);
          assertThat(hit.end()).isEqualTo(3);
        })
        .isNotEmpty();
  }

  @Test
  void whatWasWrittenComesFirst() {
    TokenColumns columns = columns(new Random(2), 60);
    Notebook notebook =
        Notebook.open(folder, false, InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z")));
    FeatureName feature = new FeatureName(NAME, 59);
    notebook.append(NewEntry.explanation("me", feature, "a whale, or the whale"));
    Map<Integer, FeatureNotes> notes = Map.of(59, notebook.state(feature));
    ExactSearch search = new ExactSearch(Query.parse("whale"), TIME, 3);
    search.in(NAME, columns, notes, Map.of(1, "said of another"));
    assertThat(search.hits()).hasSize(3);
    assertThat(search.hits().getFirst().feature()).isEqualTo(feature);
    assertThat(search.hits().getFirst().field()).isEqualTo(Hit.Field.EXPLANATION);
    assertThat(search.hits().getFirst().start()).isEqualTo(2);
  }

  @Test
  void phrasesAndExpressionsAreTakenAsTheyAre() {
    TokenColumns columns = columns(new Random(3), 60);
    assertThat(search("\" whale\"", columns)).extracting(Hit::text).containsOnly(" whale");
    assertThat(search("/^ ?who(m)?$/", columns)).extracting(Hit::text).containsOnly(" who", "whom");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "   ", "/(/", "\"\""})
  void whatIsNoQueryIsRefused(String text) {
    assertThatThrownBy(() -> Query.parse(text)).hasMessageContaining("expected");
  }

  @Test
  void anExpressionThatNeverEndsIsEnded() {
    Query.Term term = Query.parse("/(x+x+)+\\1y/").terms().getFirst();
    Deadline deadline = new Deadline(Duration.ofMillis(50));
    assertThatThrownBy(() -> term.find("x".repeat(60), deadline))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("simplify");
  }
}
