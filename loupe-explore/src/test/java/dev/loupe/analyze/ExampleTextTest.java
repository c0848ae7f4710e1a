package dev.loupe.analyze;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loupe.text.DocumentReference;
import dev.loupe.text.Encoding;
import dev.loupe.text.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ExampleTextTest {
  private static final String EMOJI = "\uD83E\uDD8A"; // a fox, four bytes

  private static Tokenizer tokenizer;

  @BeforeAll
  static void open() {
    tokenizer = TestScans.demoTokenizer();
  }

  @AfterAll
  static void close() {
    tokenizer.close();
  }

  @Test
  void plainMarksThePeak() {
    assertThat(plain(example("The river and the house", " river")))
        .isEqualTo("The« river» and the house");
    assertThat(plain(example("The river and the house", "The")))
        .isEqualTo("«The» river and the house");
    assertThat(plain(example("The river and the house", " house")))
        .isEqualTo("The river and the« house»");
  }

  @Test
  void colouredShowsEachActivationByItsShareOfTheMaximum() {
    int[] ids = tokenizer.encode("The river and the house").ids();
    assertThat(ids).hasSize(5);
    float[] activations = {0, 12, 1, 5.9f, 0};
    String line = ExampleText.coloured(tokenizer).line(example(ids, activations, 1), 12);
    assertThat(line)
        .isEqualTo(
            "The\u001B[1;38;5;16;48;5;196m river\u001B[0m\u001B[38;5;16;48;5;230m and\u001B[0m"
                + "\u001B[38;5;16;48;5;215m the\u001B[0m house");
    String beyond = ExampleText.coloured(tokenizer).line(example(ids, activations, 1), 1);
    assertThat(beyond).contains("48;5;196m river").contains("48;5;196m and");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void charactersSplitOverTokensAreOneRun(int peak) {
    Encoding encoding = tokenizer.encode("a" + EMOJI + " b");
    int[] tokens = // the tokens of the emoji
        IntStream.range(0, encoding.length())
            .filter(t -> encoding.starts()[t] <= 1 && encoding.ends()[t] == 2)
            .toArray();
    assertThat(tokens).as("split by this tokenizer").hasSize(4);
    float[] activations = new float[encoding.length()];
    activations[tokens[peak]] = 3;
    Example example = example(encoding.ids(), activations, tokens[peak]);
    assertThat(plain(example)).isEqualTo("a«" + EMOJI + "» b");
    assertThat(ExampleText.coloured(tokenizer).line(example, 3))
        .isEqualTo("a\u001B[1;38;5;16;48;5;196m" + EMOJI + "\u001B[0m b");
  }

  @Test
  void everyCutOfATextIsShownWhole() {
    int[] ids = tokenizer.encode("é" + EMOJI + EMOJI + "\uFFFD—" + EMOJI + "x").ids();
    for (int from = 0; from < ids.length; from++) {
      for (int to = from + 1; to <= ids.length; to++) {
        for (int peak = 0; peak < to - from; peak++) {
          int[] window = Arrays.copyOfRange(ids, from, to);
          float[] activations = new float[window.length];
          activations[peak] = 1;
          String line = plain(example(window, activations, peak));
          assertThat(line).containsOnlyOnce("«").containsOnlyOnce("»").doesNotContain("«»");
          assertThat(line.replaceAll("[«»]", "")).isEqualTo(tokenizer.decode(window));
        }
      }
    }
  }

  @Test
  void controlCharactersAreShownNotSent() {
    String text = "a\nb\tc\u001B[31md\u007Fe\u009B1mf\u2028g";
    int[] ids = tokenizer.encode(text).ids();
    float[] activations = new float[ids.length];
    activations[0] = 1;
    assertThat(plain(example(ids, activations, 0))).isEqualTo("«a»⏎b␉c␛[31md\uFFFDe\uFFFD1mf⏎g");
  }

  @Test
  void rampDarkensAndIsLegible() {
    double ink = luminance(ExampleText.INK);
    double before = 1.01;
    for (int colour : ExampleText.RAMP) {
      double luminance = luminance(colour);
      assertThat(luminance).isLessThan(before);
      assertThat((luminance + 0.05) / (ink + 0.05)).as("contrast").isGreaterThan(5);
      before = luminance;
    }
  }

  @Test
  void impossibleExamplesAreRefused() {
    assertThatThrownBy(() -> example(new int[2], new float[3], 0)).hasMessageContaining("got 3, 2");
    assertThatThrownBy(() -> example(new int[2], new float[2], 2))
        .isInstanceOf(IllegalArgumentException.class);
    Example example = example(new int[1], new float[1], 0);
    assertThatThrownBy(() -> ExampleText.plain(tokenizer).line(example, 0))
        .hasMessage("expected a maximum above 0, got 0.0");
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

  private static String plain(Example example) {
    return ExampleText.plain(tokenizer).line(example, 1);
  }

  private static Example example(String text, String peak) {
    int[] ids = tokenizer.encode(text).ids();
    int index = Arrays.stream(ids).mapToObj(tokenizer::piece).toList().indexOf(peak);
    float[] activations = new float[ids.length];
    activations[index] = 1;
    return example(ids, activations, index);
  }

  private static Example example(int[] ids, float[] activations, int peak) {
    return new Example(new DocumentReference(0, 0, 0), 0, peak + 1, ids, activations, peak);
  }
}
