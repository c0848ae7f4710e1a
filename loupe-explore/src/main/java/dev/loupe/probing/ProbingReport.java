package dev.loupe.probing;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.loupe.files.AtomicFile;
import dev.loupe.files.Json;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * What probes of the documents' categories reach: {@code reports/probing.json}.
 *
 * @param format version of this file's form
 * @param command the command line; empty for a run without one
 * @param model its name
 * @param modelFingerprint of what was run
 * @param corpus names of the sources
 * @param documentsFingerprint of the documents, their categories and sides
 * @param context most ids of a document; longer ones were cut
 * @param trainDocuments that any probe was fitted on
 * @param testDocuments that any probe was tested on: what is resampled
 * @param bootstrapSamples resamples behind each interval
 * @param seed of the choice of documents, the random dictionaries and the resampling
 * @param k how many columns sparse probes read
 * @param penalties that each probe chooses among
 * @param tasks categories that were probed for
 * @param leftOut categories with too few documents
 * @param hooks for each hook what can be read of its activations
 * @param dictionaries for each dictionary what can be read of its features
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record ProbingReport(
    int format,
    List<String> command,
    String model,
    String modelFingerprint,
    List<String> corpus,
    String documentsFingerprint,
    int context,
    int trainDocuments,
    int testDocuments,
    int bootstrapSamples,
    long seed,
    List<Integer> k,
    List<Double> penalties,
    List<TaskSize> tasks,
    List<LeftOut> leftOut,
    SequencedMap<String, OfHook> hooks,
    SequencedMap<String, OfDictionary> dictionaries) {
  public static final int FORMAT = 1;

  public ProbingReport {
    if (format != FORMAT) {
      throw new IllegalArgumentException(
          "expected a probing report of format " + FORMAT + ", got " + format);
    }
  }

  /**
   * Documents of a task; half of each number are of the category.
   *
   * @param train fitted on
   * @param test tested on
   */
  public record TaskSize(String category, int train, int test) {}

  /**
   * A category without a task.
   *
   * @param train documents that the corpus has for training
   * @param test documents that it holds out
   */
  public record LeftOut(String category, int train, int test) {}

  /**
   * One kind of probe.
   *
   * @param accuracy mean over the tasks
   * @param f1 likewise
   */
  public record Probes(Score accuracy, Score f1, SequencedMap<String, TaskScore> tasks) {}

  /**
   * A probe of one task.
   *
   * @param columns features or dimensions that it reads; empty for all
   * @param penalty that it chose
   */
  public record TaskScore(Score accuracy, Score f1, List<Integer> columns, double penalty) {}

  /**
   * What activations give.
   *
   * @param dense probes of the whole mean activation
   * @param neurons by k: probes of the k dimensions of largest mean difference
   */
  public record OfHook(Probes dense, SequencedMap<Integer, Probes> neurons) {}

  /**
   * What a dictionary gives.
   *
   * @param hook that it reads
   * @param sparse by k: probes of the k features of largest mean difference
   * @param random by k: the same of an untrained dictionary of as many random directions, of which
   *     as many fire per token; empty where it was left out
   * @param floor by k: the same of the dictionary of this name in a suite that was trained on a
   *     model that knows nothing, on the same documents; empty where there is none
   */
  public record OfDictionary(
      String hook,
      long features,
      SequencedMap<Integer, Probes> sparse,
      SequencedMap<Integer, Probes> random,
      SequencedMap<Integer, Means> floor) {}

  /** Means over the tasks. */
  public record Means(Score accuracy, Score f1) {}

  /** A dictionary's floor in a report of another suite. */
  Optional<OfDictionary> of(String dictionary) {
    return Optional.ofNullable(dictionaries.get(dictionary));
  }

  /** Writes the file whole or not at all. */
  public void write(Path file) {
    AtomicFile.writeJson(file, this);
  }

  /** Reads what {@link #write} wrote; FileFormatException where it is something else. */
  public static ProbingReport read(Path file) {
    return Json.read(file, ProbingReport.class);
  }
}
