package dev.loupe.analyze;

import dev.loupe.files.AtomicFolder;
import dev.loupe.files.Json;
import dev.loupe.files.PartFolders;
import dev.loupe.files.WorkPart;
import dev.loupe.kernel.Range;
import dev.loupe.text.Progress;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/**
 * A part of an analysis: the pass of the language model over a part of the corpus, and the codes of
 * every dictionary there. The corpus is cut into pieces of a fixed size whatever the number of
 * parts, and a part has some consecutive pieces, so that all parts together are what one process
 * would have written. {@link Analysis#merge} makes the stores from them.
 */
public final class AnalysisPart {
  private AnalysisPart() {}

  /** The folders of the parts of an analysis. */
  static PartFolders folders(Path parts) {
    return new PartFolders(parts, "analysis");
  }

  /**
   * Writes a part, to be done by one process at a time. What is unfinished stays when it is stopped
   * or killed, and the same call goes on from it; what is finished is not done again.
   *
   * @param setup of which {@code floor} and {@code out} play no role
   * @param parts the folder in which each part has its own
   * @param stop asked now and then; once true, CancellationException, with what is done kept
   * @return the part's folder
   */
  public static Path write(
      AnalysisSetup setup, WorkPart part, Path parts, Progress progress, BooleanSupplier stop) {
    Path folder = folders(parts).of(part);
    AnalysisSource.with(
        setup,
        progress,
        source -> {
          AnalysisRequest whole = AnalysisRequest.of(source, Collections.emptySortedMap());
          WorkingFolder.begin(folder, whole, setup, setup.tokens() / part.of());
          if (!PartFolders.isFinished(folder)) {
            AtomicFolder.removePartials(folder, 1); // of a process that was killed
            folders(parts).label(folder, part);
            codes(source, AnalysedContexts.of(source), part, folder, progress, stop);
            PartFolders.finish(folder);
          }
        });
    return folder;
  }

  /** Writes the codes of a part into a folder, except for those that are there. */
  static CodeFiles codes(
      AnalysisSource source,
      AnalysedContexts text,
      WorkPart part,
      Path folder,
      Progress progress,
      BooleanSupplier stop) {
    AtomicReference<CodeFiles> written = new AtomicReference<>();
    source.withPass(
        text.contexts(),
        text.documents(),
        pass -> {
          Range pieces = part.range(pass.pieces());
          CodeFiles files = CodeFiles.in(folder, pieces);
          pass.run(files, pieces, progress, stop);
          written.set(files);
        });
    return written.get();
  }

  /** The folders of all parts; refuses those that do not make up what is wanted. */
  static List<Path> all(PartFolders parts, AnalysisRequest wanted) {
    AnalysisRequest codes = wanted.ofCodes(wanted.names());
    return parts.all(folder -> Json.differences(codes, request(folder).ofCodes(wanted.names())));
  }

  /** What a part has done. */
  static AnalysisRequest request(Path folder) {
    return Json.read(folder.resolve(PartFolders.REQUEST), AnalysisRequest.class);
  }
}
