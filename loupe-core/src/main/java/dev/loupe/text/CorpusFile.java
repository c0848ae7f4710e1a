package dev.loupe.text;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/**
 * A file of a corpus, on this machine or elsewhere. Its string is what messages call it. May be
 * used by several threads at once.
 */
public interface CorpusFile {
  /** The last part of its path, which says of what kind it is. */
  String name();

  /** Its size. */
  long bytes() throws IOException;

  /**
   * Reads it; the caller closes the stream.
   *
   * @param from the first byte
   */
  InputStream open(long from) throws IOException;

  /** One of this machine. */
  static CorpusFile of(Path path) {
    return new LocalFile(path);
  }
}
