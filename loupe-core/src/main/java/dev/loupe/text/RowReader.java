package dev.loupe.text;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.LongPredicate;

/** Streams the rows of one file, in their order; memory never follows the size of the file. */
sealed interface RowReader permits JsonLinesReader, PlainTextReader, ParquetReader {
  /**
   * Gives each row whose number {@code wanted} accepts to {@code rows}; what cannot be read as a
   * row goes to its {@code bad}. CorpusException where the file itself is broken.
   */
  void read(CorpusFile file, LongPredicate wanted, Rows rows);

  /** Takes the rows of a file. */
  interface Rows {
    /** A row, counted from 0, with the fields that are not its text. */
    void row(long row, String text, ObjectNode metadata);

    /** A row that cannot be used; {@code message} names the file and the line. */
    void bad(String message);
  }
}
