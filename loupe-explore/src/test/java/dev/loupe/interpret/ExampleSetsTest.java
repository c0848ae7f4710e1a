package dev.loupe.interpret;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loupe.store.SampleKind;
import dev.loupe.store.SampleRow;
import dev.loupe.store.SampleText;
import dev.loupe.store.StoredFeature;
import dev.loupe.store.WindowRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What counts as an example, made by hand: windows of 32 words, of a feature with maximum 10. */
final class ExampleSetsTest {
  private static final List<String> WORDS =
      List.of("the", "old", "ship", "dog", "house", "ran", "away", "over", "river", "stone");

  private static WindowRow window(int number, int row, List<String> words) {
    StringBuilder text = new StringBuilder();
    int[] starts = new int[words.size()];
    int[] ends = new int[words.size()];
    for (int i = 0; i < words.size(); i++) {
      starts[i] = text.length();
      text.append(' ').append(words.get(i));
      ends[i] = text.length();
    }
    int size = words.size();
    return new WindowRow(
        number,
        number,
        1,
        "made",
        "made.jsonl",
        row,
        "{}",
        text.toString(),
        new int[size],
        starts,
        ends,
        new float[size]);
  }

  /** Words that another number has others of. */
  private static List<String> words(int number) {
    return IntStream.range(0, WindowRow.TOKENS)
        .mapToObj(i -> WORDS.get((i * (number + 3) + number) % WORDS.size()) + number)
        .toList();
  }

  /** A sample with its peak at a position, where it is active, or is at another. */
  private static SampleText sample(
      SampleKind kind, WindowRow window, int peak, int activeAt, float activation) {
    SampleRow row =
        new SampleRow(
            0,
            kind,
            -1,
            0,
            window.window(),
            peak,
            activeAt == peak ? activation : 0,
            new int[] {activeAt},
            new float[] {activation},
            0);
    return SampleText.of(row, Map.of(window.window(), window));
  }

  private static ExampleSets sets(List<SampleText> samples) {
    StoredFeature feature =
        new Planted(0, WORDS).feature(0, (words, i) -> words.get(i).equals("dog"), WORDS);
    return ExampleSets.of(
        new StoredFeature(
            feature.feature(), feature.histogram(), feature.logits(), List.of(), samples));
  }

  private static List<Example> all(ExampleSets sets) {
    List<Example> all = new ArrayList<>(sets.explain());
    all.addAll(sets.score());
    return all;
  }

  @Test
  void aRandomWindowIsSilentAsAWhole() {
    // such a window has its first token as its peak: only 11 more are shown
    List<SampleText> samples =
        List.of(
            sample(SampleKind.RANDOM, window(0, 0, words(0)), 1, 25, 5),
            sample(SampleKind.RANDOM, window(1, 1, words(1)), 1, 5, 5),
            sample(SampleKind.RANDOM, window(2, 2, words(2)), 1, 25, 2.9f));
    assertThat(all(sets(samples))).extracting(e -> e.text().window().window()).containsExactly(2);
  }

  @Test
  void aTextOfManyDocumentsIsNotExplainedFromOneAndTestedOnAnother() {
    List<SampleText> samples = new ArrayList<>();
    for (int row = 0; row < 40; row++) {
      samples.add(sample(SampleKind.TOP, window(row, row, words(7)), 16, 16, 9));
      samples.add(sample(SampleKind.BAND, window(100 + row, row, words(row)), 16, 16, 9));
    }
    ExampleSets sets = sets(samples);
    assertThat(all(sets)).extracting(Example::plain).doesNotHaveDuplicates();
    assertThat(sets.explain()).extracting(Example::plain).contains(plain(words(7)));
    assertThat(sets.score()).hasSizeBetween(10, 30);
  }

  @Test
  void aFewOtherWordsMakeNoOtherText() {
    List<String> once = words(7);
    List<String> again = new ArrayList<>(once);
    again.set(12, "changed");
    again.set(20, "changed");
    List<String> other = new ArrayList<>(again);
    other.set(14, "changed");
    other.set(18, "changed");
    List<SampleText> samples =
        List.of(
            sample(SampleKind.TOP, window(0, 0, once), 16, 16, 9),
            sample(SampleKind.TOP, window(1, 0, again), 16, 16, 9),
            sample(SampleKind.TOP, window(2, 0, other), 16, 16, 9));
    assertThat(all(sets(samples)))
        .extracting(e -> e.text().window().window())
        .containsExactly(0, 2);
  }

  /** What is shown of it: 20 tokens before the peak, as far as there are, and 11 after. */
  private static String plain(List<String> words) {
    return " " + String.join(" ", words.subList(0, 27));
  }
}
