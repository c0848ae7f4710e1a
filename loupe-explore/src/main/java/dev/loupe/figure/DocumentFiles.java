package dev.loupe.figure;

import dev.loupe.files.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A document as files: {@code index.html} for people, {@code document.json} with everything, and
 * for each figure and table {@code data/ID.csv}, for each figure {@code svg/ID.svg}. Other files
 * that are there stay.
 */
public final class DocumentFiles {
  /** The page. */
  public static final String PAGE = "index.html";

  /** What {@link Document#read} reads. */
  public static final String JSON = "document.json";

  private DocumentFiles() {}

  /**
   * Writes all files, each whole or not at all, the page last.
   *
   * @param folder made if it is not there
   */
  public static void write(Path folder, Document document) {
    String page = FigurePage.of(document); // first: what cannot be drawn leaves no files
    try {
      Files.createDirectories(folder.resolve("data"));
      Files.createDirectories(folder.resolve("svg"));
    } catch (IOException e) {
      throw new UncheckedIOException("expected to make folders in " + folder + ", got " + e, e);
    }
    for (Exhibit exhibit : document.exhibits()) {
      AtomicFile.writeText(folder.resolve(csv(exhibit)), FigureCsv.text(exhibit));
      if (exhibit instanceof Figure figure) {
        AtomicFile.writeText(folder.resolve("svg/" + figure.id() + ".svg"), SvgFigure.of(figure));
      }
    }
    document.write(folder.resolve(JSON));
    AtomicFile.writeText(folder.resolve(PAGE), page);
  }

  /** Where the values of a figure or table are, in the folder. */
  static String csv(Exhibit exhibit) {
    return "data/" + exhibit.id() + ".csv";
  }
}
