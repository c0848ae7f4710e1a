package dev.loupe.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.loupe.files.AtomicFile;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

/** Writes safetensors files, whole or not at all. */
public final class SafetensorsWriter {
  private static final int CHUNK_BYTES = 1 << 20;

  private SafetensorsWriter() {}

  /**
   * Writes tensors, one at a time: no more than one is copied from its device.
   *
   * <p>The same arguments give the same bytes. The header lists the metadata sorted, the tensors in
   * the order given. The data is in that order too, except that larger element types come first:
   * each tensor is then aligned to its elements, as the format's own library writes it and other
   * readers need.
   *
   * @param tensors borrowed; on any device, of any layout
   * @param metadata strings to carry along; none is written for an empty map
   * @throws IllegalArgumentException for a name that the format reserves
   * @throws java.io.UncheckedIOException if the file cannot be written; the target is as it was
   */
  public static void write(
      Path path, SequencedMap<String, Tensor> tensors, Map<String, String> metadata) {
    AtomicFile.write(path, content(path, tensors, metadata));
  }

  /** The bytes of such a file. */
  static AtomicFile.Content content(
      Path path, SequencedMap<String, Tensor> tensors, Map<String, String> metadata) {
    if (tensors.containsKey(Header.METADATA)) {
      throw new IllegalArgumentException(
          "expected tensor names, got the reserved " + Header.METADATA + " for " + path);
    }
    List<Map.Entry<String, Tensor>> inDataOrder =
        tensors.entrySet().stream()
            .sorted(Comparator.comparingInt(named -> -named.getValue().dtype().bytes()))
            .toList();
    return out -> {
      writeHeader(out, header(tensors, begins(inDataOrder), metadata));
      byte[] chunk = new byte[CHUNK_BYTES];
      for (Map.Entry<String, Tensor> named : inDataOrder) {
        writeData(out, named.getValue(), chunk);
      }
    };
  }

  /** Where each tensor's bytes begin, from the start of the data. */
  private static Map<String, Long> begins(List<Map.Entry<String, Tensor>> inDataOrder) {
    Map<String, Long> begins = new HashMap<>();
    long begin = 0;
    for (Map.Entry<String, Tensor> named : inDataOrder) {
      begins.put(named.getKey(), begin);
      begin += named.getValue().bytes();
    }
    return begins;
  }

  private static byte[] header(
      SequencedMap<String, Tensor> tensors, Map<String, Long> begins, Map<String, String> metadata)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = new JsonFactory().createGenerator(bytes)) {
      json.writeStartObject();
      if (!metadata.isEmpty()) {
        json.writeObjectFieldStart(Header.METADATA);
        for (Map.Entry<String, String> note : new TreeMap<>(metadata).entrySet()) {
          json.writeStringField(note.getKey(), note.getValue());
        }
        json.writeEndObject();
      }
      for (Map.Entry<String, Tensor> named : tensors.entrySet()) {
        json.writeFieldName(named.getKey());
        writeEntry(json, named.getValue(), begins.get(named.getKey()));
      }
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }

  private static void writeEntry(JsonGenerator json, Tensor tensor, long begin) throws IOException {
    json.writeStartObject();
    json.writeStringField("dtype", tensor.dtype().name());
    json.writeFieldName("shape");
    writeLongs(json, tensor.shape());
    json.writeFieldName("data_offsets");
    writeLongs(json, begin, begin + tensor.bytes());
    json.writeEndObject();
  }

  private static void writeLongs(JsonGenerator json, long... values) throws IOException {
    json.writeArray(values, 0, values.length);
  }

  /** Pads to 8 bytes, which aligns the data. */
  private static void writeHeader(OutputStream out, byte[] json) throws IOException {
    int padding = -json.length & 7;
    byte[] length = new byte[Header.LENGTH_BYTES];
    MemorySegment.ofArray(length).set(Header.LENGTH, 0, json.length + padding);
    out.write(length);
    out.write(json);
    out.write(" ".repeat(padding).getBytes(StandardCharsets.US_ASCII));
  }

  private static void writeData(OutputStream out, Tensor tensor, byte[] chunk) throws IOException {
    if (tensor.bytes() == 0) {
      return; // libtorch gives no address for it
    }
    try (TensorScope _ = TensorScope.open()) {
      MemorySegment data = tensor.to(Device.CPU).contiguous().segment();
      for (long at = 0; at < data.byteSize(); at += chunk.length) {
        int n = (int) Math.min(chunk.length, data.byteSize() - at);
        MemorySegment.copy(data, ValueLayout.JAVA_BYTE, at, chunk, 0, n);
        out.write(chunk, 0, n);
      }
    }
  }
}
