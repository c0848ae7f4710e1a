package dev.loupe.interpret;

import dev.loupe.dictionary.FeatureName;
import dev.loupe.store.LogitsRow;
import dev.loupe.store.SampleKind;
import dev.loupe.store.SampleRow;
import dev.loupe.store.SampleText;
import dev.loupe.store.WindowRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * A feature that is known: it fires on one word, more strongly the nearer the end of the passage.
 * Its passages are of words drawn at random, so that other features' words are among them too.
 */
record PlantedFeature(int number) {
  private static final List<String> WORDS =
      List.of(
          "fox", "river", "seven", "green", "under", "table", "music", "north", "bread", "quick",
          "stone", "paper", "light", "winter", "candle", "harbour", "letter", "garden", "silver",
          "thunder");

  static List<PlantedFeature> all() {
    return IntStream.range(0, WORDS.size()).mapToObj(PlantedFeature::new).toList();
  }

  FeatureName name() {
    return FeatureName.parse("L0R-8x/" + number);
  }

  String word() {
    return WORDS.get(number);
  }

  String explanation() {
    return "the word '" + word() + "'";
  }

  private static Example example(int id, SampleText text) {
    SampleKind kind = text.sample().kind();
    boolean active = kind == SampleKind.BAND;
    String stratum = active ? "band_" + text.sample().band() : kind.label();
    return new Example(id, text, active, stratum, 0.5f, id);
  }

  /** 30 active of five bands, and 10 of each kind that is not. */
  List<Example> items(long seed) {
    Random random = new Random(seed * 31 + number);
    List<Example> items = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      items.add(example(items.size(), passage(SampleKind.BAND, i % 5 + 3, i / 5, true, random)));
    }
    for (int i = 0; i < 10; i++) {
      for (SampleKind kind :
          List.of(SampleKind.RANDOM, SampleKind.NEAR_MISS, SampleKind.NEIGHBOUR)) {
        items.add(example(items.size(), passage(kind, -1, i, false, random)));
      }
    }
    return items;
  }

  /** As {@link #items}, but what is called active fires on any word. */
  List<Example> withoutRule(long seed) {
    Random random = new Random(seed * 17 + number);
    return items(seed).stream()
        .map(item -> item.active() ? example(item.id(), moved(item.text(), random)) : item)
        .toList();
  }

  private static SampleText moved(SampleText sample, Random random) {
    int place = random.nextInt(2, 18);
    List<SampleText.Token> tokens =
        sample.tokens().stream()
            .map(token ->
                new SampleText.Token(
                    token.id(),
                    token.position(),
                    token.text(),
                    token.position() == place + 1 ? 5 : 0,
                    token.loss()))
            .toList();
    return new SampleText(sample.sample(), sample.window(), tokens, place);
  }

  Evidence evidence() {
    Random random = new Random(number);
    List<SampleText> samples = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      samples.add(passage(SampleKind.TOP, -1, i, true, random));
    }
    for (int i = 0; i < 24; i++) {
      samples.add(passage(SampleKind.BAND, i % 8, i / 8, true, random));
    }
    for (int i = 0; i < 6; i++) {
      samples.add(passage(SampleKind.NEAR_MISS, -1, i, false, random));
    }
    LogitsRow.Tokens top =
        new LogitsRow.Tokens(
            new int[] {1, 2}, new String[] {" a", "\n«b"}, new float[] {2, 1}, new float[] {4, 2});
    LogitsRow.Tokens bottom =
        new LogitsRow.Tokens(
            new int[] {3}, new String[] {"z"}, new float[] {-1}, new float[] {-2.5f});
    return new Evidence(
        name(), 20, samples, new LogitsRow(number, 0, 1, -1, 2, new int[50], top, bottom));
  }

  /** 20 words, with the feature's among them if it is active, never else. */
  private SampleText passage(SampleKind kind, int band, int rank, boolean active, Random random) {
    int place = random.nextInt(2, 18);
    List<SampleText.Token> tokens = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      String word = other(random);
      if (active && i == place) {
        word = word();
      }
      float activation = word.equals(word()) ? 1 + i : 0;
      tokens.add(new SampleText.Token(WORDS.indexOf(word), i + 1, " " + word, activation, 1));
    }
    SampleRow row =
        new SampleRow(
            number, kind, band, rank, 0, place + 1, 1 + place, new int[0], new float[0], 0);
    WindowRow window =
        new WindowRow(
            0,
            0,
            1,
            "planted",
            "f",
            rank,
            "{}",
            "",
            new int[0],
            new int[0],
            new int[0],
            new float[0]);
    return new SampleText(row, window, tokens, place);
  }

  private String other(Random random) {
    String word;
    do {
      word = WORDS.get(random.nextInt(WORDS.size()));
    } while (word.equals(word()));
    return word;
  }
}
