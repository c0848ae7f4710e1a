package dev.loupe.text;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file of this machine. */
record LocalFile(Path path) implements CorpusFile {
  @Override
  public String name() {
    return path.getFileName().toString();
  }

  @Override
  public long bytes() throws IOException {
    return Files.size(path);
  }

  @Override
  public InputStream open(long from) throws IOException {
    InputStream in = Files.newInputStream(path);
    try {
      in.skipNBytes(from);
      return in;
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
