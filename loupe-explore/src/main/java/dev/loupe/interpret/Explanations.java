package dev.loupe.interpret;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.files.Json;
import dev.loupe.files.LineLog;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What machines say of the features of one dictionary, and the scores of that: {@code
 * SUITE/explanations/NAME.jsonl}, an explanation, a score or that there is none a line, to which
 * lines are only added. Each method first reads what other processes have added. What {@link #add}
 * has returned from survives a kill. Thread-safe; holds no file open.
 *
 * <p>{@link dev.loupe.files.FileFormatException} with file and line for a line that is none, unless
 * it is the last, which a killed writer may have left.
 */
public final class Explanations {
  /** Folder in the suite. */
  public static final String FOLDER = "explanations";

  private static final int MAX_BYTES = 1 << 18;

  private final LineLog<Line> log;
  private final InstantSource clock;
  private final Map<Integer, List<String>> order = new TreeMap<>(); // ids by feature
  private final Map<String, FeatureExplanations.Explained> known = new LinkedHashMap<>(); // by id
  private final Set<String> bases = new HashSet<>();
  private long version;

  private Explanations(Path file, InstantSource clock) {
    this.log = new LineLog<>(file, MAX_BYTES, Line::parse);
    this.clock = clock;
  }

  /**
   * Reads what there is of a dictionary; none yet is none. Writes nothing before the first line.
   */
  public static Explanations open(Path suite, DictionaryName name, InstantSource clock) {
    Explanations explanations =
        new Explanations(suite.resolve(FOLDER).resolve(name + ".jsonl"), clock);
    explanations.readNew();
    return explanations;
  }

  /** A line of the file: one of the three. */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  private record Line(
      String time,
      Optional<Explanation> explanation,
      Optional<Score> score,
      Optional<Unexplained> unexplained) {
    private static final List<String> PARTS = List.of("explanation", "score", "unexplained");

    static Line of(String time, Explanation explanation) {
      return new Line(time, Optional.of(explanation), Optional.empty(), Optional.empty());
    }

    static Line of(String time, Score score) {
      return new Line(time, Optional.empty(), Optional.of(score), Optional.empty());
    }

    static Line of(String time, Unexplained unexplained) {
      return new Line(time, Optional.empty(), Optional.empty(), Optional.of(unexplained));
    }

    static Line parse(byte[] bytes) {
      try {
        JsonNode line = Json.mapper().readTree(bytes);
        if (!line.path("time").isTextual()
            || line.size() != 2
            || PARTS.stream().noneMatch(line::has)) {
          throw new IllegalArgumentException(
              "expected a time and one of %s, got %.80s".formatted(PARTS, line));
        }
        return new Line(
            line.get("time").textValue(),
            part(line, "explanation", Explanation.class),
            part(line, "score", Score.class),
            part(line, "unexplained", Unexplained.class));
      } catch (JsonProcessingException e) {
        throw new IllegalArgumentException(
            "expected JSON of a line, got: " + e.getOriginalMessage(), e);
      } catch (IOException e) {
        throw new IllegalArgumentException("expected JSON of a line, got: " + e.getMessage(), e);
      }
    }

    private static <T> Optional<T> part(JsonNode line, String key, Class<T> type)
        throws JsonProcessingException {
      return line.has(key)
          ? Optional.of(Json.mapper().treeToValue(line.get(key), type))
          : Optional.empty();
    }

    byte[] bytes() {
      try {
        return Json.mapper().writeValueAsBytes(this);
      } catch (JsonProcessingException e) {
        throw new IllegalStateException("a line that is no JSON", e);
      }
    }
  }

  /** Adds; those that are there already are left out. */
  public void add(List<Explanation> explanations, List<Score> scores) {
    add(explanations, scores, List.of());
  }

  synchronized void add(
      List<Explanation> explanations, List<Score> scores, List<Unexplained> unexplained) {
    if (explanations.isEmpty() && scores.isEmpty() && unexplained.isEmpty()) {
      return;
    }
    log.alone(() -> {
      readNew();
      String time = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
      List<Line> lines = new ArrayList<>();
      explanations.stream()
          .filter(each -> !known.containsKey(each.id()))
          .forEach(each -> lines.add(Line.of(time, each)));
      scores.stream()
          .filter(each -> !hasScore(each.explanation(), each.scorer(), each.basis()))
          .forEach(each -> lines.add(Line.of(time, each)));
      unexplained.stream()
          .filter(each -> !isAsked(each.feature(), each.method(), each.basis()))
          .forEach(each -> lines.add(Line.of(time, each)));
      if (!lines.isEmpty()) {
        log.append(lines.stream().map(Line::bytes).toList());
        lines.forEach(this::keep);
      }
      return lines.size();
    });
  }

  private synchronized void readNew() {
    log.readNew(this::keep);
  }

  private void keep(Line line) {
    line.explanation().ifPresent(each -> keep(each, line.time()));
    line.score().ifPresent(this::keep);
    line.unexplained()
        .ifPresent(each -> bases.add(asked(each.feature(), each.method(), each.basis())));
    version++;
  }

  private void keep(Explanation explanation, String time) {
    String id = explanation.id();
    known.putIfAbsent(id, new FeatureExplanations.Explained(explanation, time, List.of()));
    List<String> ids = order.computeIfAbsent(explanation.feature(), _ -> new ArrayList<>());
    if (!ids.contains(id)) {
      ids.add(id);
    }
    bases.add(asked(explanation.feature(), explanation.method(), explanation.basis()));
  }

  private void keep(Score score) {
    FeatureExplanations.Explained of = known.get(score.explanation());
    if (of == null) {
      throw new IllegalArgumentException(
          "expected a score of an explanation above it, got one of " + score.explanation());
    }
    List<Score> scores = new ArrayList<>(of.scores());
    scores.add(score);
    known.put(
        score.explanation(),
        new FeatureExplanations.Explained(of.explanation(), of.time(), scores));
    bases.add(tested(score.explanation(), score.scorer(), score.basis()));
  }

  /** What a method said, or that it had nothing to say, on a basis. */
  private static String asked(int feature, String method, String basis) {
    return feature + " " + method + " " + basis;
  }

  private static String tested(String explanation, String scorer, String basis) {
    return explanation + " " + scorer + " " + basis;
  }

  /** Whether a method was asked about a feature on this basis, with or without an explanation. */
  public synchronized boolean isAsked(int feature, String method, String basis) {
    return bases.contains(asked(feature, method, basis));
  }

  /** Whether a scorer has tested an explanation on this basis. */
  public synchronized boolean hasScore(String explanation, String scorer, String basis) {
    return bases.contains(tested(explanation, scorer, basis));
  }

  /** How many lines there are: grows with each, in whatever process. */
  public synchronized long version() {
    readNew();
    return version;
  }

  /** Of how many features something is said. */
  public synchronized int features() {
    readNew();
    return order.size();
  }

  /** All that was said of a feature. */
  public synchronized FeatureExplanations of(int feature) {
    readNew();
    return stated(feature);
  }

  private FeatureExplanations stated(int feature) {
    List<String> ids = order.getOrDefault(feature, List.of());
    return ids.isEmpty()
        ? FeatureExplanations.NONE
        : new FeatureExplanations(ids.stream().map(known::get).toList());
  }

  /** The best of each feature of which something is said, features ascending. */
  public synchronized Map<Integer, FeatureExplanations.Explained> best() {
    return each(all -> all.best());
  }

  /** Something of each feature of which something is said, features ascending. */
  public synchronized <T> Map<Integer, T> each(Function<FeatureExplanations, Optional<T>> what) {
    readNew();
    Map<Integer, T> found = new TreeMap<>();
    order
        .keySet()
        .forEach(feature -> what.apply(stated(feature)).ifPresent(t -> found.put(feature, t)));
    return found;
  }
}
