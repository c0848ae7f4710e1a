package dev.loupe.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.loupe.files.Checksums;
import dev.loupe.files.FileFormatException;
import dev.loupe.files.Json;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.StreamCapabilities;

/**
 * Folders on storage that all machines reach, by any of Hadoop's file systems: each is written
 * beside, with a list of its files and their SHA-256, and renamed. A name is used once, so that two
 * writers never meet. Where a rename is no single act, as on object storage, or a file was damaged,
 * the list tells when a folder is read. Thread-safe as the file system is.
 */
final class SharedFolders {
  private static final String LIST = "files.json";
  private static final String PARTIAL = ".partial-";

  private final org.apache.hadoop.fs.Path root;
  private final FileSystem files;

  /**
   * A file of a folder.
   *
   * @param path from the folder, with forward slashes
   */
  private record Listed(String path, long bytes, String sha256) {}

  private SharedFolders(org.apache.hadoop.fs.Path root, FileSystem files) {
    this.root = root;
    this.files = files;
  }

  /** Those in a folder, which need not exist. */
  static SharedFolders at(URI root, Configuration configuration) {
    org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(root);
    try {
      FileSystem files = path.getFileSystem(configuration);
      files.setWriteChecksum(false); // the list has better ones
      return new SharedFolders(path, files);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot reach " + root, e);
    }
  }

  /**
   * Writes a folder.
   *
   * @param name that no folder has had
   * @param from where it is on this machine
   * @param wanted which of its files, by their paths in it
   * @return bytes written
   */
  long put(String name, Path from, Predicate<String> wanted) {
    org.apache.hadoop.fs.Path partial = child(PARTIAL + name);
    try (Stream<Path> below = Files.walk(from)) {
      List<Listed> list = new ArrayList<>();
      for (Path file : below.filter(Files::isRegularFile).toList()) {
        String path = from.relativize(file).toString();
        if (wanted.test(path)) {
          list.add(upload(file, path, partial));
        }
      }
      write(new org.apache.hadoop.fs.Path(partial, LIST), Json.mapper().writeValueAsBytes(list));
      if (!files.rename(partial, child(name))) {
        throw new IOException("the file system refused to rename " + partial);
      }
      return list.stream().mapToLong(Listed::bytes).sum();
    } catch (IOException e) {
      throw new UncheckedIOException("could not write " + child(name) + ": " + e.getMessage(), e);
    }
  }

  private Listed upload(Path file, String name, org.apache.hadoop.fs.Path folder)
      throws IOException {
    MessageDigest digest = Checksums.digest();
    long bytes;
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest);
        FSDataOutputStream out = files.create(new org.apache.hadoop.fs.Path(folder, name))) {
      bytes = in.transferTo(out);
      sync(out);
    }
    return new Listed(name, bytes, HexFormat.of().formatHex(digest.digest()));
  }

  private void write(org.apache.hadoop.fs.Path file, byte[] bytes) throws IOException {
    try (FSDataOutputStream out = files.create(file)) {
      out.write(bytes);
      sync(out);
    }
  }

  private static void sync(FSDataOutputStream out) throws IOException {
    if (out.hasCapability(StreamCapabilities.HSYNC)) {
      out.hsync();
    }
  }

  /** Names of folders that begin with this, sorted; whether they are whole shows when read. */
  List<String> names(String prefix) {
    try {
      if (!files.exists(root)) {
        return List.of();
      }
      return Arrays.stream(files.listStatus(root))
          .filter(FileStatus::isDirectory)
          .map(status -> status.getPath().getName())
          .filter(name -> name.startsWith(prefix) && !name.startsWith(PARTIAL))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("could not list " + root + ": " + e.getMessage(), e);
    }
  }

  /** Refuses a folder in which there is something, unless it is to be gone on with. */
  void checkFree(boolean resume) {
    List<String> there = names("");
    if (!resume && !there.isEmpty()) {
      throw new IllegalArgumentException(
          "expected a new or an empty folder as --shared, got %s with %s in it; choose another, or --resume to go on with a stopped run"
              .formatted(root, there.getFirst()));
    }
  }

  /** Whether a folder has all its files, as far as their sizes tell. */
  boolean isWhole(String name) {
    try {
      for (Listed file : list(name)) {
        org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(child(name), file.path());
        if (!files.exists(path) || files.getFileStatus(path).getLen() != file.bytes()) {
          return false;
        }
      }
      return true;
    } catch (FileNotFoundException | JsonProcessingException e) {
      return false;
    } catch (IOException e) {
      throw reading(name, e);
    }
  }

  private UncheckedIOException reading(String name, IOException e) {
    return new UncheckedIOException("could not read " + child(name) + ": " + e.getMessage(), e);
  }

  /**
   * Copies a folder to this machine.
   *
   * @param to a new folder, or one that takes the files
   * @return bytes read
   * @throws FileFormatException where it is not whole
   * @throws UncheckedIOException where the storage does not answer
   */
  long fetch(String name, Path to) {
    try {
      long bytes = 0;
      for (Listed file : list(name)) {
        download(name, file, to.resolve(file.path()).normalize(), to);
        bytes += file.bytes();
      }
      return bytes;
    } catch (FileNotFoundException | JsonProcessingException e) {
      throw new FileFormatException(
          to, "expected all files of %s, got %s".formatted(child(name), e.getMessage()));
    } catch (IOException e) {
      throw reading(name, e);
    }
  }

  private List<Listed> list(String name) throws IOException {
    try (InputStream in = files.open(new org.apache.hadoop.fs.Path(child(name), LIST))) {
      return Json.mapper().readValue(in, new TypeReference<List<Listed>>() {});
    }
  }

  private void download(String name, Listed file, Path target, Path to) throws IOException {
    if (!target.startsWith(to.normalize())) {
      throw new FileFormatException(to, "expected paths below the folder, got " + file.path());
    }
    Files.createDirectories(target.getParent());
    MessageDigest digest = Checksums.digest();
    org.apache.hadoop.fs.Path from = new org.apache.hadoop.fs.Path(child(name), file.path());
    try (InputStream in = new DigestInputStream(files.open(from), digest);
        OutputStream out = Files.newOutputStream(target)) {
      in.transferTo(out);
    }
    String got = HexFormat.of().formatHex(digest.digest());
    if (!got.equals(file.sha256())) {
      throw new FileFormatException(
          target,
          "expected SHA-256 %s of %s, got %s".formatted(file.sha256(), from, got),
          "it was damaged or is not whole");
    }
  }

  void delete(String name) {
    try {
      files.delete(child(name), true);
    } catch (IOException e) {
      throw new UncheckedIOException("could not remove " + child(name) + ": " + e.getMessage(), e);
    }
  }

  private org.apache.hadoop.fs.Path child(String name) {
    return new org.apache.hadoop.fs.Path(root, name);
  }

  @Override
  public String toString() {
    return root.toString();
  }
}
