package dev.loupe.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.luben.zstd.ZstdInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongPredicate;
import java.util.zip.GZIPInputStream;

/**
 * Reads files of one JSON object a line, plain or compressed. The field {@code text} is required,
 * all others are metadata. Blank lines are passed over, but have a number.
 */
record JsonLinesReader(CorpusFormat format) implements RowReader {
  private static final int BUFFER_BYTES = 1 << 16;

  @Override
  public void read(CorpusFile file, LongPredicate wanted, Rows rows) {
    long row = 0;
    try (InputStream raw = file.open(0);
        InputStream in = decompress(raw)) {
      LineReader lines = new LineReader(in);
      for (; lines.next(); row++) {
        if (wanted.test(row)) {
          parse(lines, row, "%s:%d".formatted(file, row + 1), rows);
        }
      }
    } catch (IOException e) {
      throw new CorpusException(
          "cannot read on from %s:%d: %s; is the file complete? Copy or download it again"
              .formatted(file, row + 1, e.getMessage()),
          e);
    }
  }

  private InputStream decompress(InputStream raw) throws IOException {
    return switch (format) {
      case JSON_LINES_GZIP -> new GZIPInputStream(raw, BUFFER_BYTES);
      case JSON_LINES_ZSTD -> new ZstdInputStream(raw);
      case JSON_LINES, PLAIN_TEXT, PARQUET -> raw;
    };
  }

  private static void parse(LineReader lines, long row, String where, Rows rows) {
    if (lines.tooLong()) {
      rows.bad("expected a line of up to 64 MiB, got a longer one at " + where);
      return;
    }
    String line = Utf8.decode(lines.buffer(), lines.start(), lines.length());
    if (line == null) {
      rows.bad("expected UTF-8, got other bytes at " + where);
    } else if (!line.isBlank()) {
      parse(line, row, where, rows);
    }
  }

  private static void parse(String line, long row, String where, Rows rows) {
    JsonNode node;
    try {
      node = Json.MAPPER.readTree(line);
    } catch (JsonProcessingException e) {
      rows.bad(
          "expected one JSON object a line, got %s at %s".formatted(e.getOriginalMessage(), where));
      return;
    }
    if (node instanceof ObjectNode object && object.path("text").isTextual()) {
      rows.row(row, object.remove("text").textValue(), object);
    } else {
      rows.bad(
          "expected an object with a string field text, got %s at %s"
              .formatted(describe(node), where));
    }
  }

  private static String describe(JsonNode node) {
    if (!node.isObject()) {
      return "a JSON " + node.getNodeType().name().toLowerCase(Locale.ROOT);
    }
    return node.has("text")
        ? "text of another type"
        : "the fields %s".formatted(node.propertyStream().map(Map.Entry::getKey).toList());
  }
}
