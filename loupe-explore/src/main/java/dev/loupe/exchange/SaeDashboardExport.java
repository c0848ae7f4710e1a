package dev.loupe.exchange;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.files.AtomicFile;
import dev.loupe.files.AtomicFolder;
import dev.loupe.store.FeatureStore;
import dev.loupe.store.LogitsRow;
import dev.loupe.store.StoreSummary;
import dev.loupe.store.StoredFeature;
import dev.loupe.text.Progress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Writes features as batch files of SAEDashboard: {@code batch-N.json}, each of as many features
 * that fire, and {@code skipped_indexes.json} with those that never do. The same store gives the
 * same bytes. Holds one batch in memory. Borrows the store.
 */
public final class SaeDashboardExport {
  /** Most features of a batch. */
  public static final int MOST = 512;

  private static final int LOGITS = 10;
  private static final int READ_TOGETHER = 64;

  private final StoreSummary summary;
  private final Path folder;
  private final int batch;
  private final List<SaeDashboardBatch.Feature> features = new ArrayList<>(); // of the next batch
  private final List<Integer> skipped = new ArrayList<>();
  private int batches;
  private long activations;

  private SaeDashboardExport(StoreSummary summary, Path folder, int batch) {
    this.summary = summary;
    this.folder = folder;
    this.batch = batch;
  }

  /**
   * Writes a folder that is new or empty.
   *
   * @param batch features of a file, up to {@link #MOST}
   */
  public static ExportSummary write(
      FeatureStore store, FeatureSelection selection, int batch, Path folder, Progress progress) {
    if (batch < 1 || batch > MOST) {
      throw new IllegalArgumentException(
          "expected 1 to %d features in a batch, got %d".formatted(MOST, batch));
    }
    ExportSummary[] written = new ExportSummary[1];
    AtomicFolder.write(
        folder,
        partial ->
            written[0] =
                new SaeDashboardExport(store.summary(), partial, batch)
                    .write(store, selection, progress));
    return written[0];
  }

  private ExportSummary write(FeatureStore store, FeatureSelection selection, Progress progress) {
    int done = 0;
    for (List<Integer> part : selection.parts(READ_TOGETHER)) {
      store.read(part, Sequence.KINDS).forEach(this::add);
      done += part.size();
      progress.report("exporting (features)", done, selection.size());
    }
    finishBatch();
    AtomicFile.writeJson(
        folder.resolve(SaeDashboardFiles.SKIPPED),
        new SkippedIndexes(
            summary.model(),
            "" + summary.dictionary().layer(),
            SourceName.set(summary.dictionary()),
            -Math.log10((double) summary.tokens()), // of one firing
            skipped));
    return new ExportSummary(
        summary.dictionary(), selection.size(), skipped.size(), activations, batches);
  }

  private void add(StoredFeature stored) {
    if (stored.feature().dead()) {
      skipped.add(stored.feature().feature());
      return;
    }
    SaeDashboardBatch.Feature feature = feature(stored);
    features.add(feature);
    activations += feature.activations().size();
    if (features.size() == batch) {
      finishBatch();
    }
  }

  private void finishBatch() {
    if (features.isEmpty()) {
      return;
    }
    DictionaryName name = summary.dictionary();
    AtomicFile.writeJson(
        folder.resolve(NumberedFiles.name(batches, ".json")),
        new SaeDashboardBatch(
            summary.model(),
            name.layer(),
            SourceName.set(name),
            Optional.of(name.variant()).filter(variant -> !variant.isEmpty()),
            features));
    features.clear();
    batches++;
  }

  private SaeDashboardBatch.Feature feature(StoredFeature stored) {
    CorrelatedFeatures correlated = CorrelatedFeatures.of(stored, summary.dictionary().toString());
    LogitsRow logits = stored.logits();
    Histogram fires = Histogram.activations(stored);
    Histogram lens = Histogram.logits(logits);
    return new SaeDashboardBatch.Feature(
        stored.feature().feature(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        correlated.indices(),
        correlated.cosines(),
        correlated.phi(),
        Arrays.stream(logits.bottom().texts()).limit(LOGITS).toList(),
        Decimals.five(logits.bottom().logits(), LOGITS),
        Arrays.stream(logits.top().texts()).limit(LOGITS).toList(),
        Decimals.five(logits.top().logits(), LOGITS),
        Decimals.five(stored.feature().rate().value()),
        fires.values(),
        fires.heights(),
        lens.heights(),
        lens.values(),
        summary.contexts(),
        summary.context(),
        String.join(",", summary.corpus()),
        List.of(),
        List.of(),
        Sequence.of(stored, summary.tokens()).stream()
            .map(SaeDashboardExport::activation)
            .toList());
  }

  private static SaeDashboardBatch.Activation activation(Sequence sequence) {
    return new SaeDashboardBatch.Activation(
        Decimals.five(sequence.bin().low()),
        Decimals.five(sequence.bin().high()),
        Decimals.five(sequence.bin().contains()),
        sequence.tokens(),
        sequence.values(),
        sequence.text().peak(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }
}
