package dev.loupe.evaluate;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.loupe.files.AtomicFile;
import dev.loupe.files.Json;
import dev.loupe.text.TokenCounts;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * An evaluation of some dictionaries: {@code reports/*.json}. Holds no times and no paths, so that
 * the same evaluation gives the same bytes.
 *
 * @param format version of this file's form
 * @param model its name; empty where not given
 * @param modelFingerprint of what was run
 * @param corpus names of the sources
 * @param corpusFingerprint of the sources and of what was drawn
 * @param context ids of the longest context
 * @param tokens counted tokens that the dictionaries encoded
 * @param lossTokens counted tokens among them on which losses were measured
 * @param documents that all tokens are from: what is resampled
 * @param lossDocuments likewise for losses
 * @param excluded what the token policy left out
 * @param bootstrapSamples resamples behind each interval
 * @param seed of the resampling
 * @param dictionaries for each name its metrics: of activations, losses, weights
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record Report(
    int format,
    String model,
    String modelFingerprint,
    List<String> corpus,
    String corpusFingerprint,
    int context,
    long tokens,
    long lossTokens,
    int documents,
    int lossDocuments,
    Excluded excluded,
    int bootstrapSamples,
    long seed,
    SequencedMap<String, SequencedMap<String, Metric>> dictionaries) {
  public static final int FORMAT = 1;

  /**
   * Tokens that were not counted.
   *
   * @param first positions 0, one a context
   * @param special begin and end ids at other positions
   * @param padded positions of the corpus's batches beyond the end of their context
   * @param badLines lines of the corpus that were skipped
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Excluded(long first, long special, long padded, long badLines) {
    static Excluded of(TokenCounts counts) {
      return new Excluded(
          counts.excludedFirst(), counts.excludedSpecial(), counts.padded(), counts.badLines());
    }
  }

  /** Checks the format and copies. */
  public Report {
    if (format != FORMAT) {
      throw new IllegalArgumentException(
          "expected a report of format " + FORMAT + ", got " + format);
    }
    corpus = List.copyOf(corpus);
    SequencedMap<String, SequencedMap<String, Metric>> copy = new LinkedHashMap<>();
    dictionaries.forEach((name, metrics) ->
        copy.put(name, Collections.unmodifiableSequencedMap(new LinkedHashMap<>(metrics))));
    dictionaries = Collections.unmodifiableSequencedMap(copy);
  }

  /** With what people call the model and the corpus's sources. */
  public Report withNames(String newModel, List<String> newCorpus) {
    return new Report(
        format,
        newModel,
        modelFingerprint,
        newCorpus,
        corpusFingerprint,
        context,
        tokens,
        lossTokens,
        documents,
        lossDocuments,
        excluded,
        bootstrapSamples,
        seed,
        dictionaries);
  }

  /** A metric of a dictionary, by its name in the file. */
  public Metric metric(String dictionary, String metric) {
    Map<String, Metric> metrics = dictionaries.get(dictionary);
    if (metrics == null) {
      throw new IllegalArgumentException(
          "expected a dictionary of %s, got %s".formatted(dictionaries.keySet(), dictionary));
    }
    Metric found = metrics.get(metric);
    if (found == null) {
      throw new IllegalArgumentException(
          "expected a metric of %s, got %s".formatted(metrics.keySet(), metric));
    }
    return found;
  }

  /** Writes the file whole or not at all. */
  public void write(Path file) {
    AtomicFile.writeJson(file, this);
  }

  /** Reads what {@link #write} wrote; FileFormatException where it is something else. */
  public static Report read(Path file) {
    return Json.read(file, Report.class);
  }
}
