package dev.loupe.interpret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.loupe.store.HistogramRow;
import dev.loupe.store.LogitsRow;
import dev.loupe.store.SampleKind;
import dev.loupe.store.SampleRow;
import dev.loupe.store.SampleText;
import dev.loupe.store.StoredFeature;
import dev.loupe.store.WindowRow;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * A corpus in which it is known where a feature fires, and of which only samples are seen:
 * precision and recall of a rule come out as they are in the whole of it.
 */
final class CorpusWindowsTest {
  private static final int WINDOWS = 40_000;
  private static final int BANDS = 8;
  private static final float MAXIMUM = Planted.MAXIMUM;

  /** A window, and how strongly the feature fires in it on its sixth word; 0 for not at all. */
  private record Window(WindowRow row, boolean dog, float activation) {
    boolean active() {
      return activation >= ExampleSets.SHARE * MAXIMUM;
    }
  }

  /** Dogs in 4 of 100 windows, on 6 of 10 of which it fires; weaker, on cats in 2 of 100. */
  private static List<Window> corpus(Random random) {
    List<Window> windows = new ArrayList<>();
    for (int i = 0; i < WINDOWS; i++) {
      int kind = random.nextInt(100);
      boolean dog = kind < 4;
      boolean cat = kind == 4 || kind == 5;
      float activation =
          dog && random.nextInt(10) < 6
              ? 2 + 8 * random.nextFloat()
              : cat ? 2 + 4 * random.nextFloat() : 0;
      List<String> words = new ArrayList<>();
      for (int word = 0; word < 12; word++) {
        words.add("w" + random.nextInt(1_000));
      }
      words.set(5, dog ? "dog" : cat ? "cat" : "cow");
      windows.add(new Window(row(i, words), dog, activation));
    }
    return windows;
  }

  private static WindowRow row(int number, List<String> words) {
    int[] starts = new int[words.size()];
    int[] ends = new int[words.size()];
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < words.size(); i++) {
      starts[i] = text.length();
      text.append(' ').append(words.get(i));
      ends[i] = text.length();
    }
    return new WindowRow(
        number,
        number,
        1,
        "made",
        "made.jsonl",
        number / 4,
        "{}",
        text.toString(),
        new int[words.size()],
        starts,
        ends,
        new float[words.size()]);
  }

  private static SampleText sample(Window window, SampleKind kind, int band) {
    boolean fires = window.activation > 0;
    SampleRow row =
        new SampleRow(
            0,
            kind,
            band,
            0,
            window.row.window(),
            6,
            window.activation,
            fires ? new int[] {6} : new int[0],
            fires ? new float[] {window.activation} : new float[0],
            0);
    return SampleText.of(row, Map.of(window.row.window(), window.row));
  }

  /** What a store would have of it: bands of equal size, and some windows of each. */
  private static ExampleSets sets(List<Window> corpus, Random random) {
    List<Window> firing =
        corpus.stream()
            .filter(window -> window.activation > 0)
            .sorted(Comparator.comparingDouble(Window::activation))
            .toList();
    float[] edges = new float[BANDS + 1];
    int[] counts = new int[BANDS];
    List<SampleText> samples = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      samples.add(sample(firing.get(firing.size() - 1 - i), SampleKind.TOP, -1));
    }
    for (int band = 0; band < BANDS; band++) {
      int from = band * firing.size() / BANDS;
      int to = (band + 1) * firing.size() / BANDS;
      edges[band] = firing.get(from).activation;
      counts[band] = to - from;
      List<Window> own = new ArrayList<>(firing.subList(from, to));
      Collections.shuffle(own, random);
      for (int i = 0; i < 5; i++) {
        samples.add(sample(own.get(i), SampleKind.BAND, band));
      }
    }
    edges[BANDS] = MAXIMUM;
    corpus.stream()
        .filter(window -> window.activation == 0)
        .limit(20)
        .forEach(window -> samples.add(sample(window, SampleKind.RANDOM, -1)));
    LogitsRow.Tokens none =
        new LogitsRow.Tokens(new int[0], new String[0], new float[0], new float[0]);
    return ExampleSets.of(
        new StoredFeature(
            Planted.row(0, edges, counts),
            new HistogramRow(0, new float[0], new int[0], new int[0]),
            new LogitsRow(0, 0, 1, -1, 1, new int[0], none, none),
            List.of(),
            samples));
  }

  private static double value(List<Measured.Stratum> strata, String name) {
    return strata.stream()
        .filter(stratum -> stratum.name().equals(name))
        .findFirst()
        .orElseThrow()
        .value()
        .orElseThrow();
  }

  @Test
  void areThoseOfTheWholeCorpus() {
    Random random = new Random(4);
    List<Window> corpus = corpus(random);
    List<Rule> rules = List.of(new Rule(Rule.Kind.ENDS, " dog"));
    double dogs = corpus.stream().filter(Window::dog).count();
    double active = corpus.stream().filter(Window::active).count();
    double both = corpus.stream().filter(window -> window.dog && window.active()).count();
    int runs = 60;
    double precision = 0;
    double recall = 0;
    for (int run = 0; run < runs; run++) {
      List<Window> drawn = new ArrayList<>(corpus);
      Collections.shuffle(drawn, random);
      CorpusWindows windows =
          CorpusWindows.of(drawn.subList(0, 4_096).stream().map(Window::row).toList(), WINDOWS);
      List<Measured.Stratum> told = windows.precisionAndRecall(rules, sets(drawn, random));
      precision += value(told, "corpus_precision") / runs;
      recall += value(told, "corpus_recall") / runs;
    }
    assertThat(both / active).isBetween(0.5, 0.65);
    assertThat(recall).isCloseTo(both / active, within(0.04));
    assertThat(precision).isCloseTo(both / dogs, within(0.04));
  }

  @Test
  void littleIsNotTold() {
    List<Rule> rules = List.of(new Rule(Rule.Kind.ENDS, " dog"));
    ExampleSets sets = sets(corpus(new Random(1)), new Random(2));
    List<WindowRow> cows =
        IntStream.range(0, 2_000).mapToObj(i -> row(i, List.of("the", "cow"))).toList();
    List<Measured.Stratum> told = CorpusWindows.of(cows, WINDOWS).precisionAndRecall(rules, sets);
    assertThat(told)
        .extracting(Measured.Stratum::name)
        .containsExactly("corpus_precision", "corpus_recall");
    assertThat(told.getFirst().examples()).isZero();
    assertThat(told.getFirst().value()).isEmpty();
    assertThat(told.getLast().value()).isPresent();
    assertThat(CorpusWindows.NONE.precisionAndRecall(rules, sets)).isEmpty();
  }
}
