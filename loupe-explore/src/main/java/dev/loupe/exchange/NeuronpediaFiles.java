package dev.loupe.exchange;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a bulk export for Neuronpedia holds, in memory: for a look, a test or another tool, not for
 * a whole dictionary of many features.
 */
public record NeuronpediaFiles(
    Release release,
    Model model,
    SourceSet sourceSet,
    Source source,
    List<NeuronpediaNeuron> neurons,
    List<NeuronpediaActivation> activations,
    List<NeuronpediaExplanation> explanations,
    List<NeuronpediaExplanation.Score> scores) {
  static final String RELEASE = "release.jsonl";
  static final String MODEL = "model.jsonl";
  static final String SOURCE_SET = "sourceset.jsonl";
  static final String SOURCE = "source.jsonl";
  static final String NEURONS = "features";
  static final String ACTIVATIONS = "activations";
  static final String EXPLANATIONS = "explanations";
  static final String SCORES = "explanation_scores";
  static final String CONFIG = "config";
  static final String BATCH = ".jsonl.gz";

  public NeuronpediaFiles {
    neurons = List.copyOf(neurons);
    activations = List.copyOf(activations);
    explanations = List.copyOf(explanations);
    scores = List.copyOf(scores);
  }

  /** {@code release.jsonl}: who published what. */
  public record Release(
      String name,
      String description,
      Optional<String> descriptionShort,
      List<String> urls,
      String creatorName,
      Optional<String> creatorNameShort,
      String creatorId,
      String visibility,
      boolean isNewUi,
      boolean featured,
      Optional<String> defaultSourceSetName,
      Optional<String> defaultSourceId,
      List<String> defaultUmapSourceIds,
      String createdAt) {
    public Release {
      urls = List.copyOf(urls);
      defaultUmapSourceIds = List.copyOf(defaultUmapSourceIds);
    }
  }

  /**
   * {@code model.jsonl}: the language model.
   *
   * @param dimension width of its residual stream
   * @param layers 0 where not known, as it is here
   * @param neuronsPerLayer likewise
   */
  public record Model(
      String id,
      boolean instruct,
      String displayName,
      String displayNameShort,
      Optional<String> tlensId,
      Optional<Integer> dimension,
      int layers,
      int neuronsPerLayer,
      String visibility,
      Optional<String> defaultSourceSetName,
      Optional<String> defaultSourceId,
      boolean inferenceEnabled,
      String owner,
      Optional<String> website,
      String creatorId,
      String createdAt,
      String updatedAt) {}

  /** {@code sourceset.jsonl}: dictionaries of one kind in all layers. */
  public record SourceSet(
      String modelId,
      String name,
      String description,
      String type,
      String creatorId,
      String creatorName,
      Optional<String> creatorEmail,
      List<String> urls,
      Optional<String> releaseName,
      String visibility,
      boolean hasDashboards,
      int defaultRange,
      boolean defaultShowBreaks,
      boolean showDfa,
      boolean showCorrelated,
      boolean showHeadAttribution,
      boolean showUmap,
      String createdAt) {
    public SourceSet {
      urls = List.copyOf(urls);
    }
  }

  /** {@code source.jsonl}: one dictionary, and on what it was analysed. */
  public record Source(
      String id,
      String modelId,
      String setName,
      String creatorId,
      boolean hasDashboards,
      boolean inferenceEnabled,
      List<String> inferenceHosts,
      Optional<String> saelensConfig,
      Optional<String> saelensRelease,
      Optional<String> saelensSaeId,
      Optional<String> hfRepoId,
      Optional<String> hfFolderId,
      @JsonProperty("num_prompts") Optional<Integer> numPrompts,
      @JsonProperty("num_tokens_in_prompt") Optional<Integer> numTokensInPrompt,
      Optional<String> dataset,
      Optional<String> notes,
      boolean hasUmap,
      boolean hasUmapLogSparsity,
      boolean hasUmapClusters,
      String visibility,
      String createdAt) {
    public Source {
      inferenceHosts = List.copyOf(inferenceHosts);
    }
  }

  /**
   * Reads the folder of a source.
   *
   * @throws dev.loupe.files.FileFormatException for a file that is missing, damaged, or has other
   *     fields, types or lengths than documented; with file, line and field
   */
  public static NeuronpediaFiles read(Path folder) {
    return new NeuronpediaFiles(
        Schema.readLine(folder.resolve(RELEASE), Release.class),
        Schema.readLine(folder.resolve(MODEL), Model.class),
        Schema.readLine(folder.resolve(SOURCE_SET), SourceSet.class),
        Schema.readLine(folder.resolve(SOURCE), Source.class),
        rows(folder.resolve(NEURONS), NeuronpediaNeuron.class),
        rows(folder.resolve(ACTIVATIONS), NeuronpediaActivation.class),
        Files.isDirectory(folder.resolve(EXPLANATIONS)) ? explanations(folder) : List.of(),
        scores(folder));
  }

  /** The explanations alone: all that is needed of another's export. */
  static List<NeuronpediaExplanation> explanations(Path folder) {
    return rows(folder.resolve(EXPLANATIONS), NeuronpediaExplanation.class);
  }

  /** The scores alone; none where the folder has none, as those of others. */
  static List<NeuronpediaExplanation.Score> scores(Path folder) {
    Path scores = folder.resolve(SCORES);
    return Files.isDirectory(scores) ? rows(scores, NeuronpediaExplanation.Score.class) : List.of();
  }

  private static <T> List<T> rows(Path folder, Class<T> type) {
    return NumberedFiles.list(folder, BATCH).stream()
        .flatMap(file -> Schema.readLines(file, type).stream())
        .toList();
  }
}
