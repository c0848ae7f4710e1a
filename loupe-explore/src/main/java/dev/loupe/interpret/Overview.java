package dev.loupe.interpret;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * All that machines say of a dictionary, at a glance: how scores are spread, and which features
 * deserve a look. A plain value.
 *
 * @param summary over all features
 * @param spreads by method, then scorer
 * @param standings by scorer
 */
public record Overview(
    InterpretSummary summary, List<Spread> spreads, SequencedMap<String, Standing> standings) {
  private static final int BINS = 20;
  private static final int SHOWN = 20;

  public Overview {
    spreads = List.copyOf(spreads);
  }

  /**
   * How a scorer's values of a method's explanations are spread.
   *
   * @param low end of the first bin
   * @param high end of the last bin, which holds it
   * @param counts of features, by bins of equal width
   * @param others the same of another feature's words in the same tests
   */
  public record Spread(
      String method,
      String scorer,
      String measure,
      double low,
      double high,
      List<Integer> counts,
      List<Integer> others) {
    public Spread {
      counts = List.copyOf(counts);
      others = List.copyOf(others);
    }
  }

  /**
   * Features of which the best explanation does worst, and of which least is known.
   *
   * @param worst lowest value first
   * @param uncertain widest interval first
   */
  public record Standing(List<Place> worst, List<Place> uncertain) {}

  /** The best explanation of a feature, with one score. */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Place(
      int feature,
      String method,
      String text,
      String measure,
      double value,
      double low,
      double high) {}

  /**
   * Looks at everything.
   *
   * @param features how many the dictionary has
   */
  public static Overview of(Explanations explanations, int features) {
    Map<Integer, FeatureExplanations> all = explanations.each(Optional::of);
    return new Overview(
        InterpretSummary.of(explanations, IntStream.range(0, features).boxed().toList()),
        spreads(all),
        standings(all));
  }

  private record Kind(String method, String scorer) {}

  private static List<Spread> spreads(Map<Integer, FeatureExplanations> all) {
    Map<Kind, List<Score>> kinds =
        new TreeMap<>(Comparator.comparing(Kind::method).thenComparing(Kind::scorer));
    for (FeatureExplanations of : all.values()) {
      for (FeatureExplanations.Explained one : of.current()) {
        for (Score score : latest(one).values()) {
          Kind kind = new Kind(one.explanation().method(), score.scorer());
          kinds.computeIfAbsent(kind, _ -> new ArrayList<>()).add(score);
        }
      }
    }
    return kinds.entrySet().stream().map(kind -> spread(kind.getKey(), kind.getValue())).toList();
  }

  /** The last score of each scorer that knows a value. */
  private static Map<String, Score> latest(FeatureExplanations.Explained one) {
    Map<String, Score> latest = new LinkedHashMap<>();
    one.scores().forEach(score -> latest.put(score.scorer(), score));
    latest.values().removeIf(score -> !score.measured().known());
    return latest;
  }

  private static Spread spread(Kind kind, List<Score> scores) {
    String measure = scores.getFirst().measured().measure();
    double low =
        switch (measure) {
          case "correlation" -> -1;
          case "rating" -> 1;
          default -> 0;
        };
    double high = measure.equals("rating") ? 5 : 1;
    int[] counts = new int[BINS];
    int[] others = new int[BINS];
    for (Score score : scores) {
      counts[bin(score.measured().value(), low, high)]++;
      score
          .baseline()
          .map(Score.Baseline::measured)
          .filter(Measured::known)
          .ifPresent(other -> others[bin(other.value(), low, high)]++);
    }
    return new Spread(kind.method(), kind.scorer(), measure, low, high, list(counts), list(others));
  }

  private static List<Integer> list(int[] counts) {
    return Arrays.stream(counts).boxed().toList();
  }

  private static int bin(double value, double low, double high) {
    return Math.clamp((int) Math.floor((value - low) / (high - low) * BINS), 0, BINS - 1);
  }

  private static SequencedMap<String, Standing> standings(Map<Integer, FeatureExplanations> all) {
    Map<String, List<Place>> places = new TreeMap<>();
    for (FeatureExplanations of : all.values()) {
      of.best()
          .ifPresent(best ->
              latest(best)
                  .forEach((scorer, score) ->
                      places
                          .computeIfAbsent(scorer, _ -> new ArrayList<>())
                          .add(place(best.explanation(), score))));
    }
    SequencedMap<String, Standing> standings = new LinkedHashMap<>();
    places.forEach((scorer, of) ->
        standings.put(
            scorer,
            new Standing(
                first(of, Comparator.comparingDouble(Place::value)),
                first(of, Comparator.comparingDouble((Place p) -> p.low() - p.high())))));
    return standings;
  }

  private static List<Place> first(List<Place> places, Comparator<Place> order) {
    return places.stream().sorted(order).limit(SHOWN).toList();
  }

  private static Place place(Explanation explanation, Score score) {
    Measured measured = score.measured();
    return new Place(
        explanation.feature(),
        explanation.method(),
        explanation.text(),
        measured.measure(),
        measured.value(),
        measured.result().orElseThrow().low(),
        measured.result().orElseThrow().high());
  }
}
