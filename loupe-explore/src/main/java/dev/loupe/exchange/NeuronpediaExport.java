package dev.loupe.exchange;

import dev.loupe.files.AtomicFile;
import dev.loupe.files.AtomicFolder;
import dev.loupe.files.IoFailures;
import dev.loupe.files.Json;
import dev.loupe.interpret.FeatureExplanations;
import dev.loupe.interpret.Score;
import dev.loupe.kernel.Range;
import dev.loupe.store.FeatureStore;
import dev.loupe.store.StoredFeature;
import dev.loupe.text.Progress;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;

/**
 * Writes features in Neuronpedia's bulk layout: the folder of one source, with a row for each
 * feature and for each of its samples, 1,024 features a file. The same store and names give the
 * same bytes. Holds a few features in memory. Borrows the store.
 */
public final class NeuronpediaExport {
  private static final int BATCH = 1_024;
  private static final int READ_TOGETHER = 64;

  private final FeatureStore store;
  private final FeatureSelection selection;
  private final NeuronpediaRows rows;
  private final Map<Integer, FeatureExplanations> said;
  private final Path folder;
  private final Progress progress;
  private int done;
  private int dead;
  private long activations;

  private NeuronpediaExport(
      FeatureStore store,
      FeatureSelection selection,
      NeuronpediaRows rows,
      Map<Integer, FeatureExplanations> said,
      Path folder,
      Progress progress) {
    this.store = store;
    this.selection = selection;
    this.rows = rows;
    this.said = said;
    this.folder = folder;
    this.progress = progress;
  }

  /**
   * Writes a folder that is new or empty; Neuronpedia looks for it at {@code MODEL/SOURCE}.
   *
   * @param said what machines say, by feature
   */
  public static ExportSummary write(
      FeatureStore store,
      FeatureSelection selection,
      NeuronpediaNames names,
      Map<Integer, FeatureExplanations> said,
      Path folder,
      Progress progress) {
    NeuronpediaRows rows = new NeuronpediaRows(store.summary(), names);
    ExportSummary[] written = new ExportSummary[1];
    AtomicFolder.write(
        folder,
        partial ->
            written[0] =
                new NeuronpediaExport(store, selection, rows, said, partial, progress).write());
    return written[0];
  }

  private ExportSummary write() {
    writeLine(NeuronpediaFiles.RELEASE, rows.release());
    writeLine(NeuronpediaFiles.MODEL, rows.model());
    writeLine(NeuronpediaFiles.SOURCE_SET, rows.sourceSet());
    writeLine(NeuronpediaFiles.SOURCE, rows.sourceRow());
    Path neurons = create(NeuronpediaFiles.NEURONS);
    Path samples = create(NeuronpediaFiles.ACTIVATIONS);
    Path words = create(NeuronpediaFiles.EXPLANATIONS);
    Path scores = create(NeuronpediaFiles.SCORES);
    writeConfig();
    List<List<Integer>> batches = selection.parts(BATCH);
    for (int i = 0; i < batches.size(); i++) {
      String name = NumberedFiles.name(i, NeuronpediaFiles.BATCH);
      List<Integer> batch = batches.get(i);
      AtomicFile.write(
          neurons.resolve(name),
          to -> AtomicFile.write(samples.resolve(name), and -> writeBatch(batch, to, and)));
      AtomicFile.write(
          words.resolve(name),
          to -> AtomicFile.write(scores.resolve(name), and -> writeWords(batch, to, and)));
    }
    return new ExportSummary(
        store.summary().dictionary(), selection.size(), dead, activations, batches.size());
  }

  private void writeLine(String name, Object row) {
    AtomicFile.write(folder.resolve(name), out -> writeRow(out, row));
  }

  private void writeConfig() {
    Map<String, List<?>> files =
        rows.config(
            selection.numbers().stream().flatMap(f -> Optional.ofNullable(said.get(f)).stream()));
    if (!files.isEmpty()) {
      Path config = create(NeuronpediaFiles.CONFIG);
      files.forEach((name, lines) ->
          AtomicFile.write(
              config.resolve(name),
              out -> {
                for (Object row : lines) {
                  writeRow(out, row);
                }
              }));
    }
  }

  private Path create(String name) {
    Path inner = folder.resolve(name);
    try {
      return Files.createDirectory(inner);
    } catch (IOException e) {
      throw IoFailures.writing(inner, e);
    }
  }

  private void writeBatch(List<Integer> batch, OutputStream toNeurons, OutputStream toSamples)
      throws IOException {
    try (Compressed neurons = new Compressed(toNeurons);
        Compressed samples = new Compressed(toSamples)) {
      for (Range range : Range.split(batch.size(), READ_TOGETHER)) {
        List<Integer> part = batch.subList(range.from(), range.to());
        for (StoredFeature stored : store.read(part, Sequence.KINDS)) {
          dead += stored.feature().dead() ? 1 : 0;
          writeRow(neurons, rows.neuron(stored));
          for (NeuronpediaActivation sample : rows.activations(stored)) {
            writeRow(samples, sample);
            activations++;
          }
        }
        done += part.size();
        progress.report("exporting (features)", done, selection.size());
      }
    }
  }

  private void writeWords(List<Integer> batch, OutputStream toWords, OutputStream toScores)
      throws IOException {
    try (Compressed words = new Compressed(toWords);
        Compressed scores = new Compressed(toScores)) {
      for (int feature : batch) {
        int number = 0;
        FeatureExplanations of = said.getOrDefault(feature, new FeatureExplanations(List.of()));
        for (FeatureExplanations.Explained each : of.current()) {
          String id = rows.id(feature, number++);
          writeRow(words, rows.explanation(each, id));
          for (Score score : each.scores()) {
            if (score.measured().known()) {
              writeRow(scores, rows.score(score, id, rows.id(feature, number++)));
            }
          }
        }
      }
    }
  }

  private static void writeRow(OutputStream out, Object row) throws IOException {
    out.write(Json.mapper().writeValueAsBytes(row));
    out.write('\n');
  }

  /** Gzip with the level of Neuronpedia's own exports; its header has no time. */
  private static final class Compressed extends GZIPOutputStream {
    private static final int LEVEL = 5;
    private static final int BUFFER_BYTES = 1 << 16;

    Compressed(OutputStream out) throws IOException {
      super(out, BUFFER_BYTES);
      def.setLevel(LEVEL);
    }

    /** Ends the compressed data and leaves the file open, which is not its own. */
    @Override
    public void close() throws IOException {
      finish();
      def.end();
    }
  }
}
