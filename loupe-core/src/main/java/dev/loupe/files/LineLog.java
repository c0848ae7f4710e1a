package dev.loupe.files;

import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file of lines to which lines are only added, by several processes if need be: reads what has
 * come since the last time, and appends. Whole lines count; what a killed writer left at the end
 * does not: it goes to {@code NAME.torn} and makes room for the next line. Holds no file open.
 *
 * <p>Thread-safe. Who reads while another thread has the file is not kept waiting for its disk:
 * that thread hands over what there is, and what is being written is not there yet.
 *
 * <p>Reads and writes with {@link RandomAccessFile}, not a channel, which an interrupt would close.
 *
 * @param <T> what a line says
 */
public final class LineLog<T> {
  private static final Logger LOG = LoggerFactory.getLogger(LineLog.class);
  private static final int CHUNK_BYTES = 1 << 16;

  /** Reads a line. */
  @FunctionalInterface
  public interface Parser<T> {
    /** IllegalArgumentException for what is no such line. */
    T parse(byte[] line);
  }

  private final Path file;
  private final String name; // without its ending
  private final int maxBytes;
  private final Parser<T> parser;
  private final FileMutex mutex;
  private final ReentrantLock inUse = new ReentrantLock(); // by a thread of this process
  private long position; // after the last good line
  private long lines; // newlines before it
  private volatile long tornBytes;

  /**
   * Opens nothing yet.
   *
   * @param file NAME.jsonl; {@code NAME.lock} and {@code NAME.torn} are its neighbours
   * @param maxBytes of a line
   */
  public LineLog(Path file, int maxBytes, Parser<T> parser) {
    this.file = file;
    this.name = file.getFileName().toString().replaceFirst("\\.jsonl$", "");
    this.maxBytes = maxBytes;
    this.parser = parser;
    this.mutex = new FileMutex(file.resolveSibling(name + ".lock"));
  }

  /** Bytes at the end that were no whole line when the file was last read. */
  public long tornBytes() {
    return tornBytes;
  }

  /**
   * Hands over what has come, unless another thread of this process is at the file.
   *
   * @param take throws IllegalArgumentException for what cannot be in this place
   * @throws FileFormatException for a bad line that is not the last
   */
  public void readNew(Consumer<T> take) {
    if (!inUse.tryLock()) {
      return;
    }
    try {
      if (Files.exists(file) || position > 0) {
        read(take);
      }
    } finally {
      inUse.unlock();
    }
  }

  private void read(Consumer<T> take) {
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      long length = in.length();
      if (length < position) {
        throw new FileFormatException(
            file,
            "expected a file that only grows, got %,d bytes after %,d".formatted(length, position),
            "was it replaced? start again to read it anew");
      }
      tell(length > position ? new Scan(take).read(in) : 0);
    } catch (IOException e) {
      throw IoFailures.reading(file, e);
    }
  }

  private void tell(long torn) {
    if (torn > 0 && torn != tornBytes) {
      // of a writer that was killed, or that is at it
      LOG.debug("the last {} bytes of {} are no whole line and are left out", torn, file);
    }
    tornBytes = torn;
  }

  /**
   * Runs something while no other process and no other log of the file appends.
   *
   * @param <R> what it gives
   */
  public <R> R alone(Work<R> work) {
    inUse.lock();
    try {
      makeFolder();
      return mutex.alone(work::run);
    } catch (IOException e) {
      throw IoFailures.writing(file, e);
    } finally {
      inUse.unlock();
    }
  }

  private void makeFolder() throws IOException {
    Path folder = file.getParent();
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder);
      AtomicFile.syncDirectory(folder.getParent());
    }
  }

  /** What is done by one at a time. */
  @FunctionalInterface
  public interface Work<R> {
    R run() throws IOException;
  }

  /**
   * Writes lines, durably. Only {@link #alone}, with everything read.
   *
   * @param added without their ends
   * @throws IOException where it could not; then there is nothing of them in the file
   */
  public void append(List<byte[]> added) throws IOException {
    boolean made = !Files.exists(file);
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      if (made) {
        AtomicFile.syncDirectory(file.getParent()); // before the lines: what fails leaves none
      }
      dropTorn(out);
      boolean newline = position > 0 && endsInside(out);
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      if (newline) {
        bytes.write('\n');
      }
      for (byte[] line : added) {
        bytes.writeBytes(line);
        bytes.write('\n');
      }
      write(out, bytes.toByteArray());
      position += bytes.size();
      lines += added.size() + (newline ? 1 : 0);
    }
  }

  private void write(RandomAccessFile out, byte[] bytes) throws IOException {
    try {
      out.seek(position);
      out.write(bytes);
      out.getFD().sync();
    } catch (IOException e) {
      try {
        out.setLength(position);
      } catch (IOException later) {
        e.addSuppressed(later);
      }
      throw e;
    }
  }

  /** Nobody was told that it is there, but it may be somebody's words: it goes beside. */
  private void dropTorn(RandomAccessFile out) throws IOException {
    if (out.length() == position) {
      return;
    }
    Path beside = file.resolveSibling(name + ".torn");
    LOG.warn(
        "{} bytes that are no whole line go from {} to {}", out.length() - position, file, beside);
    try (FileOutputStream torn = new FileOutputStream(beside.toFile(), true)) {
      byte[] chunk = new byte[CHUNK_BYTES];
      out.seek(position);
      for (int read = out.read(chunk); read > 0; read = out.read(chunk)) {
        torn.write(chunk, 0, read);
      }
      torn.write('\n');
    }
    out.setLength(position);
    tornBytes = 0;
  }

  private boolean endsInside(RandomAccessFile out) throws IOException {
    out.seek(position - 1);
    return out.read() != '\n';
  }

  /** Goes through lines, holding one at a time. */
  private final class Scan {
    private final Consumer<T> take;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private long end = position; // of what was seen
    private long newlines = lines;
    private Optional<FileFormatException> fault = Optional.empty(); // of what may be the last line

    Scan(Consumer<T> take) {
      this.take = take;
    }

    /** Returns how many bytes at the end are no whole line. */
    long read(RandomAccessFile in) throws IOException {
      byte[] chunk = new byte[CHUNK_BYTES];
      in.seek(position);
      for (int read = in.read(chunk); read > 0; read = in.read(chunk)) {
        int start = 0;
        for (int i = 0; i < read; i++) {
          if (chunk[i] == '\n') {
            collect(chunk, start, i);
            start = i + 1;
            end++;
            finishLine(1);
          }
        }
        collect(chunk, start, read);
      }
      finishLine(0);
      return end - position;
    }

    /** Of a line that is too long no more than shows that it is. */
    private void collect(byte[] chunk, int from, int to) {
      end += to - from;
      line.write(chunk, from, Math.min(to - from, maxBytes + 1 - line.size()));
    }

    private void finishLine(int newline) {
      byte[] bytes = line.toByteArray();
      line.reset();
      newlines += newline;
      boolean blank = isBlank(bytes);
      if (!blank && fault.isPresent()) {
        throw fault.get();
      }
      if (!blank) {
        parse(bytes, newlines + 1 - newline);
      }
      if (fault.isEmpty()) {
        position = end;
        lines = newlines;
      }
    }

    private void parse(byte[] bytes, long number) {
      try {
        if (bytes.length > maxBytes) {
          throw new IllegalArgumentException(
              "expected at most %,d bytes, got more".formatted(maxBytes));
        }
        take.accept(parser.parse(bytes));
      } catch (IllegalArgumentException e) {
        fault =
            Optional.of(new FileFormatException(file, e.getMessage() + " at line " + number, e));
      }
    }

    private static boolean isBlank(byte[] bytes) {
      for (byte b : bytes) {
        if (b != ' ' && b != '\t' && b != '\r') {
          return false;
        }
      }
      return true;
    }
  }
}
