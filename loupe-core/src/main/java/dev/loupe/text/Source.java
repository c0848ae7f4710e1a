package dev.loupe.text;

import java.util.List;

/**
 * One part of a corpus: files that are drawn from as one.
 *
 * @param name file, folder or pattern without the path to it, or a bundled name as {@code
 *     demo:books}; goes into fingerprints and reports
 * @param files sorted by name; at least one
 * @param share of the corpus's counted tokens, above 0; the shares of a corpus add up to 1
 */
public record Source(String name, List<CorpusFile> files, double share) {
  /** Checks and copies. */
  public Source {
    files = List.copyOf(files);
    if (files.isEmpty()) {
      throw new IllegalArgumentException("expected at least one file, got none in source " + name);
    }
    if (!(share > 0 && share <= 1)) {
      throw new IllegalArgumentException(
          "expected a share above 0 and up to 1, got %s of source %s".formatted(share, name));
    }
  }

  Source scaled(double factor) {
    return new Source(name, files, Math.min(1, share * factor));
  }
}
