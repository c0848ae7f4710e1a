package dev.loupe.probing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loupe.dictionary.Codes;
import dev.loupe.dictionary.Contract;
import dev.loupe.dictionary.Dictionary;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Gate;
import dev.loupe.dictionary.Scale;
import dev.loupe.dictionary.Weights;
import dev.loupe.evaluate.Resamples;
import dev.loupe.kernel.CodeRows;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.SeededRandom;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A dictionary with a parent feature, "begins with s", and children, each of a few words with s,
 * which carry the parent's direction and keep it silent. Dimension 0 is the letter, the next ones
 * are the children's words, the others noise.
 */
@ExtendWith(LeakCheck.class)
final class PlantedAbsorptionTest {
  private static final int D = 16;
  private static final int WORDS = 2_000;
  private static final int MOST_CHILDREN = 8;
  private static final int FEATURES = MOST_CHILDREN + 2;

  /** Every fifth word has s; each stands at two places. */
  private static Words words() {
    String[] pieces = new String[WORDS + 1];
    int[][] contexts = new int[2 * WORDS][];
    pieces[0] = ".";
    for (int word = 1; word <= WORDS; word++) {
      pieces[word] = " " + (word % 5 == 0 ? "s" : "t") + "word";
      contexts[2 * word - 2] = new int[] {0, word, 0};
      contexts[2 * word - 1] = new int[] {0, word, 0};
    }
    return Words.of(contexts, pieces, 0);
  }

  /** The child of each place, or 0: of the first of two places of 1 of 20 words with s each. */
  private static int[] children(Words words, int count) {
    int[] children = new int[words.units().count()];
    for (int unit = 0; unit < children.length; unit += 2) {
      int word = words.wordOf()[unit];
      int number = word % 100 / 5 + 1;
      if (words.letters()[word] == 's' && number <= count) {
        children[unit] = number;
      }
    }
    return children;
  }

  private static DenseTable activations(Words words, int[] children) {
    SeededRandom random = new SeededRandom(1, "noise");
    float[] x = new float[children.length * D];
    for (int unit = 0; unit < children.length; unit++) {
      for (int j = MOST_CHILDREN + 1; j < D; j++) {
        x[unit * D + j] = (float) (0.1 * random.normal((long) unit * D + j));
      }
      x[unit * D] = words.letters()[words.wordOf()[unit]] == 's' ? 4 : 0;
      if (children[unit] > 0) {
        x[unit * D + children[unit]] = 3;
      }
    }
    return new DenseTable(x, D);
  }

  /**
   * The parent, feature 0, reads x₀ − 2 Σ xᵢ, so that the children's words silence it; child i
   * reads xᵢ and writes both. The last feature reads and writes a dimension of noise.
   */
  private static Dictionary dictionary(double childOfLetter) {
    float[] encoder = new float[FEATURES * D];
    float[] decoder = new float[FEATURES * D];
    encoder[0] = 1;
    decoder[0] = 1;
    for (int child = 1; child <= MOST_CHILDREN; child++) {
      encoder[child] = -2;
      encoder[child * D + child] = 1.5f;
      decoder[child * D] = (float) childOfLetter;
      decoder[child * D + child] = (float) Math.sqrt(1 - childOfLetter * childOfLetter);
    }
    encoder[(FEATURES - 1) * D + D - 1] = 1;
    decoder[(FEATURES - 1) * D + D - 1] = 1;
    DictionaryName name = DictionaryName.parse("L0R-1x");
    Scale scale = new Scale(Math.sqrt(D), Math.sqrt(D));
    return new Dictionary(
        new Weights(
            Tensors.of(encoder, FEATURES, D),
            Tensors.of(new float[FEATURES], FEATURES),
            Tensors.of(decoder, FEATURES, D),
            Tensors.of(new float[D], D)),
        new Contract(
            Contract.FORMAT,
            name,
            List.of(name.site().hookIn(0)),
            List.of(name.site().hookOut(0)),
            Contract.Form.STANDARDISED,
            scale,
            scale,
            new Gate.JumpRelu(0.5),
            true,
            "F32",
            new Contract.TokenPolicy(true, List.of(), Optional.empty()),
            "",
            "",
            "",
            Optional.empty()));
  }

  private static SparseTable codes(Dictionary dictionary, DenseTable activations) {
    try (Tensor rows = Tensors.of(activations.values(), activations.rows(), D);
        Codes codes = dictionary.encode(rows)) {
      CodeRows all = codes.rows();
      int[][] columns = new int[activations.rows()][];
      float[][] values = new float[activations.rows()][];
      for (int i = 0; i < columns.length; i++) {
        columns[i] = Arrays.copyOfRange(all.features(), all.starts()[i], all.starts()[i + 1]);
        values[i] = Arrays.copyOfRange(all.values(), all.starts()[i], all.starts()[i + 1]);
      }
      return new SparseTable(columns, values, FEATURES);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 8})
  void theRateIsTheOneThatWasPlanted(int count) {
    Words words = words();
    int[] children = children(words, count);
    DenseTable activations = activations(words, children);
    LetterProbe probe = LetterProbe.fit(activations, words, 's');
    assertThat(probe.f1()).isEqualTo(1);
    try (Dictionary dictionary = dictionary(0.6)) {
      LetterAbsorption found =
          LetterAbsorption.of(codes(dictionary, activations), dictionary.weights(), words, probe);
      assertThat(found.main().features()).containsExactly(0);
      int[] test = words.units(true);
      double[] planted =
          Arrays.stream(found.places()).mapToDouble(i -> children[test[i]] > 0 ? 1 : 0).toArray();
      assertThat(planted).contains(1.0).contains(0.0);
      assertThat(found.full()).isEqualTo(planted);
      assertThat(found.fraction()).isEqualTo(planted);
      Map<Integer, Integer> absorbers = new TreeMap<>();
      for (int place : found.places()) {
        if (children[test[place]] > 0) {
          absorbers.merge(children[test[place]], 1, Integer::sum);
        }
      }
      assertThat(found.absorbers()).isEqualTo(absorbers).hasSize(count);
      assertThat(rate(words, found)).isEqualTo(Arrays.stream(planted).average().orElseThrow());
    }
  }

  private static double rate(Words words, LetterAbsorption found) {
    try (Resamples resamples = Resamples.draw(words.count(true), 200, 0, "test")) {
      WordScores scores = new WordScores(words, resamples);
      Score score = Score.of(scores.mean(found.places(), found.full()));
      assertThat(score.low()).isLessThan(score.value());
      assertThat(score.high()).isGreaterThan(score.value());
      return score.value();
    }
  }

  @Test
  void aChildWithoutTheDirectionAbsorbsNothing() {
    Words words = words();
    DenseTable activations = activations(words, children(words, 4));
    LetterProbe probe = LetterProbe.fit(activations, words, 's');
    try (Dictionary dictionary = dictionary(0)) {
      LetterAbsorption found =
          LetterAbsorption.of(codes(dictionary, activations), dictionary.weights(), words, probe);
      assertThat(found.places()).isNotEmpty();
      assertThat(found.full()).containsOnly(0);
      assertThat(found.fraction()).containsOnly(0);
      assertThat(found.absorbers()).isEmpty();
    }
  }

  @Test
  void aLetterThatIsNotThereIsNotMeasurable() {
    Words words = words();
    DenseTable activations = activations(words, children(words, 0));
    float[] without = activations.values().clone();
    IntStream.range(0, activations.rows()).forEach(unit -> without[unit * D] = 0);
    LetterProbe probe = LetterProbe.fit(new DenseTable(without, D), words, 's');
    assertThat(probe.f1()).isLessThan(LetterProbe.LEAST_F1);
    assertThat(probe.isMeasurable()).isFalse();
    assertThat(LetterProbe.isPossible(words, 's')).isTrue();
    assertThat(LetterProbe.isPossible(words, 'q')).isFalse();
  }

  @Test
  void aSplitLetterHasSeveralMainFeatures() {
    // two features, each of half of the words with s; the third of none
    int[][] columns = new int[300][];
    float[][] values = new float[300][];
    boolean[] labels = new boolean[300];
    for (int i = 0; i < 300; i++) {
      labels[i] = i % 3 == 0;
      columns[i] = labels[i] ? new int[] {i % 2} : new int[] {2};
      values[i] = new float[] {1};
    }
    SparseTable codes = new SparseTable(columns, values, 3);
    int[] rows = LinearProbeTest.all(300);
    MainFeatures split = MainFeatures.find(codes, rows, labels);
    assertThat(split.features()).containsExactlyInAnyOrder(0, 1);
    assertThat(split.f1()).isEqualTo(1);
    boolean[] others = new boolean[300];
    IntStream.range(0, 300).forEach(i -> others[i] = i % 3 == 1 && i % 2 == 0);
    SparseTable silent = new SparseTable(new int[300][0], new float[300][0], 3);
    assertThat(MainFeatures.find(silent, rows, others).features()).isEmpty();
  }
}
