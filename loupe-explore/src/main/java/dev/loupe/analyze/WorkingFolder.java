package dev.loupe.analyze;

import dev.loupe.files.AtomicFile;
import dev.loupe.files.AtomicFolder;
import dev.loupe.files.IoFailures;
import dev.loupe.files.Json;
import dev.loupe.files.PartFolders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A folder of unfinished work, which goes on only as what it was begun as. */
final class WorkingFolder {
  private WorkingFolder() {}

  /**
   * Makes the folder, or finds one to go on from.
   *
   * @param tokens whose codes must fit there
   * @throws IllegalArgumentException where something else was begun there, unless the setup says to
   *     throw that away
   */
  static void begin(Path folder, AnalysisRequest request, AnalysisSetup setup, long tokens) {
    Path file = folder.resolve(PartFolders.REQUEST);
    if (Files.exists(file)) {
      List<String> differences = Json.differences(request, Json.readObject(file));
      if (differences.isEmpty()) {
        return;
      }
      if (!setup.restart()) {
        throw new IllegalArgumentException(
            "expected the analysis that was begun in %s, got one that differs in %s; give what it was begun with, or --restart to throw away what it has done"
                .formatted(folder, String.join(", ", differences)));
      }
    }
    AtomicFolder.delete(folder);
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw IoFailures.writing(folder, e);
    }
    AnalysisRoom.checkDisk(setup.suite(), setup.names(), tokens, folder);
    AtomicFile.writeJson(file, request);
  }
}
