package dev.loupe.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongPredicate;

/** Reads a text file as one document, which has row 0 and no metadata. */
record PlainTextReader() implements RowReader {
  @Override
  public void read(Path file, LongPredicate wanted, Rows rows) {
    if (!wanted.test(0)) {
      return;
    }
    try {
      if (Files.size(file) > LineReader.MAX_LINE_BYTES) {
        throw new CorpusException(
            "expected a text file of up to 64 MiB, one document, got %,d bytes in %s; cut it into"
                    .formatted(Files.size(file), file)
                + " documents in a .jsonl file");
      }
      byte[] bytes = Files.readAllBytes(file);
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
