package dev.loupe.interpret;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What there is of some features of a dictionary. Means are over features, each counting once.
 *
 * @param features that were chosen
 * @param explained of those, with any explanation
 * @param methods by name
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record InterpretSummary(int features, int explained, List<Method> methods) {
  public InterpretSummary {
    methods = List.copyOf(methods);
  }

  /**
   * One way of explaining.
   *
   * @param explained features with an explanation of it
   * @param best features of which it is the best
   * @param scores by scorer
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Method(String method, int explained, int best, List<Scored> scores) {
    public Method {
      scores = List.copyOf(scores);
    }
  }

  /**
   * A scorer's view of a method.
   *
   * @param scored features with a value
   * @param mean of the values
   * @param low end of the 95 % interval of the mean, by resampling features
   * @param high end of it
   * @param baseline mean of the baselines, where there are any
   * @param unknown features that could not be scored
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Scored(
      String scorer,
      String measure,
      int scored,
      double mean,
      double low,
      double high,
      Optional<Double> baseline,
      int unknown) {}

  static InterpretSummary of(Explanations explanations, List<Integer> chosen) {
    Set<Integer> wanted = new TreeSet<>(chosen);
    Map<Integer, FeatureExplanations> all = explanations.each(Optional::of);
    all.keySet().retainAll(wanted);
    Map<String, List<FeatureExplanations.Explained>> byMethod = new TreeMap<>();
    Map<String, Integer> best = new TreeMap<>();
    for (FeatureExplanations of : all.values()) {
      of.current()
          .forEach(e ->
              byMethod.computeIfAbsent(e.explanation().method(), _ -> new ArrayList<>()).add(e));
      of.best().ifPresent(e -> best.merge(e.explanation().method(), 1, Integer::sum));
    }
    return new InterpretSummary(
        chosen.size(),
        all.size(),
        byMethod.entrySet().stream()
            .map(entry ->
                new Method(
                    entry.getKey(),
                    entry.getValue().size(),
                    best.getOrDefault(entry.getKey(), 0),
                    scored(entry.getValue())))
            .toList());
  }

  private static List<Scored> scored(List<FeatureExplanations.Explained> explained) {
    Set<String> scorers = new TreeSet<>();
    explained.forEach(e -> e.scores().forEach(s -> scorers.add(s.scorer())));
    List<Scored> all = new ArrayList<>();
    for (String scorer : scorers) {
      List<Score> scores = explained.stream().flatMap(e -> e.score(scorer).stream()).toList();
      Double[] values =
          scores.stream()
              .filter(s -> s.measured().known())
              .map(s -> s.measured().value())
              .toArray(Double[]::new);
      if (values.length > 0) {
        Interval mean = Numbers.bootstrap(values, InterpretSummary::mean, 0);
        Double[] baselines =
            scores.stream()
                .flatMap(s -> s.baseline().stream())
                .filter(b -> b.measured().known())
                .map(b -> b.measured().value())
                .toArray(Double[]::new);
        all.add(
            new Scored(
                scorer,
                scores.getFirst().measured().measure(),
                values.length,
                mean.value(),
                mean.low(),
                mean.high(),
                baselines.length == 0 ? Optional.empty() : Optional.of(mean(baselines)),
                scores.size() - values.length));
      }
    }
    return all;
  }

  private static double mean(Double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }
}
