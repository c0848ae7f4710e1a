package dev.loupe.geometry;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.FeatureName;
import dev.loupe.tensor.Indexing;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import dev.loupe.text.Progress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * How the dictionaries of a suite lie to each other, as a user asks for it: opens everything, runs,
 * closes everything. At most two dictionaries are open at a time, and cosines exist in tiles only.
 */
public final class Geometry {
  private static final Comparator<FeatureName> BY_NAME =
      Comparator.comparing(FeatureName::dictionary).thenComparingInt(FeatureName::feature);

  private final GeometrySetup setup;
  private final Progress progress;
  private final BooleanSupplier stop;
  private final FeatureLabels labels;
  private final List<GeometryReport.Counted> counted = new ArrayList<>();
  private final List<Comparison> comparisons = new ArrayList<>();
  private final List<Stability> stability = new ArrayList<>();
  private final List<Neighbours> neighbours = new ArrayList<>();
  private final List<DirectionClusters> clusters = new ArrayList<>();

  private Geometry(GeometrySetup setup, Progress progress, BooleanSupplier stop) {
    this.setup = setup;
    this.progress = progress;
    this.stop = stop;
    this.labels = new FeatureLabels(setup.suite());
  }

  /**
   * Looks at a suite.
   *
   * @param command the command line, for the report
   * @param stop asked before each piece of work; once true, CancellationException
   */
  public static GeometryReport run(
      GeometrySetup setup, List<String> command, Progress progress, BooleanSupplier stop) {
    return new Geometry(setup, progress, stop).run(command);
  }

  private GeometryReport run(List<String> command) {
    List<DictionaryName> names = setup.names();
    neighbours(names); // first, since it may refuse a feature
    for (int i = 0; i < names.size(); i++) {
      report(names.get(i).toString(), i, names.size());
      try (Directions directions = Directions.open(setup.suite(), names.get(i))) {
        alone(directions);
        for (DictionaryName other : names.subList(i + 1, names.size())) {
          pair(directions, other);
        }
      }
    }
    Optional<FeatureMap> map = map();
    report("geometry", names.size(), names.size());
    return new GeometryReport(
        GeometryReport.FORMAT,
        setup.suite().manifest().model(),
        command,
        setup,
        Distribution.LEVELS,
        counted,
        comparisons,
        stability,
        neighbours,
        clusters,
        map);
  }

  private void report(String what, long done, long total) {
    progress.report(what, done, total);
    if (stop.getAsBoolean()) {
      throw new CancellationException("geometry was stopped; nothing was written");
    }
  }

  private void alone(Directions directions) {
    counted.add(
        new GeometryReport.Counted(
            directions.name(),
            directions.all(),
            directions.size(),
            directions.dimensions(),
            directions.deadBy()));
    if (setup.clusters()) {
      int draws = Math.min(setup.baselineDraws(), directions.size());
      float[] chance = Baselines.covariance(directions.unit(), draws, setup.seed());
      clusters.add(
          DirectionClusters.of(
              directions,
              Distribution.of(chance).quantile(0.99),
              setup.resolution(),
              setup.seed(),
              row -> labels.of(directions.name(), directions.features()[row])));
    }
  }

  private void pair(Directions directions, DictionaryName name) {
    boolean seeds = Stability.differInSeed(directions.name(), name);
    if (!setup.areCompared(directions.name(), name)) {
      return;
    }
    report(directions.name() + " and " + name, 0, 1);
    try (Directions other = Directions.open(setup.suite(), name)) {
      checkSame(directions, other);
      comparisons.add(Comparison.of(directions, other, setup.baselineDraws(), setup.seed()));
      comparisons.add(Comparison.of(other, directions, setup.baselineDraws(), setup.seed()));
      if (seeds) {
        stability.add(Stability.of(directions, other));
      }
    }
  }

  private static void checkSame(Directions a, Directions b) {
    if (a.dimensions() != b.dimensions()) {
      throw new IllegalArgumentException(
          "expected dictionaries that write to spaces of one size, got %s with %d and %s with %d"
              .formatted(a.name(), a.dimensions(), b.name(), b.dimensions()));
    }
  }

  private void neighbours(List<DictionaryName> names) {
    for (Map.Entry<DictionaryName, List<FeatureName>> chosen : chosen().entrySet()) {
      try (Directions from = Directions.open(setup.suite(), chosen.getKey())) {
        for (DictionaryName name : names) {
          report("neighbours in " + name, 0, 1);
          try (Directions to = Directions.open(setup.suite(), name)) {
            checkSame(from, to);
            neighbours.addAll(
                Neighbours.of(from, chosen.getValue(), to, setup.neighbours(), labels));
          }
        }
      }
    }
  }

  private Map<DictionaryName, List<FeatureName>> chosen() {
    Map<DictionaryName, List<FeatureName>> chosen = new TreeMap<>();
    setup.features().stream()
        .distinct()
        .forEach(feature ->
            chosen.computeIfAbsent(feature.dictionary(), _ -> new ArrayList<>()).add(feature));
    return chosen;
  }

  /** Whole dictionaries, and the chosen features with their neighbours. */
  private Optional<FeatureMap> map() {
    Set<FeatureName> wanted = new TreeSet<>(BY_NAME);
    neighbours.forEach(near -> {
      wanted.add(near.feature().feature());
      near.nearest().forEach(each -> wanted.add(each.feature().feature()));
    });
    for (DictionaryName name : setup.map()) {
      try (Directions of = Directions.open(setup.suite(), name)) {
        Arrays.stream(of.features()).forEach(f -> wanted.add(new FeatureName(name, f)));
      }
    }
    if (wanted.isEmpty()) {
      return Optional.empty();
    }
    report("map", 0, 1);
    List<FeatureName> drawn =
        FeatureMap.sample(List.copyOf(wanted), setup.mapPoints(), setup.seed());
    return Optional.of(
        FeatureMap.of(
            vectors(drawn),
            wanted.size(),
            setup.seed(),
            feature -> labels.of(feature.dictionary(), feature.feature())));
  }

  private List<FeatureMap.Direction> vectors(List<FeatureName> drawn) {
    List<FeatureMap.Direction> vectors = new ArrayList<>();
    for (DictionaryName name : drawn.stream().map(FeatureName::dictionary).distinct().toList()) {
      List<FeatureName> own = drawn.stream().filter(f -> f.dictionary().equals(name)).toList();
      try (Directions of = Directions.open(setup.suite(), name)) {
        vectors.addAll(vectors(of, own));
      }
    }
    return vectors;
  }

  private static List<FeatureMap.Direction> vectors(Directions of, List<FeatureName> features) {
    int d = of.dimensions();
    int[] rows = features.stream().mapToInt(feature -> Neighbours.row(of, feature)).toArray();
    float[] values;
    try (TensorScope _ = TensorScope.open()) {
      values = Indexing.rows(of.unit(), Tensors.of(rows, rows.length)).floats();
    }
    List<FeatureMap.Direction> vectors = new ArrayList<>();
    for (int i = 0; i < rows.length; i++) {
      float[] vector = Arrays.copyOfRange(values, i * d, (i + 1) * d);
      vectors.add(new FeatureMap.Direction(features.get(i), vector));
    }
    return vectors;
  }
}
