package dev.loupe.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.util.ByteBufferBackedInputStream;
import dev.loupe.files.FileFormatException;
import dev.loupe.tensor.DType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads and checks the header of a mapped file. Streams it, so that memory follows what the file
 * really holds, never a number that it claims. Every fault is a {@link FileFormatException} with
 * the byte of the file where it is.
 */
final class HeaderReader {
  private static final int MAX_RANK = 64; // libtorch's limit
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxDocumentLength(Header.MAX_BYTES)
                  .maxNestingDepth(4)
                  .maxNumberLength(19)
                  .maxNameLength(10_000)
                  .build())
          // it is UTF-8; and names come from files, so keep them out of the JVM-wide table
          .disable(JsonFactory.Feature.CHARSET_DETECTION)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
          .build();

  private final Path path;
  private final long dataStart;
  private final long dataBytes;
  private final JsonParser json;
  private final SortedMap<String, TensorEntry> entries = new TreeMap<>();
  private @Nullable Map<String, String> metadata;

  private HeaderReader(Path path, long dataStart, long dataBytes, JsonParser json) {
    this.path = path;
    this.dataStart = dataStart;
    this.dataBytes = dataBytes;
    this.json = json;
  }

  /** Reads the header of a file of which all bytes are mapped. */
  static Header read(Path path, MemorySegment file) {
    long headerBytes = headerBytes(path, file);
    long dataStart = Header.LENGTH_BYTES + headerBytes;
    MemorySegment text = file.asSlice(Header.LENGTH_BYTES, headerBytes);
    try (JsonParser json =
        JSON.createParser(new ByteBufferBackedInputStream(text.asByteBuffer()))) {
      return new HeaderReader(path, dataStart, file.byteSize() - dataStart, json).header();
    } catch (JsonProcessingException e) {
      long at = e.getLocation() == null ? 0 : Math.max(0, e.getLocation().getByteOffset());
      throw new FileFormatException(
          path,
          "expected a header in JSON, got: %s at byte %d"
              .formatted(e.getOriginalMessage(), Header.LENGTH_BYTES + at),
          e);
    } catch (IOException e) {
      throw new FileFormatException(path, "expected a header in UTF-8, got " + e.getMessage(), e);
    }
  }

  private static long headerBytes(Path path, MemorySegment file) {
    if (file.byteSize() < Header.LENGTH_BYTES) {
      throw new FileFormatException(
          path,
          "expected a safetensors file of at least 8 bytes, got " + file.byteSize() + " at byte 0",
          "was it copied or downloaded in full?");
    }
    long length = file.get(Header.LENGTH, 0);
    long limit = Math.min(Header.MAX_BYTES, file.byteSize() - Header.LENGTH_BYTES);
    if (length < 2 || length > limit) { // unsigned: from 2^63 on it reads as negative
      throw new FileFormatException(
          path,
          "expected a header of 2 to %d bytes, got %s at byte 0"
              .formatted(limit, Long.toUnsignedString(length)),
          "is it a whole safetensors file (not a Git LFS pointer, not cut short)?");
    }
    byte first = file.get(ValueLayout.JAVA_BYTE, Header.LENGTH_BYTES);
    if (first != '{') {
      throw new FileFormatException(
          path,
          "expected a header that begins with {, got 0x%02x at byte 8".formatted(first),
          "is it a safetensors file?");
    }
    return length;
  }

  private Header header() throws IOException {
    expectToken(json.nextToken(), JsonToken.START_OBJECT, "the header");
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      if (name.equals(Header.METADATA)) {
        readMetadata();
      } else {
        readEntry(name);
      }
    }
    if (json.nextToken() != null) {
      throw fault("nothing but spaces after the header", json.currentToken(), offset());
    }
    DataLayout.check(path, dataStart, dataBytes, entries.values());
    return new Header(
        Collections.unmodifiableSortedMap(entries),
        metadata == null ? Map.of() : Collections.unmodifiableMap(metadata));
  }

  private void readMetadata() throws IOException {
    if (metadata != null) {
      throw fault(Header.METADATA + " once", "it twice", offset());
    }
    Map<String, String> strings = new LinkedHashMap<>();
    expectToken(json.nextToken(), JsonToken.START_OBJECT, Header.METADATA);
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String key = json.currentName();
      String where = Header.METADATA + " " + Names.shown(key);
      expectToken(json.nextToken(), JsonToken.VALUE_STRING, where);
      if (strings.put(key, json.getText()) != null) {
        throw fault(where + " once", "it twice", offset());
      }
    }
    metadata = strings;
  }

  private void readEntry(String name) throws IOException {
    String shown = "tensor " + Names.shown(name);
    long at = offset();
    if (entries.containsKey(name)) {
      throw fault(shown + " once", "it twice", at);
    }
    expectToken(json.nextToken(), JsonToken.START_OBJECT, shown);
    @Nullable DType dtype = null;
    long @Nullable [] shape = null;
    long @Nullable [] range = null;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String key = json.currentName();
      boolean again =
          switch (key) {
            case "dtype" -> dtype != null;
            case "shape" -> shape != null;
            case "data_offsets" -> range != null;
            default ->
                throw fault(
                    "dtype, shape and data_offsets of " + shown,
                    "a key '" + Names.shown(key) + "'",
                    offset());
          };
      if (again) {
        throw fault(key + " of " + shown + " once", "it twice", offset());
      }
      json.nextToken();
      switch (key) {
        case "dtype" -> dtype = dtype(shown);
        case "shape" -> shape = longs("shape of " + shown, MAX_RANK);
        default -> range = longs("data_offsets of " + shown, 2);
      }
    }
    if (dtype == null || shape == null || range == null || range.length != 2) {
      throw fault(
          "dtype, shape and two data_offsets of " + shown,
          "dtype "
              + dtype
              + ", shape "
              + Arrays.toString(shape)
              + ", data_offsets "
              + Arrays.toString(range),
          at);
    }
    entries.put(name, entry(name, dtype, shape, range, at));
  }

  private TensorEntry entry(String name, DType dtype, long[] shape, long[] range, long at) {
    String shown = "tensor " + Names.shown(name);
    if (range[0] > range[1] || range[1] > dataBytes) {
      throw fault(
          "data_offsets of %s within 0 to %d".formatted(shown, dataBytes),
          Arrays.toString(range),
          at);
    }
    long bytes = bytes(shown, dtype, shape, at);
    if (bytes != range[1] - range[0]) {
      throw fault(
          "%d bytes for %s %s %s".formatted(bytes, shown, dtype, Arrays.toString(shape)),
          "data_offsets " + Arrays.toString(range),
          at);
    }
    return new TensorEntry(name, dtype, shape, path, dataStart + range[0], bytes);
  }

  /** Elements times size. Not even the lengths beside a zero may overflow: strides come of them. */
  private long bytes(String shown, DType dtype, long[] shape, long at) {
    long bytes = dtype.bytes();
    boolean empty = false;
    try {
      for (long length : shape) {
        bytes = Math.multiplyExact(bytes, Math.max(1, length));
        empty |= length == 0;
      }
    } catch (ArithmeticException e) {
      throw fault(
          "a shape of %s of less than 2^63 bytes".formatted(shown), Arrays.toString(shape), at);
    }
    return empty ? 0 : bytes;
  }

  private DType dtype(String shown) throws IOException {
    expectToken(json.currentToken(), JsonToken.VALUE_STRING, "dtype of " + shown);
    String text = json.getText();
    for (DType dtype : DType.values()) {
      if (dtype.name().equals(text)) {
        return dtype;
      }
    }
    throw fault(
        "a dtype of " + shown + " of " + Arrays.toString(DType.values()),
        "'" + Names.shown(text) + "'",
        offset());
  }

  private long[] longs(String what, int limit) throws IOException {
    expectToken(json.currentToken(), JsonToken.START_ARRAY, what);
    long[] values = new long[limit];
    int n = 0;
    while (json.nextToken() != JsonToken.END_ARRAY) {
      expectToken(json.currentToken(), JsonToken.VALUE_NUMBER_INT, what);
      long value = json.getLongValue();
      if (value < 0) {
        throw fault("numbers of at least 0 in " + what, value, offset());
      }
      if (n == limit) {
        throw fault("at most " + limit + " numbers in " + what, "more", offset());
      }
      values[n++] = value;
    }
    return Arrays.copyOf(values, n);
  }

  private void expectToken(@Nullable JsonToken got, JsonToken expected, String what) {
    if (got != expected) {
      throw fault(expected + " for " + what, got, offset());
    }
  }

  /** Where in the file the current token begins. */
  private long offset() {
    return Header.LENGTH_BYTES + Math.max(0, json.currentTokenLocation().getByteOffset());
  }

  private FileFormatException fault(String expected, @Nullable Object got, long at) {
    return new FileFormatException(
        path, "expected %s, got %s at byte %d".formatted(expected, got, at));
  }
}
