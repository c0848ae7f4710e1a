package dev.loupe.files;

import java.nio.file.Path;

/**
 * A file that was read does not hold what it should: damaged, of another format, or of another
 * shape than asked for. The message holds what was expected, what was got, where, and the next
 * action if there is one. A file that cannot be read at all is an {@link
 * java.io.UncheckedIOException}.
 */
public final class FileFormatException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String path;

  /**
   * @param path the file, as the user named it; the message ends with {@code in PATH}
   * @param problem what was expected and what was got; shown as an {@link Excerpt}
   */
  public FileFormatException(Path path, String problem) {
    super(Excerpt.of(problem + " in " + path));
    this.path = path.toString();
  }

  /**
   * @param nextAction what to do or to ask oneself, which ends the message
   */
  public FileFormatException(Path path, String problem, String nextAction) {
    super(Excerpt.of(problem + " in " + path) + "; " + nextAction);
    this.path = path.toString();
  }

  /** As {@link #FileFormatException(Path, String)}, with what found the fault. */
  public FileFormatException(Path path, String problem, Throwable cause) {
    super(Excerpt.of(problem + " in " + path), cause);
    this.path = path.toString();
  }

  /** The file at fault. */
  public Path path() {
    return Path.of(path);
  }
}
