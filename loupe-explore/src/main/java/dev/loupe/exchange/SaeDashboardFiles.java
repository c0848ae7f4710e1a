package dev.loupe.exchange;

import java.nio.file.Path;
import java.util.List;

/**
 * What an export of SAEDashboard holds, in memory: for a look, a test or another tool, not for a
 * whole dictionary of many features.
 */
public record SaeDashboardFiles(List<SaeDashboardBatch> batches, SkippedIndexes skipped) {
  static final String SKIPPED = "skipped_indexes.json";

  public SaeDashboardFiles {
    batches = List.copyOf(batches);
  }

  /**
   * Reads a folder of {@code batch-N.json} and {@code skipped_indexes.json}.
   *
   * @throws dev.loupe.files.FileFormatException for a file that is missing, damaged, or has other
   *     fields, types or lengths than documented; with file, line and field
   */
  public static SaeDashboardFiles read(Path folder) {
    return new SaeDashboardFiles(
        NumberedFiles.list(folder, ".json").stream()
            .map(file -> Schema.read(file, SaeDashboardBatch.class))
            .toList(),
        Schema.read(folder.resolve(SKIPPED), SkippedIndexes.class));
  }
}
