package dev.loupe.text;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Strict decoding at the speed of the lenient one. */
final class Utf8 {
  private Utf8() {}

  /** The text without a byte order mark at its start, null where the bytes are not UTF-8. */
  static @Nullable String decode(byte[] bytes, int start, int length) {
    String text = new String(bytes, start, length, StandardCharsets.UTF_8);
    if (text.indexOf('\uFFFD') >= 0 && !isValid(bytes, start, length)) {
      return null;
    }
    return text.startsWith("\uFEFF") ? text.substring(1) : text;
  }

  private static boolean isValid(byte[] bytes, int start, int length) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, start, length));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }
}
