package dev.loupe.exchange;

import dev.loupe.interpret.FeatureExplanations;
import dev.loupe.interpret.Score;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Names that explanations and scores refer to, as rows of Neuronpedia's tables: its database
 * refuses an explanation or a score by a name that it does not know. Files of {@code config/}.
 */
final class NeuronpediaConfig {
  private static final String CREATOR = "Loupe";
  private static final String LOUPE = "loupe";

  private final NeuronpediaNames names;
  private final SortedSet<String> methods = new TreeSet<>();
  private final SortedSet<String> explainers = new TreeSet<>();
  private final SortedSet<String> scorers = new TreeSet<>();
  private final SortedSet<String> judges = new TreeSet<>();

  /**
   * @param said what is exported
   */
  NeuronpediaConfig(NeuronpediaNames names, Collection<FeatureExplanations> said) {
    this.names = names;
    for (FeatureExplanations of : said) {
      for (FeatureExplanations.Explained each : of.current()) {
        methods.add(each.explanation().method());
        explainers.add(each.explanation().author());
        for (Score score : each.scores()) {
          scorers.add(score.scorer());
          judges.add(score.author());
        }
      }
    }
    explainers.remove(LOUPE); // an explanation may be without one
  }

  /** A way of explaining. */
  record ExplanationType(
      String name,
      String displayName,
      String description,
      boolean featured,
      boolean isAttention,
      Optional<String> explainerModelSettingsId,
      Optional<String> settings,
      Optional<String> url,
      String creatorName,
      String creatorId,
      String createdAt,
      String updatedAt) {}

  /** A way of scoring. */
  record ScoreType(
      String name,
      String displayName,
      String description,
      boolean featured,
      boolean isAttention,
      Optional<String> scoreDescription,
      Optional<String> scorerModel,
      Optional<String> settings,
      Optional<String> url,
      String creatorName,
      String creatorId,
      String createdAt,
      String updatedAt) {}

  /** Who explains, or who judges. */
  record Model(
      String name,
      String displayName,
      String description,
      boolean featured,
      Optional<String> openRouterModelId,
      Optional<String> url,
      String creatorName,
      String createdAt,
      String updatedAt) {}

  /** Rows by the name of their file; none where nothing is said. */
  Map<String, List<?>> files() {
    Map<String, List<?>> files = new TreeMap<>();
    put(files, "explanation_type.jsonl", methods.stream().map(this::explanationType));
    put(files, "explanation_model_type.jsonl", explainers.stream().map(this::model));
    put(files, "explanation_score_type.jsonl", scorers.stream().map(this::scoreType));
    put(files, "explanation_score_model.jsonl", judges.stream().map(this::model));
    return files;
  }

  private static void put(Map<String, List<?>> files, String name, Stream<?> rows) {
    List<?> all = rows.toList();
    if (!all.isEmpty()) {
      files.put(name, all);
    }
  }

  private ExplanationType explanationType(String name) {
    return new ExplanationType(
        name,
        name,
        "Loupe: " + name,
        false,
        false,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        CREATOR,
        names.creatorId(),
        names.createdAtText(),
        names.createdAtText());
  }

  private ScoreType scoreType(String name) {
    return new ScoreType(
        name,
        name,
        "Loupe: " + name,
        false,
        false,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        CREATOR,
        names.creatorId(),
        names.createdAtText(),
        names.createdAtText());
  }

  private Model model(String name) {
    return new Model(
        name,
        name,
        name.equals(LOUPE) ? "Without a language model" : name,
        false,
        Optional.empty(),
        Optional.empty(),
        CREATOR,
        names.createdAtText(),
        names.createdAtText());
  }
}
