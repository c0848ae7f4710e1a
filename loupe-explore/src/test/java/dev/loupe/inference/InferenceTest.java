package dev.loupe.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.loupe.activation.Activations;
import dev.loupe.activation.Capturing;
import dev.loupe.analyze.Analysis;
import dev.loupe.analyze.AnalysisSetup;
import dev.loupe.analyze.TestSuite;
import dev.loupe.dictionary.Codes;
import dev.loupe.dictionary.Dictionary;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.FeatureName;
import dev.loupe.dictionary.Suite;
import dev.loupe.evaluate.TextPass;
import dev.loupe.model.GenerationRequest;
import dev.loupe.model.Hook;
import dev.loupe.model.Llama;
import dev.loupe.model.ModelFolder;
import dev.loupe.model.Probe;
import dev.loupe.store.FeatureColumns;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.text.DemoSample;
import dev.loupe.text.Progress;
import dev.loupe.text.TextTokens;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A suite and its model on one text, against what is computed by hand from the same parts. */
@ExtendWith(LeakCheck.class)
final class InferenceTest {
  private static final String TEXT = "The whale, who had come up beside the ship, looked at him.";
  private static final DictionaryName MAIN = TestSuite.MAIN;
  private static final DictionaryName LAST = DictionaryName.parse("L2R-1x");

  @TempDir private static Path folder;
  private static Suite suite;
  private SuiteModel model;

  @BeforeAll
  static void train() {
    suite = TestSuite.train(folder.resolve("suite"));
    Analysis.run(
        TestSuite.setup(suite, AnalysisSetup.features(suite), DemoSample.both(), 8_000),
        Progress.NONE,
        () -> false);
  }

  @BeforeEach
  void open() {
    model =
        SuiteModel.open(suite, ModelFolder.resolve("demo"), false, DType.F32, Device.CPU, 1 << 28);
  }

  @AfterEach
  void close() {
    model.close();
  }

  private TextTokens tokens() {
    return TextTokens.of(model.tokenizer(), TEXT, 200);
  }

  /** Codes of the counted tokens of the text, as `encode` computes them. */
  private Codes codes(DictionaryName name) {
    Dictionary dictionary = model.dictionary(name);
    Hook hook = dictionary.contract().hookIn();
    try (Activations found = Capturing.activations(model.llama(), tokens().batch(), Set.of(hook))) {
      return dictionary.encode(found.at(hook));
    }
  }

  @Test
  void tokensTogetherAreTheText() {
    String text = "é 🐋 naïve\n  whale";
    TextTokens tokens = TextTokens.of(model.tokenizer(), text, 200);
    assertThat(String.join("", tokens.texts().subList(1, tokens.length()))).isEqualTo(text);
    assertThat(tokens.counted()[0]).isFalse();
    assertThatThrownBy(() -> TextTokens.of(model.tokenizer(), text, 5))
        .hasMessageContaining("at most 4 tokens");
  }

  @Test
  void ownTextIsWhatEncodeGives() {
    FeatureName one = new FeatureName(MAIN, strongest(MAIN));
    FeatureName other = new FeatureName(LAST, strongest(LAST));
    PromptEvent.FeatureActivations found =
        OwnText.activations(model, TEXT, List.of(one, other), 200);
    for (int i = 0; i < 2; i++) {
      FeatureName name = i == 0 ? one : other;
      try (Codes codes = codes(name.dictionary())) {
        for (int token = 1; token < found.tokens().size(); token++) {
          assertThat(found.features().get(i).activations()[token])
              .isEqualTo(OwnText.value(codes.rows(), token - 1, name.feature()));
        }
      }
    }
  }

  /** The feature with the largest activation on the text. */
  private int strongest(DictionaryName name) {
    try (Codes codes = codes(name)) {
      float[] values = codes.values().floats();
      int best =
          IntStream.range(0, values.length)
              .boxed()
              .max(Comparator.comparingDouble(i -> values[i]))
              .orElseThrow();
      return codes.indices().ints()[best];
    }
  }

  @ParameterizedTest
  @EnumSource(PromptRequest.Ranking.class)
  void cellsAreTheStrongestByBruteForce(PromptRequest.Ranking by) {
    List<PromptEvent> events = new ArrayList<>();
    PromptRequest request = new PromptRequest(TEXT, List.of(MAIN), by, 3, 0.2);
    PromptPass.run(model, request, 200, events::add, () -> false);
    PromptEvent.Cells cells =
        events.stream()
            .filter(PromptEvent.Cells.class::isInstance)
            .map(PromptEvent.Cells.class::cast)
            .findFirst()
            .orElseThrow();
    FeatureColumns columns = model.columns(MAIN).orElseThrow();
    try (Codes codes = codes(MAIN)) {
      for (int token = 0; token < cells.cells().size(); token++) {
        PromptEvent.Cell cell = cells.cells().get(token);
        int from = codes.rows().starts()[token];
        int to = codes.rows().starts()[token + 1];
        assertThat(cell.l0()).isEqualTo(to - from);
        assertThat(cell.features()).allMatch(f -> columns.rate()[f.feature()] <= 0.2f);
        double weakest = cell.features().isEmpty() ? 0 : key(by, cell.features().getLast());
        Set<Integer> shown =
            Set.copyOf(cell.features().stream().map(PromptEvent.Firing::feature).toList());
        if (by == PromptRequest.Ranking.ACTIVATION) {
          for (int i = from; i < to; i++) {
            int feature = codes.rows().features()[i];
            if (columns.rate()[feature] <= 0.2f && !shown.contains(feature)) {
              assertThat(codes.rows().values()[i]).isLessThanOrEqualTo((float) weakest);
            }
          }
        }
        assertThat(cell.features())
            .isSortedAccordingTo(
                Comparator.<PromptEvent.Firing>comparingDouble(f -> key(by, f)).reversed());
      }
    }
  }

  private static double key(PromptRequest.Ranking by, PromptEvent.Firing firing) {
    return switch (by) {
      case ACTIVATION -> firing.activation();
      case QUANTILE -> firing.quantile().orElse(0);
      case EFFECT -> Math.abs(firing.effect().orElse(0));
    };
  }

  /** f · (d ⊙ gain) · (W_U[next] − mean W_U) / rms, in float64 and densely. */
  @Test
  void effectsAreTheFormula() {
    List<PromptEvent> events = new ArrayList<>();
    PromptPass.run(
        model,
        new PromptRequest(TEXT, List.of(MAIN), PromptRequest.Ranking.EFFECT, 2, 1),
        200,
        events::add,
        () -> false);
    PromptEvent.Cells cells =
        (PromptEvent.Cells)
            events.stream().filter(PromptEvent.Cells.class::isInstance).findFirst().orElseThrow();
    Llama llama = model.llama();
    int d = llama.config().hiddenSize();
    int vocabulary = llama.config().vocabularySize();
    TextTokens tokens = tokens();
    try (TensorScope _ = TensorScope.open()) {
      float[] residual =
          llama
              .forward(Capturing.ids(tokens.batch()), llama.config().layers(), Probe.NONE)
              .reshape(-1)
              .floats();
      float[] unembedding = llama.unembedding().reshape(-1).floats();
      float[] gain = llama.finalGain().floats();
      float[] decoder = model.dictionary(MAIN).weights().decoder().reshape(-1).floats();
      double[] mean = new double[d];
      for (int id = 0; id < vocabulary; id++) {
        for (int k = 0; k < d; k++) {
          mean[k] += unembedding[id * d + k] / (double) vocabulary;
        }
      }
      PromptEvent.Cell cell = cells.cells().get(3);
      int position = cell.position();
      double squares = 0;
      for (int k = 0; k < d; k++) {
        squares += residual[position * d + k] * (double) residual[position * d + k];
      }
      double rms = Math.sqrt(squares / d + llama.config().normEpsilon());
      int next = tokens.ids()[position + 1];
      for (PromptEvent.Firing firing : cell.features()) {
        double effect = 0;
        for (int k = 0; k < d; k++) {
          effect +=
              decoder[firing.feature() * d + k]
                  * (double) gain[k]
                  * (unembedding[next * d + k] - mean[k]);
        }
        assertThat(firing.effect().orElseThrow())
            .isCloseTo(firing.activation() * effect / rms, within(1e-4));
      }
    }
  }

  /** What the first layer shows is there before the model has gone on: stopping then is in time. */
  @Test
  void aPromptCanBeStoppedBetweenLayers() {
    List<PromptEvent> events = new ArrayList<>();
    assertThatThrownBy(() ->
            PromptPass.run(
                model,
                new PromptRequest(TEXT, List.of(), PromptRequest.Ranking.ACTIVATION, 1, 1),
                200,
                events::add,
                () -> events.size() == 2))
        .isInstanceOf(CancellationException.class);
    assertThat(events).hasSize(2);
  }

  @Test
  void ranksAreMonotoneAndWithinTheirBounds() {
    FeatureColumns columns = model.columns(MAIN).orElseThrow();
    for (int feature = 0; feature < columns.features(); feature++) {
      if (columns.firings()[feature] == 0) {
        assertThat(columns.rank(feature, 1)).isNaN();
        continue;
      }
      float last = 0;
      for (int i = 0; i <= 40; i++) {
        float rank = columns.rank(feature, columns.maximum()[feature] * i / 40);
        assertThat(rank).isBetween(last, 1f);
        last = rank;
      }
      assertThat(columns.rank(feature, columns.maximum()[feature])).isEqualTo(1f);
    }
  }

  private List<SteeringEvent> steer(List<Edit> edits, double dose, List<Double> doses) {
    List<SteeringEvent> events = new ArrayList<>();
    SteeringRequest request =
        new SteeringRequest(TEXT, edits, dose, GenerationRequest.greedy(8), doses, "");
    Steering.run(model, request, 200, events::add, () -> false);
    return events;
  }

  private static <T> List<T> of(List<SteeringEvent> events, Class<T> type) {
    return events.stream().filter(type::isInstance).map(type::cast).toList();
  }

  @Test
  void doseZeroChangesNoBit() {
    List<Edit> edits = List.of(Edit.of(new FeatureName(MAIN, strongest(MAIN)), Edit.Mode.ADD, 50));
    List<SteeringEvent> events = steer(edits, 0, List.of(0.0));
    for (SteeringEvent.Comparison each : of(events, SteeringEvent.Comparison.class)) {
      assertThat(each.kl()).containsOnly(0.0);
      assertThat(each.steeredLosses()).isEqualTo(each.originalLosses());
    }
    assertThat(of(events, SteeringEvent.Dose.class).getFirst().kl()).isZero();
    try (TensorScope _ = TensorScope.open()) {
      assertThat(last(new SteeringProbe(model, edits, 0, _ -> true))).isEqualTo(last(Probe.NONE));
    }
  }

  /** The residual after the last block. */
  private float[] last(Probe probe) {
    Llama llama = model.llama();
    return llama
        .forward(Capturing.ids(tokens().batch()), llama.config().layers(), probe)
        .reshape(-1)
        .floats();
  }

  @ParameterizedTest
  @EnumSource(Edit.Mode.class)
  void anEditIsWhatOneMakesByHand(Edit.Mode mode) {
    int feature = strongest(MAIN);
    double value = mode == Edit.Mode.SCALE ? 1.5 : 7;
    double dose = 0.5;
    Edit edit = Edit.of(new FeatureName(MAIN, feature), mode, value);
    Dictionary dictionary = model.dictionary(MAIN);
    try (Codes codes = codes(MAIN);
        TensorScope _ = TensorScope.open()) {
      Tensor column = dictionary.weights().decoder().narrow(0, feature, 1).reshape(-1);
      Probe byHand =
          (hook, activation) -> {
            if (!hook.equals(dictionary.contract().hookOut())) {
              return activation;
            }
            Tensor all = activation.copy();
            for (int position = 1; position < activation.size(1); position++) {
              double f = OwnText.value(codes.rows(), position - 1, feature);
              double change =
                  switch (mode) {
                    case ADD -> value;
                    case SCALE -> f * value - f;
                    case CLAMP -> value - f;
                    case ABLATE -> -f;
                  };
              Arithmetic.addInPlace(all.select(0, 0).select(0, position), column, dose * change);
            }
            return all;
          };
      float[] expected = last(byHand);
      float[] got = last(new SteeringProbe(model, List.of(edit), dose, _ -> true));
      for (int i = 0; i < got.length; i++) {
        assertThat(got[i]).isCloseTo(expected[i], within(2e-3f));
      }
    }
  }

  /** With the cache each new token is what the whole context gives. */
  @Test
  void writingWithTheCacheIsTheWholeContext() {
    Edit edit = Edit.of(new FeatureName(MAIN, strongest(MAIN)), Edit.Mode.ADD, 30);
    List<SteeringEvent> events = steer(List.of(edit), 1, List.of());
    SteeringEvent.Comparison steered = of(events, SteeringEvent.Comparison.class).getLast();
    int prompt = of(events, SteeringEvent.Prompt.class).getFirst().tokens().size();
    List<SteeringEvent.Written> written =
        of(events, SteeringEvent.Written.class).stream()
            .filter(token -> token.by() == SteeringEvent.Writer.STEERED)
            .toList();
    assertThat(written).isNotEmpty();
    for (int i = 0; i < written.size(); i++) {
      assertThat(steered.steeredLikely().get(prompt - 1 + i).getFirst().id())
          .isEqualTo(written.get(i).id());
    }
    assertThat(steered.kl().stream().mapToDouble(kl -> kl).max().orElse(0)).isPositive();
    assertThat(steered.kl()).allMatch(kl -> kl > -1e-5);
  }

  /** What a program asks for in one call is what the pages are told piece by piece. */
  @Test
  void oneCallGivesWhatIsWrittenAndWhatFires() {
    Edit edit = Edit.of(new FeatureName(MAIN, strongest(MAIN)), Edit.Mode.ADD, 30);
    String written =
        of(steer(List.of(edit), 1, List.of()), SteeringEvent.Written.class).stream()
            .filter(token -> token.by() == SteeringEvent.Writer.STEERED)
            .map(SteeringEvent.Written::text)
            .collect(Collectors.joining());
    try (SuiteModel opened = SuiteModel.open(suite.directory(), "demo")) {
      assertThat(opened.steered(TEXT, 8, List.of(edit))).isEqualTo(written).isNotEmpty();
      TextPass pass = opened.pass(MAIN, TEXT);
      assertThat(pass.tokens()).extracting(TextPass.Token::text).isEqualTo(tokens().texts());
      assertThat(pass.tokens())
          .flatExtracting(TextPass.Token::firings)
          .extracting(TextPass.Firing::feature)
          .contains(strongest(MAIN));
    }
  }

  /**
   * The prediction keeps the final norm's rms as it is. A step across the residual leaves that rms
   * alone to first order, so there the prediction must be what the model does, in direction and
   * size.
   */
  @Test
  void effectsAreAsPredictedInTheLastLayer() {
    assertThat(suite.names()).contains(LAST);
    try (TensorScope _ = TensorScope.open()) {
      Llama llama = model.llama();
      Tensor residual =
          llama
              .forward(Capturing.ids(tokens().batch()), llama.config().layers(), Probe.NONE)
              .select(0, 0)
              .narrow(0, 5, 1);
      Tensor column =
          model.dictionary(LAST).weights().decoder().narrow(0, strongest(LAST), 1).to(DType.F32);
      double along = dot(column, residual) / dot(residual, residual);
      Tensor across = Arithmetic.subtract(column, Arithmetic.multiply(residual, along));
      assertThat(dot(across, across)).isGreaterThan(0.01 * dot(column, column));

      Tensor step = Arithmetic.multiply(across, 0.002 * norm(residual) / norm(across));
      Tensor changed = Arithmetic.add(residual, step);
      Tensor actual =
          Unembedding.centred(Arithmetic.subtract(llama.logits(changed), llama.logits(residual)));
      Tensor predicted = model.unembedding().effects(step, residual);
      assertThat(dot(actual, predicted) / norm(actual) / norm(predicted)).isGreaterThan(0.999);
      assertThat(norm(actual) / norm(predicted)).isCloseTo(1, within(1e-3));
    }
  }

  private static double dot(Tensor left, Tensor right) {
    float[] a = left.floats();
    float[] b = right.floats();
    return IntStream.range(0, a.length).mapToDouble(i -> a[i] * (double) b[i]).sum();
  }

  private static double norm(Tensor vector) {
    return Math.sqrt(dot(vector, vector));
  }

  @Test
  void steeringCanBeStopped() {
    List<SteeringEvent> events = new ArrayList<>();
    SteeringRequest request =
        new SteeringRequest(TEXT, List.of(), 1, GenerationRequest.greedy(8), List.of(), "");
    assertThatThrownBy(
            () -> Steering.run(model, request, 200, events::add, () -> events.size() > 3))
        .isInstanceOf(CancellationException.class);
    assertThat(events).hasSize(4);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 256, 1 << 28})
  void dictionariesBeyondTheBoundAreClosed(long bytes) {
    try (SuiteModel small =
        SuiteModel.open(suite, ModelFolder.resolve("demo"), false, DType.F32, Device.CPU, bytes)) {
      for (DictionaryName name : suite.names()) {
        assertThat(small.dictionary(name).name()).isEqualTo(name);
      }
      assertThat(small.dictionary(MAIN).name()).isEqualTo(MAIN);
    }
  }

  @Test
  void anotherModelIsRefused() {
    assertThatThrownBy(() ->
            SuiteModel.open(
                    suite, ModelFolder.resolve("demo-chat"), false, DType.F32, Device.CPU, 1)
                .close())
        .hasMessageContaining("--other-model");
  }

  @Test
  void cosinesAreThoseOfTheWeights() {
    List<FeatureName> names =
        List.of(new FeatureName(MAIN, 0), new FeatureName(MAIN, 9), new FeatureName(LAST, 4));
    Cosines cosines = Cosines.of(suite, names);
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        float[] a = column(names.get(i));
        float[] b = column(names.get(j));
        double dot = 0;
        for (int k = 0; k < a.length; k++) {
          dot += a[k] * (double) b[k];
        }
        assertThat(cosines.decoder().get(i).get(j).orElseThrow()).isCloseTo(dot, within(1e-4));
        assertThat(cosines.encoder().get(i).get(j)).isEqualTo(cosines.encoder().get(j).get(i));
      }
    }
  }

  private float[] column(FeatureName name) {
    try (TensorScope _ = TensorScope.open()) {
      return model
          .dictionary(name.dictionary())
          .weights()
          .decoder()
          .narrow(0, name.feature(), 1)
          .reshape(-1)
          .floats();
    }
  }
}
