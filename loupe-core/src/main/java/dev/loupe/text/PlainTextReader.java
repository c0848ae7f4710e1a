package dev.loupe.text;

import java.io.IOException;
import java.io.InputStream;
import java.util.function.LongPredicate;

/** Reads a text file as one document, which has row 0 and no metadata. */
record PlainTextReader() implements RowReader {
  @Override
  public void read(CorpusFile file, LongPredicate wanted, Rows rows) {
    if (!wanted.test(0)) {
      return;
    }
    try {
      long size = file.bytes();
      if (size > LineReader.MAX_LINE_BYTES) {
        throw new CorpusException(
            "expected a text file of up to 64 MiB, one document, got %,d bytes in %s; cut it into"
                    .formatted(size, file)
                + " documents in a .jsonl file");
      }
      byte[] bytes;
      try (InputStream in = file.open(0)) {
        bytes = in.readAllBytes();
      }
      String text = Utf8.decode(bytes, 0, bytes.length);
      if (text == null) {
        rows.bad("expected UTF-8, got other bytes in " + file);
      } else {
        rows.row(0, text, Json.MAPPER.createObjectNode());
      }
    } catch (IOException e) {
      throw new CorpusException("cannot read %s: %s".formatted(file, e), e);
    }
  }
}
