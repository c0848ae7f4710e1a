package dev.loupe.web;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Columns of numbers as a browser takes them into typed arrays, all little-endian: the length of
 * the header (an int), the header in JSON, zeros up to a multiple of eight, and the columns, at the
 * offsets from there that the header gives, each at a multiple of eight.
 */
final class ColumnBody {
  static final String TYPE = "application/octet-stream";

  private final int features;
  private final List<Map<String, Object>> header = new ArrayList<>();
  private final ByteArrayOutputStream data = new ByteArrayOutputStream();

  ColumnBody(int features) {
    this.features = features;
  }

  ColumnBody with(String name, float[] values) {
    byte[] bytes = new byte[values.length * Float.BYTES];
    littleEndian(bytes).asFloatBuffer().put(values);
    return with(name, "f4", values.length, bytes);
  }

  ColumnBody with(String name, int[] values) {
    byte[] bytes = new byte[values.length * Integer.BYTES];
    littleEndian(bytes).asIntBuffer().put(values);
    return with(name, "i4", values.length, bytes);
  }

  ColumnBody with(String name, byte[] values) {
    return with(name, "i1", values.length, values);
  }

  private ColumnBody with(String name, String type, int elements, byte[] bytes) {
    Map<String, Object> column = new LinkedHashMap<>();
    column.put("name", name);
    column.put("type", type);
    column.put("width", features == 0 ? 1 : elements / features);
    column.put("offset", data.size());
    header.add(column);
    data.writeBytes(bytes);
    pad(data, data.size());
    return this;
  }

  /** All of it, with more in the header. */
  Body body(Map<String, Object> more) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("features", features);
    json.put("columns", header);
    json.putAll(more);
    byte[] head = Body.jsonBytes(json);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] length = new byte[Integer.BYTES];
    littleEndian(length).putInt(head.length);
    out.writeBytes(length);
    out.writeBytes(head);
    pad(out, out.size());
    out.writeBytes(data.toByteArray());
    return Body.of(TYPE, out.toByteArray());
  }

  private static void pad(ByteArrayOutputStream out, int size) {
    out.writeBytes(new byte[-size & 7]);
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
