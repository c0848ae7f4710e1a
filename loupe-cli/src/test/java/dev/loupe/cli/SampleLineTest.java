package dev.loupe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loupe.model.ModelFolder;
import dev.loupe.store.SampleKind;
import dev.loupe.store.SampleRow;
import dev.loupe.store.SampleText;
import dev.loupe.store.WindowRow;
import dev.loupe.text.Encoding;
import dev.loupe.text.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SampleLineTest {
  private static final String EMOJI = "\uD83E\uDD8A"; // four tokens of the demo's tokenizer

  private static Tokenizer tokenizer;

  @BeforeAll
  static void open() {
    tokenizer = Tokenizer.load(ModelFolder.resolve("demo").directory());
  }

  @AfterAll
  static void close() {
    tokenizer.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4})
  void plainMarksThePeak(int peak) {
    List<String> marked =
        List.of(
            "«The» river and the house",
            "The« river» and the house",
            "",
            "",
            "The river and the« house»");
    assertThat(SampleLine.plain().of(sample("The river and the house", peak, one(5, peak)), 1))
        .isEqualTo(marked.get(peak));
  }

  @Test
  void colouredShowsEachActivationByItsShareOfTheMaximum() {
    SampleText sample = sample("The river and the house", 1, 0, 12, 1, 5.9f, 0);
    assertThat(SampleLine.coloured().of(sample, 12))
        .isEqualTo(
            "The\u001B[1;38;5;16;48;5;196m river\u001B[0m\u001B[38;5;16;48;5;230m and\u001B[0m"
                + "\u001B[38;5;16;48;5;215m the\u001B[0m house");
    assertThat(SampleLine.coloured().of(sample, 1))
        .contains("48;5;196m river")
        .contains("48;5;196m and");
  }

  @Test
  void aPeakAtWhichTheFeatureIsSilentIsUnderlined() {
    SampleText sample = sample("The river and the house", 1, 0, 0, 0, 0, 0);
    assertThat(SampleLine.coloured().of(sample, 12))
        .isEqualTo("The\u001B[1;4m river\u001B[0m and the house");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void charactersSplitOverTokensAreOneRun(int peak) {
    String text = "a" + EMOJI + " b";
    assertThat(tokenizer.encode(text).ids()).as("split by this tokenizer").hasSize(6);
    SampleText sample = sample(text, peak, one(6, peak));
    assertThat(SampleLine.plain().of(sample, 1)).isEqualTo("a«" + EMOJI + "» b");
    assertThat(SampleLine.coloured().of(sample, 1))
        .isEqualTo("a\u001B[1;38;5;16;48;5;196m" + EMOJI + "\u001B[0m b");
  }

  /** Also where a cut is within a character: what is before it is left out with its tokens. */
  @Test
  void everyCutOfATextIsShownWhole() {
    String text = "é" + EMOJI + EMOJI + "\uFFFD—" + EMOJI + "x";
    int n = tokenizer.encode(text).length();
    for (int peak = 0; peak < n; peak++) {
      SampleText whole = sample(text, peak, one(n, peak));
      assertThat(SampleLine.plain().of(whole, 1).replaceAll("[«»]", "")).isEqualTo(text);
      for (int before = 0; before <= n; before++) {
        for (int after = 0; after <= n; after++) {
          SampleText cut = whole.around(before, after);
          String line = SampleLine.plain().of(cut, 1);
          assertThat(line).containsOnlyOnce("«").containsOnlyOnce("»");
          assertThat(text).contains(line.replaceAll("[«»]", ""));
          assertThat(cut.tokens().get(cut.peak())).isEqualTo(whole.tokens().get(peak));
        }
      }
    }
  }

  @Test
  void controlCharactersAreShownNotSent() {
    String text = "a\nb\tc\u001B[31md\u007Fe\u009B1mf\u2028g";
    int n = tokenizer.encode(text).length();
    assertThat(SampleLine.plain().of(sample(text, 0, one(n, 0)), 1))
        .isEqualTo("«a»⏎b␉c␛[31md\uFFFDe\uFFFD1mf⏎g");
  }

  @Test
  void rampDarkensAndIsLegible() {
    double ink = luminance(SampleLine.INK);
    double before = 1.01;
    for (int colour : SampleLine.RAMP) {
      double luminance = luminance(colour);
      assertThat(luminance).isLessThan(before);
      assertThat((luminance + 0.05) / (ink + 0.05)).as("contrast").isGreaterThan(5);
      before = luminance;
    }
  }

  /** Relative luminance (WCAG 2) of a colour of the 6 x 6 x 6 cube of the 256. */
  private static double luminance(int colour) {
    int cube = colour - 16;
    double[] weights = {0.2126, 0.7152, 0.0722};
    List<Integer> levels = List.of(cube / 36, cube / 6 % 6, cube % 6);
    double luminance = 0;
    for (int c = 0; c < 3; c++) {
      double value = levels.get(c) == 0 ? 0 : (55 + 40 * levels.get(c)) / 255.0;
      luminance +=
          weights[c] * (value <= 0.04045 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4));
    }
    return luminance;
  }

  private static float[] one(int size, int peak) {
    float[] activations = new float[size];
    activations[peak] = 1;
    return activations;
  }

  /** A sample whose window is a whole text, as an analysis would store it. */
  private static SampleText sample(String text, int peak, float... activations) {
    Encoding encoding = tokenizer.encode(text);
    int[] firing = IntStream.range(0, activations.length).filter(i -> activations[i] > 0).toArray();
    float[] values = new float[firing.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = activations[firing[i]];
    }
    WindowRow window =
        new WindowRow(
            5,
            0,
            1,
            "a",
            "b",
            0,
            "{}",
            text,
            encoding.ids(),
            encoding.starts(),
            encoding.ends(),
            new float[encoding.length()]);
    return SampleText.of(
        new SampleRow(
            0,
            SampleKind.TOP,
            -1,
            0,
            5,
            1 + peak,
            activations[peak],
            Arrays.stream(firing).map(i -> i + 1).toArray(),
            values,
            0),
        Map.of(5, window));
  }
}
