package dev.loupe.dictionary;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Float32 tensors of a safetensors file, read without any of Loupe's readers. */
final class HandRead {
  private HandRead() {}

  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Array(int[] shape, float[] values) {}

  static Map<String, Array> tensors(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int header = Math.toIntExact(bytes.getLong(0));
    JsonNode json = new ObjectMapper().readTree(bytes.array(), 8, header);
    Map<String, Array> found = new HashMap<>();
    for (Map.Entry<String, JsonNode> entry : json.properties()) {
      if (entry.getValue().path("dtype").asText().equals("F32")) {
        int begin = 8 + header + entry.getValue().path("data_offsets").get(0).intValue();
        int end = 8 + header + entry.getValue().path("data_offsets").get(1).intValue();
        float[] values = new float[(end - begin) / 4];
        for (int i = 0; i < values.length; i++) {
          values[i] = bytes.getFloat(begin + 4 * i);
        }
        int[] shape = new int[entry.getValue().path("shape").size()];
        for (int i = 0; i < shape.length; i++) {
          shape[i] = entry.getValue().path("shape").get(i).intValue();
        }
        found.put(entry.getKey(), new Array(shape, values));
      }
    }
    return found;
  }

  static JsonNode json(Path file) throws IOException {
    return new ObjectMapper().readTree(Files.readAllBytes(file));
  }
}
