package dev.loupe.interpret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.files.Json;
import dev.loupe.judge.Answer;
import dev.loupe.judge.Judge;
import dev.loupe.judge.Outcome;
import dev.loupe.judge.Question;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleSupplier;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What judges whose worth is known make of features whose rules are known. */
final class JudgedScoresTest {
  private static final List<PlantedFeature> FEATURES = PlantedFeature.all();
  private static final Judge PLANTED = new PlantedJudge();
  private static final long SEED = 3;

  /** Answers every second item, from the first. */
  private static Judge halfSilent(Judge judge) {
    return question -> {
      Answer answer = judge.ask(question);
      ObjectNode json = answer.json().orElseThrow();
      ArrayNode items = (ArrayNode) json.path("items");
      for (int i = items.size() - 1; i > 0; i -= 2) {
        items.remove(i - (items.size() % 2 == 0 ? 0 : 1));
      }
      return new Answer(Outcome.CUT, json.toString(), "");
    };
  }

  private static Judge saying(DoubleSupplier probability) {
    return question -> {
      ObjectNode json = Json.mapper().createObjectNode();
      ArrayNode items = json.putArray("items");
      for (int id : PlantedJudge.lines(question.user()).keySet()) {
        double p = probability.getAsDouble();
        items.addObject().put("id", id).put("active", p > 0.5).put("p", p);
      }
      return new Answer(Outcome.ANSWERED, json.toString(), "");
    };
  }

  private static BinaryScore detection(PlantedFeature feature, String explanation, Judge judge) {
    return ItemSheet.detection(feature.name(), explanation, feature.items(SEED), SEED).ask(judge);
  }

  private static BinaryScore fuzzing(PlantedFeature feature, String explanation, Judge judge) {
    return ItemSheet.fuzzing(feature.name(), explanation, feature.items(SEED), SEED).ask(judge);
  }

  @Test
  void aPerfectJudgeGivesOne() {
    for (PlantedFeature feature : FEATURES) {
      for (BinaryScore score :
          List.of(
              detection(feature, feature.explanation(), PLANTED),
              fuzzing(feature, feature.explanation(), PLANTED))) {
        assertThat(score.balancedAccuracy().value()).isEqualTo(1);
        assertThat(score.balancedAccuracy().low()).isBetween(0.9, 0.95);
        assertThat(score.balancedAccuracy().high()).isEqualTo(1);
        assertThat(score.auc()).isEqualTo(new Interval(1, 1, 1));
        assertThat(score.failed()).isZero();
        assertThat(score.strata()).allMatch(stratum -> stratum.correct().value() == 1);
      }
    }
    BinaryScore score = detection(FEATURES.getFirst(), FEATURES.getFirst().explanation(), PLANTED);
    assertThat(score.positives()).isEqualTo(30);
    assertThat(score.negatives()).isEqualTo(30);
    assertThat(score.strata())
        .extracting(BinaryScore.Stratum::name)
        .containsExactly(
            "band_3", "band_4", "band_5", "band_6", "band_7", "near_miss", "neighbour", "random");
    assertThat(fuzzing(FEATURES.getFirst(), FEATURES.getFirst().explanation(), PLANTED).strata())
        .extracting(BinaryScore.Stratum::name)
        .contains("moved");
  }

  @Test
  void oneThatAlwaysSaysYesGivesAHalf() {
    BinaryScore score = detection(FEATURES.getFirst(), "x", saying(() -> 1));
    assertThat(score.balancedAccuracy().value()).isEqualTo(0.5);
    assertThat(score.auc().value()).isEqualTo(0.5);
    assertThat(score.balancedAccuracy().low()).isLessThan(0.5);
    assertThat(score.balancedAccuracy().high()).isGreaterThan(0.5);
  }

  /** Of 95 % intervals of 20 features, two numbers each, few leave out the truth. */
  @Test
  void oneThatGuessesGivesIntervalsThatHoldAHalf() {
    Random random = new Random(11);
    int held = 0;
    for (PlantedFeature feature : FEATURES) {
      BinaryScore score = detection(feature, "x", saying(random::nextDouble));
      held += holds(score.balancedAccuracy(), 0.5) ? 1 : 0;
      held += holds(score.auc(), 0.5) ? 1 : 0;
    }
    assertThat(held).isGreaterThanOrEqualTo(35);
  }

  private static boolean holds(Interval interval, double value) {
    return interval.low() <= value && value <= interval.high();
  }

  @Test
  void oneThatIsHalfSilentGivesTheSameWithAWiderInterval() {
    PlantedFeature feature = FEATURES.get(4);
    BinaryScore whole = detection(feature, feature.explanation(), PLANTED);
    BinaryScore half = detection(feature, feature.explanation(), halfSilent(PLANTED));
    assertThat(half.failed()).isEqualTo(30);
    assertThat(half.positives() + half.negatives()).isEqualTo(30);
    assertThat(half.balancedAccuracy().value()).isEqualTo(whole.balancedAccuracy().value());
    assertThat(half.auc().value()).isEqualTo(whole.auc().value());
    assertThat(half.balancedAccuracy().low()).isLessThan(whole.balancedAccuracy().low());
  }

  @Test
  void oneThatSaysNothingGivesNoNumber() {
    Judge silent = question -> new Answer(Outcome.UNREACHABLE, "", "");
    BinaryScore score = detection(FEATURES.getFirst(), "x", silent);
    assertThat(score.failed()).isEqualTo(60);
    assertThat(score.balancedAccuracy().value()).isNaN();
    assertThat(score.auc().value()).isNaN();
    IntruderSheet.Score intruder =
        IntruderSheet.of(FEATURES.getFirst().name(), FEATURES.getFirst().items(SEED), SEED)
            .ask(silent);
    assertThat(intruder.groups()).isZero();
    assertThat(intruder.failed()).isEqualTo(7); // of 30 active passages four each
  }

  @Test
  void wrongTypesAreNoAnswers() {
    Judge odd =
        question ->
            new Answer(
                Outcome.ANSWERED,
                "{\"items\":[{\"id\":1,\"active\":\"yes\"},{\"id\":2,\"active\":true,\"p\":7},{\"id\":3,\"p\":1}]}",
                "");
    BinaryScore score = detection(FEATURES.getFirst(), "x", odd);
    assertThat(score.positives() + score.negatives()).isEqualTo(6); // one of each ten
    assertThat(score.failed()).isEqualTo(54);
  }

  @Test
  void trueExplanationsRankAboveFalseOnes() {
    assertThat(ranking((feature, text) -> detection(feature, text, PLANTED).auc().value()))
        .isGreaterThan(0.95);
    assertThat(ranking((feature, text) -> fuzzing(feature, text, PLANTED).auc().value()))
        .isGreaterThan(0.95);
    // also with a judge that is wrong one time in four
    Random random = new Random(5);
    Judge careless = careless(random);
    assertThat(
            ranking(
                (feature, text) -> detection(feature, text, careless).balancedAccuracy().value()))
        .isGreaterThan(0.95);
    assertThat(
            ranking((feature, text) -> fuzzing(feature, text, careless).balancedAccuracy().value()))
        .isGreaterThan(0.95);
  }

  private static Judge careless(Random random) {
    return question -> {
      ObjectNode json = PLANTED.ask(question).json().orElseThrow();
      json.path("items")
          .forEach(item -> {
            if (random.nextInt(4) == 0) {
              ((ObjectNode) item).put("active", !item.path("active").booleanValue());
            }
          });
      return new Answer(Outcome.ANSWERED, json.toString(), "");
    };
  }

  /** How often the right text scores above another feature's. */
  private static double ranking(ToDoubleBiFunction<PlantedFeature, String> score) {
    double[] right =
        FEATURES.stream()
            .mapToDouble(feature -> score.applyAsDouble(feature, feature.explanation()))
            .toArray();
    double[] wrong =
        FEATURES.stream()
            .mapToDouble(feature -> score.applyAsDouble(feature, another(feature).explanation()))
            .toArray();
    return Numbers.auc(right, wrong, SEED).value();
  }

  private static PlantedFeature another(PlantedFeature feature) {
    return FEATURES.get((feature.number() + 7) % FEATURES.size());
  }

  /** Intruders need no explanation: they tell a feature with a rule from passages without one. */
  @Test
  void featuresWithARuleRankAboveThoseWithout() {
    double[] with = FEATURES.stream().mapToDouble(feature -> intruders(feature, feature)).toArray();
    double[] without =
        FEATURES.stream().mapToDouble(feature -> intruders(feature, another(feature))).toArray();
    assertThat(Numbers.auc(with, without, SEED).value()).isGreaterThan(0.95);
    assertThat(with).containsOnly(1);
  }

  /** Accuracy where what is called active are passages of a feature, or any passages at all. */
  private static double intruders(PlantedFeature feature, PlantedFeature source) {
    List<Example> items = feature.equals(source) ? source.items(SEED) : source.withoutRule(SEED);
    return IntruderSheet.of(feature.name(), items, SEED).ask(PLANTED).accuracy().value();
  }

  @Test
  void simulationCorrelatesWithWhatWas() {
    PlantedFeature feature = FEATURES.get(2);
    SimulationSheet.Score right = simulation(feature, feature.explanation());
    SimulationSheet.Score wrong = simulation(feature, another(feature).explanation());
    assertThat(right.correlation().value()).isBetween(0.8, 0.99); // all 8, where it grows
    assertThat(right.correlation().low()).isBetween(0.7, right.correlation().value());
    assertThat(right.active()).isEqualTo(30);
    assertThat(right.silent()).isEqualTo(30);
    assertThat(wrong.correlation().value()).isCloseTo(0, within(0.1));
    assertThat(SimulationSheet.of(feature.name(), "x", feature.items(SEED), SEED).ask(_ -> none()))
        .isEqualTo(new SimulationSheet.Score(new Interval(Double.NaN, -1, 1), 0, 0, 60));
  }

  private static Answer none() {
    return new Answer(Outcome.UNREADABLE, "", "");
  }

  private static SimulationSheet.Score simulation(PlantedFeature feature, String explanation) {
    return SimulationSheet.of(feature.name(), explanation, feature.items(SEED), SEED).ask(PLANTED);
  }

  @Test
  void promptsAreTheSameInEveryRun() {
    PlantedFeature feature = FEATURES.get(1);
    assertThat(questions(feature, SEED)).isEqualTo(questions(feature, SEED));
    assertThat(questions(feature, SEED)).isNotEqualTo(questions(feature, SEED + 1));
    // at most ten items in each, and in no order that tells
    assertThat(questions(feature, SEED))
        .filteredOn(question -> question.stage().equals("detection"))
        .hasSize(6)
        .allMatch(question -> PlantedJudge.lines(question.user()).size() == 10)
        .allMatch(question -> {
          long active =
              PlantedJudge.lines(question.user()).values().stream()
                  .filter(line -> line.contains(feature.word()))
                  .count();
          return active > 0 && active < 10;
        });
  }

  private static List<Question> questions(PlantedFeature feature, long seed) {
    List<Example> items = feature.items(SEED);
    return Stream.of(
            ItemSheet.detection(feature.name(), "x", items, seed),
            ItemSheet.fuzzing(feature.name(), "x", items, seed),
            IntruderSheet.of(feature.name(), items, seed),
            SimulationSheet.of(feature.name(), "x", items, seed))
        .flatMap(sheet -> sheet.questions().stream())
        .toList();
  }
}
