package dev.loupe.safetensors;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files made by hand, right or wrong. */
final class RawFile {
  private RawFile() {}

  /** A file of a header as it is and so many zero bytes of data. */
  static Path write(Path path, String header, int dataBytes) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    return write(path, text.length, text, dataBytes);
  }

  /** A file whose length field may lie. */
  static Path write(Path path, long length, byte[] header, int dataBytes) {
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + header.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(length).put(header);
    return write(path, bytes.array());
  }

  static Path write(Path path, byte[] bytes) {
    try {
      return Files.write(path, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
