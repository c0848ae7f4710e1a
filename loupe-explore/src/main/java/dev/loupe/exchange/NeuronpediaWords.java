package dev.loupe.exchange;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.loupe.files.FileFormatException;
import dev.loupe.files.Json;
import dev.loupe.interpret.Explanation;
import dev.loupe.interpret.FeatureExplanations;
import dev.loupe.interpret.Score;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Explanations and scores as Neuronpedia's rows, and back. */
final class NeuronpediaWords {
  private static final String OURS = "loupe";

  /** What Neuronpedia's columns have no place for. */
  private record Notes(String basis, List<String> prompts, Optional<String> rules) {}

  /**
   * What a folder says.
   *
   * @param explanations in the order of the files
   * @param scores of these
   * @param left rows of scores that are not of this form, which say no interval and no examples
   */
  record Read(List<Explanation> explanations, List<Score> scores, int left) {
    Read {
      explanations = List.copyOf(explanations);
      scores = List.copyOf(scores);
    }
  }

  private NeuronpediaWords() {}

  static NeuronpediaExplanation row(
      FeatureExplanations.Explained explained, NeuronpediaNames names, String source, String id) {
    Explanation said = explained.explanation();
    return new NeuronpediaExplanation(
        id,
        names.modelId(),
        source,
        String.valueOf(said.feature()),
        names.creatorId(),
        said.text(),
        Optional.empty(),
        Optional.of(said.method()),
        said.author().equals(OURS) ? Optional.empty() : Optional.of(said.author()),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(json(new Notes(said.basis(), said.prompts(), said.rules()))),
        Optional.of(0.0),
        Optional.empty(),
        Optional.of(explained.time()));
  }

  static NeuronpediaExplanation.Score row(
      Score score, NeuronpediaNames names, String explanation, String id) {
    return new NeuronpediaExplanation.Score(
        id,
        names.creatorId(),
        score.measured().value(),
        explanation,
        score.scorer(),
        score.author(),
        json(score),
        Optional.of(names.createdAtText()));
  }

  /** Turns rows back: of others' exports, too. */
  static Read read(Path folder) {
    Map<String, String> ids = new HashMap<>(); // theirs to ours
    List<Explanation> explanations = new ArrayList<>();
    for (NeuronpediaExplanation row : NeuronpediaFiles.explanations(folder)) {
      if (row.description().isBlank()) { // others have such
        continue;
      }
      Explanation said = explanation(folder, row);
      ids.put(row.id(), said.id());
      explanations.add(said);
    }
    List<Score> scores = new ArrayList<>();
    int left = 0;
    for (NeuronpediaExplanation.Score row : NeuronpediaFiles.scores(folder)) {
      Optional<Score> score = score(row, ids.getOrDefault(row.explanationId(), ""));
      score.ifPresent(scores::add);
      left += score.isPresent() ? 0 : 1;
    }
    return new Read(explanations, scores, left);
  }

  private static Explanation explanation(Path folder, NeuronpediaExplanation row) {
    Notes notes =
        row.notes()
            .flatMap(text -> value(text, Notes.class))
            .orElse(new Notes("neuronpedia " + row.id(), List.of(), Optional.empty()));
    try {
      return new Explanation(
          Integer.parseInt(row.index()),
          method(row.typeName().orElse("imported")),
          row.explanationModelName().orElse(row.notes().isPresent() ? OURS : "neuronpedia"),
          row.description(),
          notes.basis(),
          notes.prompts(),
          notes.rules());
    } catch (IllegalArgumentException e) {
      throw new FileFormatException(
          folder.resolve(NeuronpediaFiles.EXPLANATIONS),
          e.getMessage() + " in the explanation " + row.id(),
          e);
    }
  }

  private static String method(String type) {
    String plain = type.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_-]+", "-");
    return plain.isEmpty() ? "imported" : plain.substring(0, Math.min(60, plain.length()));
  }

  private static Optional<Score> score(NeuronpediaExplanation.Score row, String explanation) {
    return value(row.jsonDetails(), Score.class)
        .filter(score -> score.explanation().equals(explanation));
  }

  private static <T> Optional<T> value(String json, Class<T> type) {
    try {
      return Optional.ofNullable(Json.mapper().readValue(json, type));
    } catch (JsonProcessingException e) {
      return Optional.empty(); // somebody else's words
    }
  }

  private static String json(Object value) {
    try {
      return Json.mapper().writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a row that is no JSON", e);
    }
  }
}
