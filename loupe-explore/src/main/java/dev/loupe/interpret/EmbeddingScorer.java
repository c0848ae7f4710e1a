package dev.loupe.interpret;

import dev.loupe.search.TextEmbedding;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Whether an explanation means what the windows that a feature fires in mean, more than others: the
 * area under the curve of the cosine of their embeddings. Local and free. Remembers the embeddings
 * of windows and explanations, because features share them. Thread-safe.
 */
public final class EmbeddingScorer implements Scorer {
  static final String MEASURE = "auc";

  /** Windows whose embeddings are kept, 1.5 KB each. */
  private static final int REMEMBERED = 200_000;

  private final TextEmbedding embedding;
  private final long seed;
  private final Map<Integer, float[]> windows = new ConcurrentHashMap<>();
  private final Map<String, float[]> explanations = new ConcurrentHashMap<>();

  /**
   * A scorer for one store.
   *
   * @param seed of the intervals' resampling
   */
  public EmbeddingScorer(TextEmbedding embedding, long seed) {
    this.embedding = embedding;
    this.seed = seed;
  }

  @Override
  public String name() {
    return "embedding";
  }

  @Override
  public Outcome score(Explanation explanation, ExampleSets sets) {
    float[] query = explanations.computeIfAbsent(explanation.text(), embedding::embed);
    List<Double> positives = new ArrayList<>();
    List<Double> negatives = new ArrayList<>();
    Map<String, List<Double>> strata = new TreeMap<>();
    Map<String, Boolean> sides = new TreeMap<>();
    int failed = 0;
    for (Example example : sets.score()) {
      String text = example.text().window().text();
      if (text.isBlank()) { // has no meaning
        failed++;
        continue;
      }
      float[] vector = window(example.text().window().window(), text);
      double cosine = dot(query, vector);
      (example.active() ? positives : negatives).add(cosine);
      strata.computeIfAbsent(example.stratum(), _ -> new ArrayList<>()).add(cosine);
      sides.put(example.stratum(), example.active());
    }
    if (positives.isEmpty() || negatives.isEmpty()) {
      return Outcome.of(Measured.unknown(MEASURE, positives.size(), negatives.size(), failed));
    }
    Interval auc = Numbers.auc(array(positives), array(negatives), seed + sets.feature());
    List<Measured.Stratum> kinds = new ArrayList<>();
    strata.forEach((name, cosines) -> {
      double[] own = array(cosines);
      boolean active = sides.get(name);
      double area =
          active ? Numbers.area(own, array(negatives)) : Numbers.area(array(positives), own);
      kinds.add(new Measured.Stratum(name, own.length, Optional.of(area)));
    });
    return Outcome.of(
        new Measured(MEASURE, auc.kept(), positives.size(), negatives.size(), failed, kinds));
  }

  /** Two threads may embed the same one: neither waits for the other. */
  private float[] window(int number, String text) {
    float[] known = windows.get(number);
    if (known != null) {
      return known;
    }
    float[] vector = embedding.embed(text);
    if (windows.size() < REMEMBERED) {
      windows.put(number, vector);
    }
    return vector;
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * (double) b[i];
    }
    return sum;
  }

  private static double[] array(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
