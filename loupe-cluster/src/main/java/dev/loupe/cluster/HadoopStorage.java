package dev.loupe.cluster;

import dev.loupe.text.CorpusFile;
import dev.loupe.text.CorpusStorage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.util.functional.FutureIO;

/** Corpora on any of Hadoop's file systems, read as they come and somewhat ahead. */
public final class HadoopStorage implements CorpusStorage {
  /** Of this process: what loads services hands nothing to them. */
  private static volatile Configuration configuration = new Configuration();

  /** How file systems are reached from here on. */
  static void use(Configuration other) {
    configuration = other;
  }

  @Override
  public Optional<List<CorpusFile>> find(String address) {
    Path path = new Path(address);
    try {
      FileSystem files = path.getFileSystem(configuration);
      FileStatus[] matches = files.globStatus(path);
      List<CorpusFile> found = new ArrayList<>();
      for (FileStatus match : matches == null ? new FileStatus[0] : matches) {
        Stream.of(
                match.isDirectory() ? files.listStatus(match.getPath()) : new FileStatus[] {match})
            .filter(FileStatus::isFile)
            .map(file -> new RemoteFile(files, file.getPath(), file.getLen()))
            .forEach(found::add);
      }
      return Optional.of(found);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + address + ": " + e.getMessage(), e);
    }
  }

  private record RemoteFile(FileSystem files, Path path, long bytes) implements CorpusFile {
    @Override
    public String name() {
      return path.getName();
    }

    @Override
    public InputStream open(long from) throws IOException {
      // object storage is told, so that it keeps one request open instead of one a read
      FSDataInputStream in =
          FutureIO.awaitFuture(
              files.openFile(path).opt("fs.option.openfile.read.policy", "sequential").build());
      try {
        in.seek(from);
        return new ReadAhead(in);
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
}
