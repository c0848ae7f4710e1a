package dev.loupe.text;

import dev.loupe.files.AtomicFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/**
 * Every eighth document of the bundled corpora, for tests that need real text but not all of it: a
 * corpus is read whole, twice, whenever tokens are drawn from it.
 */
public final class DemoSample {
  private static final int EVERY = 8;

  private DemoSample() {}

  /** Chapters, long ones. */
  public static String books() {
    return sample("books");
  }

  /** Glosses with their categories. */
  public static String wordnet() {
    return sample("wordnet");
  }

  /** Conversations. */
  public static String chat() {
    return sample("chat");
  }

  /** Both, mixed as in the corpus {@code demo}. */
  public static String both() {
    return mixed(0.7);
  }

  /** Both, with this share of books. */
  public static String mixed(double books) {
    return "%s=%s,%s=%s".formatted(books(), books, wordnet(), 1 - books);
  }

  /** Beside the whole corpus, whose folder is named by its content. */
  private static synchronized String sample(String name) {
    Path whole = BundledFiles.corpus(name + ".jsonl.gz");
    Path file = whole.resolveSibling("every-%d-of-%s.jsonl".formatted(EVERY, name));
    if (!Files.exists(file)) {
      AtomicFile.writeText(file, lines(whole));
    }
    return file.toString();
  }

  private static String lines(Path whole) {
    StringBuilder sample = new StringBuilder();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(whole)), StandardCharsets.UTF_8))) {
      int row = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (row++ % EVERY == 0) {
          sample.append(line).append('\n');
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return sample.toString();
  }
}
