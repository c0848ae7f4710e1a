package dev.loupe.evaluate;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.loupe.files.AtomicFile;
import dev.loupe.files.Json;
import java.nio.file.Path;
import java.util.List;
import java.util.SequencedMap;

/**
 * How well dictionaries do by position in a context that may be longer than they were trained on:
 * {@code reports/positions.json}. Every position has the same documents. Holds no times and no
 * paths.
 *
 * @param format version of this file's form
 * @param model its name
 * @param modelFingerprint of what was run
 * @param corpus names of the sources
 * @param corpusFingerprint of the sources and of what was drawn
 * @param context ids of each context, the begin id included
 * @param trainedContext ids of the longest context in training
 * @param contexts that are so long
 * @param documents that they are of: what is resampled
 * @param tokens counted ones
 * @param bootstrapSamples resamples behind each interval
 * @param seed of the drawing and the resampling
 * @param dictionaries for each name what was found
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record PositionReport(
    int format,
    String model,
    String modelFingerprint,
    List<String> corpus,
    String corpusFingerprint,
    int context,
    int trainedContext,
    int contexts,
    int documents,
    long tokens,
    int bootstrapSamples,
    long seed,
    SequencedMap<String, ByPosition> dictionaries) {
  public static final int FORMAT = 1;

  public PositionReport {
    if (format != FORMAT) {
      throw new IllegalArgumentException(
          "expected a report of format " + FORMAT + ", got " + format);
    }
  }

  /**
   * One dictionary.
   *
   * @param inside the training context
   * @param last the last eighth of the context
   * @param ranges all positions but the first, in order
   */
  public record ByPosition(Range inside, Range last, List<Range> ranges) {
    public ByPosition {
      ranges = List.copyOf(ranges);
    }
  }

  /**
   * Some positions: {@code l0}, {@code explained_variance}, {@code mse}, {@code loss_original},
   * {@code loss_spliced}, {@code delta_loss}, and {@code mse_ratio} to the mean inside the training
   * context.
   *
   * @param from the first position
   * @param to after the last
   */
  public record Range(int from, int to, SequencedMap<String, Metric> metrics) {}

  /** With what people call the model and the corpus's sources. */
  public PositionReport withNames(String newModel, List<String> newCorpus) {
    return new PositionReport(
        format,
        newModel,
        modelFingerprint,
        newCorpus,
        corpusFingerprint,
        context,
        trainedContext,
        contexts,
        documents,
        tokens,
        bootstrapSamples,
        seed,
        dictionaries);
  }

  /** Writes the file whole or not at all. */
  public void write(Path file) {
    AtomicFile.writeJson(file, this);
  }

  /** Reads what {@link #write} wrote; FileFormatException where it is something else. */
  public static PositionReport read(Path file) {
    return Json.read(file, PositionReport.class);
  }
}
