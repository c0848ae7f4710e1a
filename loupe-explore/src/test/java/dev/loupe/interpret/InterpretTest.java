package dev.loupe.interpret;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loupe.search.TextEmbedding;
import dev.loupe.store.StoredFeature;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Explainers and scorers without a language model, on features whose rules are known. */
final class InterpretTest {
  private static final List<String> WORDS =
      List.of(
          "the", "old", "ship", "dog", "dogs", "house", "Mr", "Smith", "ran", "away", "over",
          "unhappy", "undone", "river", "stone", "twelve", "17", "99", "and", "then", "bridge",
          "forest", "unlike", "letter", "window", "table");

  private static Planted.Firing rule(String kind) {
    return switch (kind) {
      case "token" -> (words, i) -> words.get(i).equals("dog");
      case "tokens" -> (words, i) -> words.get(i).equals("ship") || words.get(i).equals("bridge");
      case "bigram" ->
          (words, i) -> i > 0 && words.get(i - 1).equals("old") && words.get(i).equals("house");
      case "after" -> (words, i) -> i > 0 && words.get(i - 1).equals("Mr");
      case "prefix" -> (words, i) -> words.get(i).startsWith("un");
      case "number" -> (words, i) -> words.get(i).matches("\\d+");
      default -> throw new IllegalArgumentException(kind);
    };
  }

  @ParameterizedTest
  @CsvSource({
    "token, On the tokens “ dog”",
    "tokens, ' ship”'",
    "bigram, On the tokens “ old house”",
    "after, After the tokens “ mr”",
    "prefix, On tokens that begin with “un”",
    "number, On numbers"
  })
  void rulesAreRecovered(String kind, String words) {
    for (int seed = 0; seed < 5; seed++) {
      Planted planted = new Planted(seed, WORDS);
      List<String> own = kind.equals("bigram") ? List.of("old", "house") : WORDS;
      ExampleSets sets = ExampleSets.of(planted.feature(3, rule(kind), own));
      Explanation found = new RuleExplainer().explain(sets, "b").orElseThrow();
      assertThat(found.text()).as("seed %d", seed).contains(words);
      Measured measured = new RuleScorer(CorpusWindows.NONE).score(found, sets).measured();
      assertThat(measured.value()).as("seed %d: %s", seed, found.text()).isGreaterThan(0.95);
      assertThat(Rule.format(Rule.parse(found.rules().orElseThrow())))
          .isEqualTo(found.rules().orElseThrow());
    }
  }

  @Test
  void wordsOfAPassageAreFound() {
    List<String> sea = List.of("whale", "captain", "harpoon", "sailor");
    Planted.Firing onAnything = (words, i) -> i == 7 && words.stream().anyMatch(sea::contains);
    ExampleSets sets = ExampleSets.of(new Planted(1, WORDS).feature(0, onAnything, sea));
    Explanation found = new RuleExplainer().explain(sets, "b").orElseThrow();
    assertThat(found.text()).startsWith("In passages with the words");
    assertThat(sea).anySatisfy(word -> assertThat(found.text()).contains(word));
  }

  @Test
  void meaningTellsTrueFromFalse() {
    List<List<String>> topics =
        List.of(
            List.of("dog", "cat", "horse", "sheep", "wolf", "animal", "puppy"),
            List.of("money", "bank", "loan", "interest", "price", "market", "debt"),
            List.of("doctor", "disease", "fever", "medicine", "hospital", "patient", "cure"),
            List.of("church", "priest", "prayer", "holy", "bishop", "worship", "faith"),
            List.of("violin", "music", "song", "orchestra", "melody", "piano", "singer"),
            List.of("army", "soldier", "battle", "war", "cannon", "general", "siege"));
    List<String> words =
        List.of(
            "Animals such as dogs and cats",
            "Money, banks and loans",
            "Illness and medicine",
            "Religion, church and prayer",
            "Music and instruments",
            "War, armies and soldiers");
    List<String> plain =
        List.of("the", "it", "was", "then", "and", "very", "some", "there", "went");
    EmbeddingScorer scorer = new EmbeddingScorer(TextEmbedding.load(), 0);
    List<Double> right = new ArrayList<>();
    List<Double> wrong = new ArrayList<>();
    for (int t = 0; t < topics.size(); t++) {
      List<String> topic = topics.get(t);
      StoredFeature feature =
          new Planted(t, plain).feature(t, (w, i) -> topic.contains(w.get(i)), topic);
      ExampleSets sets = ExampleSets.of(feature);
      for (int e = 0; e < words.size(); e++) {
        Explanation explanation =
            new Explanation(
                t, "paper", "test", words.get(e), "b", List.of(), java.util.Optional.empty());
        (e == t ? right : wrong).add(scorer.score(explanation, sets).measured().value());
      }
    }
    double[] trueOnes = right.stream().mapToDouble(d -> d).toArray();
    double[] falseOnes = wrong.stream().mapToDouble(d -> d).toArray();
    assertThat(Numbers.auc(trueOnes, falseOnes, 0).value()).isGreaterThan(0.8);
    assertThat(right).allSatisfy(value -> assertThat(value).isGreaterThan(0.8));
  }

  @Test
  void setsHaveNoDocumentInCommon() {
    Planted planted = new Planted(0, WORDS, 8);
    Set<Long> explained = new HashSet<>();
    Set<Long> scored = new HashSet<>();
    int examples = 0;
    for (int feature = 0; feature < 10_000; feature++) {
      ExampleSets sets = ExampleSets.of(planted.feature(feature, rule("token"), WORDS));
      sets.explain().forEach(e -> explained.add(e.document()));
      sets.score().forEach(e -> scored.add(e.document()));
      examples += sets.explain().size() + sets.score().size();
    }
    assertThat(explained).isNotEmpty().doesNotContainAnyElementsOf(scored);
    assertThat(scored.size()).isBetween(400, 600); // of 1,000 documents
    assertThat(examples).isGreaterThan(900_000);
  }

  @Test
  void examplesAreActiveFromAShareOfTheMaximum() {
    ExampleSets sets = ExampleSets.of(new Planted(2, WORDS).feature(0, rule("token"), WORDS));
    List<Example> all = new ArrayList<>(sets.explain());
    all.addAll(sets.score());
    assertThat(all)
        .filteredOn(Example::active)
        .extracting(Example::stratum)
        .doesNotContain("band_0");
    assertThat(all)
        .filteredOn(e -> !e.active())
        .allSatisfy(e -> {
          boolean[] active = e.activeTokens();
          assertThat(IntStream.range(0, active.length).noneMatch(i -> active[i])).isTrue();
        });
    assertThat(sets.score()).extracting(Example::id).doesNotHaveDuplicates();
  }
}
