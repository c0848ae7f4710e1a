package dev.loupe.web;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.loupe.files.Checksums;
import dev.loupe.files.Json;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * The body of an answer, compressed where that pays, so that a kept answer is compressed once.
 *
 * @param type media type
 * @param bytes as they are sent
 * @param gzipped whether those are compressed
 * @param etag of the content
 */
@SuppressWarnings("ArrayRecordComponent") // bytes to be sent; never compared
record Body(String type, byte[] bytes, boolean gzipped, String etag) {
  static final String JSON = "application/json";

  /** Less than this fits in one packet either way. */
  private static final int LEAST = 1_200;

  static Body of(String type, byte[] bytes) {
    String etag = "\"" + Checksums.sha256(bytes).substring(0, 24) + "\"";
    return bytes.length < LEAST
        ? new Body(type, bytes, false, etag)
        : new Body(type, gzip(bytes), true, etag);
  }

  static Body json(Object document) {
    return of(JSON, jsonBytes(document));
  }

  static byte[] jsonBytes(Object document) {
    try {
      return Json.mapper().writeValueAsBytes(document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an answer that is no JSON", e);
    }
  }

  /** The bytes for a client that takes no compression. */
  byte[] plain() {
    if (!gzipped) {
      return bytes;
    }
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot expand an answer", e);
    }
  }

  static byte[] gzip(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length / 3);
    try (OutputStream zip = new FastGzip(out)) {
      zip.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot compress an answer", e);
    }
    return out.toByteArray();
  }

  /** The fastest level: records are compressed while somebody waits. */
  private static final class FastGzip extends GZIPOutputStream {
    FastGzip(OutputStream out) throws IOException {
      super(out, 8_192);
      def.setLevel(Deflater.BEST_SPEED + 3);
    }
  }
}
