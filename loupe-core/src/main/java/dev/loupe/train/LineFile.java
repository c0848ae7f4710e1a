package dev.loupe.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.loupe.files.AtomicFile;
import dev.loupe.files.IoFailures;
import dev.loupe.files.Json;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file of JSON lines that grows while a run trains. A line that cannot be written, as on a full
 * disk, waits in memory for the next one, and leaves no part of itself in the file.
 */
final class LineFile {
  private static final Logger LOG = LoggerFactory.getLogger(LineFile.class);

  private final Path file;
  private final StringBuilder waiting = new StringBuilder();
  private long length; // of the whole lines in the file

  LineFile(Path file) {
    this.file = file;
  }

  /** Drops the lines of which this does not hold; the file need not be there. */
  void keep(Predicate<String> wanted) {
    if (!Files.exists(file)) {
      return;
    }
    try {
      // not UTF-8: what a crash left need not be text, and JSON as written here is ASCII
      List<String> kept =
          Files.readAllLines(file, StandardCharsets.ISO_8859_1).stream().filter(wanted).toList();
      AtomicFile.writeText(file, kept.isEmpty() ? "" : String.join("\n", kept) + "\n");
      length = Files.size(file);
    } catch (IOException e) {
      throw IoFailures.reading(file, e);
    }
  }

  void append(Map<String, Object> line) {
    boolean held = !waiting.isEmpty();
    try {
      waiting.append(Json.mapper().writeValueAsString(line)).append('\n');
      write(false);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a line that is no JSON for " + file, e);
    } catch (IOException e) {
      if (!held) {
        LOG.warn("{}; its lines wait in memory", IoFailures.writing(file, e).getMessage());
      }
    }
  }

  /** Makes durable what was appended. */
  void sync() {
    try {
      write(true);
    } catch (IOException e) {
      throw IoFailures.writing(file, e);
    }
  }

  private void write(boolean durably) throws IOException {
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      byte[] bytes = waiting.toString().getBytes(StandardCharsets.US_ASCII);
      out.setLength(length); // what a failed write left
      out.seek(length);
      out.write(bytes);
      if (durably) {
        out.getFD().sync();
      }
      length += bytes.length;
      waiting.setLength(0);
    }
  }
}
