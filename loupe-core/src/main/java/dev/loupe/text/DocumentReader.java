package dev.loupe.text;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.function.Consumer;

/**
 * Streams the documents of a corpus, file by file and row by row, whatever the format. Memory holds
 * one document at a time. A bad line (no JSON object, no text, not UTF-8) is a CorpusException that
 * names file and line, or is counted where the reader skips bad lines. For use by one thread.
 */
public final class DocumentReader {
  private final CorpusSpec corpus;
  private final boolean skipBadLines;
  private long badLines;

  /** A reader of {@code corpus}; nothing is opened yet, and nothing needs closing. */
  public DocumentReader(CorpusSpec corpus, boolean skipBadLines) {
    this.corpus = corpus;
    this.skipBadLines = skipBadLines;
  }

  /** Gives every document of one source to {@code documents}, in their order. */
  public void forEach(int source, Consumer<Document> documents) {
    forEach(source, reference -> true, documents);
  }

  /** Number of bad lines skipped so far. */
  public long badLines() {
    return badLines;
  }

  /** As above, for the wanted rows only; other rows are not even parsed. */
  public void forEach(int source, RowFilter wanted, Consumer<Document> documents) {
    List<CorpusFile> files = corpus.sources().get(source).files();
    for (int i = 0; i < files.size(); i++) {
      CorpusFile path = files.get(i);
      int file = i;
      CorpusFormat.of(path.name())
          .orElseThrow(() -> new IllegalArgumentException("not a corpus file: " + path))
          .reader()
          .read(
              path,
              row -> wanted.test(new DocumentReference(source, file, row)),
              new Taking(source, file, documents));
    }
  }

  /** Chooses rows by where they stand. */
  @FunctionalInterface
  public interface RowFilter {
    boolean test(DocumentReference reference);
  }

  private final class Taking implements RowReader.Rows {
    private final int source;
    private final int file;
    private final Consumer<Document> documents;

    Taking(int source, int file, Consumer<Document> documents) {
      this.source = source;
      this.file = file;
      this.documents = documents;
    }

    @Override
    public void row(long row, String text, ObjectNode metadata) {
      documents.accept(new Document(new DocumentReference(source, file, row), text, metadata));
    }

    @Override
    public void bad(String message) {
      if (!skipBadLines) {
        throw new CorpusException(message + "; mend the line, or skip bad lines");
      }
      badLines++;
    }
  }
}
