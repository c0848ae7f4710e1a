package dev.loupe.judge;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.loupe.files.IoFailures;
import dev.loupe.files.Json;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The calls to judges, a JSON line each, in a file that only grows. A line that a killed writer
 * left half is ended when the file is opened for writing, and read over. Thread-safe.
 */
public final class Ledger implements AutoCloseable {
  private final Path file;
  private final FileOutputStream out;

  private Ledger(Path file, FileOutputStream out) {
    this.file = file;
    this.out = out;
  }

  /** Opens it to add to, and makes it where there is none. */
  public static Ledger open(Path file) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      boolean torn = isTorn(file);
      FileOutputStream out = new FileOutputStream(file.toFile(), true);
      if (torn) {
        out.write('\n');
      }
      return new Ledger(file, out);
    } catch (IOException e) {
      throw IoFailures.writing(file, e);
    }
  }

  private static boolean isTorn(Path file) throws IOException {
    if (!Files.exists(file) || Files.size(file) == 0) {
      return false;
    }
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      in.seek(in.length() - 1);
      return in.read() != '\n';
    }
  }

  /** What is in it; nothing where there is none. Lines that are half are left out. */
  public static List<LedgerLine> read(Path file) {
    if (!Files.exists(file)) {
      return List.of();
    }
    List<LedgerLine> lines = new ArrayList<>();
    try {
      // not as strictly as readString: half a line may end in half a character
      String all = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
      all.lines().forEach(line -> parse(line, lines));
    } catch (IOException e) {
      throw IoFailures.reading(file, e);
    }
    return lines;
  }

  private static void parse(String line, List<LedgerLine> lines) {
    try {
      if (!line.isBlank()) {
        lines.add(Json.mapper().readValue(line, LedgerLine.class));
      }
    } catch (JsonProcessingException e) {
      // half a line: its call is in the cache, or was not answered
    }
  }

  synchronized void add(LedgerLine line) {
    try {
      byte[] json =
          (Json.mapper().writeValueAsString(line) + "\n").getBytes(StandardCharsets.UTF_8);
      out.write(json); // one write: a kill leaves few lines half
    } catch (IOException e) {
      throw IoFailures.writing(file, e);
    }
  }

  @Override
  public void close() {
    try {
      out.close();
    } catch (IOException e) {
      throw IoFailures.writing(file, e);
    }
  }
}
