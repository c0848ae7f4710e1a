package dev.loupe.text;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Splits a stream into lines of bytes, at '\n' only, holding one line at a time. A line above
 * {@link #MAX_LINE_BYTES} is skipped over and reported as too long. Does not close the stream.
 */
final class LineReader {
  static final int MAX_LINE_BYTES = 64 << 20;

  private final InputStream in;
  private byte[] buffer = new byte[1 << 16];
  private int start;
  private int end;
  private int limit;
  private boolean tooLong;
  private boolean ended;

  LineReader(InputStream in) {
    this.in = in;
  }

  /** Goes to the next line; false after the last. */
  boolean next() throws IOException {
    start = ended ? limit : Math.min(end + 1, limit);
    tooLong = false;
    int scan = start;
    while (true) {
      for (; scan < limit; scan++) {
        if (buffer[scan] == '\n') {
          end = scan;
          return true;
        }
      }
      scan -= makeRoom();
      int read = in.read(buffer, limit, buffer.length - limit);
      if (read < 0) {
        end = limit;
        ended = true;
        return end > start || tooLong;
      }
      limit += read;
    }
  }

  byte[] buffer() {
    return buffer;
  }

  int start() {
    return start;
  }

  int length() {
    return end - start;
  }

  boolean tooLong() {
    return tooLong;
  }

  /** Moves the line to the front, and grows or (too long) empties the buffer; returns the move. */
  private int makeRoom() {
    if (limit - start >= MAX_LINE_BYTES) {
      tooLong = true;
      start = limit;
    }
    int moved = start;
    if (moved > 0) {
      System.arraycopy(buffer, start, buffer, 0, limit - start);
      limit -= moved;
      start = 0;
    }
    if (limit == buffer.length) {
      buffer = Arrays.copyOf(buffer, buffer.length * 2);
    }
    return moved;
  }
}
