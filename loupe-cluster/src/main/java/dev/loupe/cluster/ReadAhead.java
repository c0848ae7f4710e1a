package dev.loupe.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * A stream that is read ahead by a thread of its own, so that who waits for storage and who parses
 * work at the same time. Holds at most 4 MiB. Owns the stream beneath. For one reader.
 */
final class ReadAhead extends InputStream {
  private static final int BLOCK_BYTES = 1 << 18;
  private static final int BLOCKS = 14; // beside the one that is filled and the one that is read

  /** What has come: nothing at the end. */
  private record Block(ByteBuffer bytes, Optional<IOException> failure) {
    boolean isLast() {
      return bytes.limit() == 0;
    }
  }

  private final InputStream in;
  private final BlockingQueue<Block> ready = new ArrayBlockingQueue<>(BLOCKS);
  private final Thread thread;
  private @Nullable Block block;

  ReadAhead(InputStream in) {
    this.in = in;
    this.thread = Thread.ofVirtual().name("read ahead").start(this::fill);
  }

  private void fill() {
    try {
      Block next;
      do {
        next = next();
        ready.put(next);
      } while (!next.isLast());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed before the end
    }
  }

  private Block next() {
    byte[] bytes = new byte[BLOCK_BYTES];
    try {
      int length = in.readNBytes(bytes, 0, bytes.length);
      return new Block(ByteBuffer.wrap(bytes, 0, length), Optional.empty());
    } catch (IOException e) {
      return new Block(ByteBuffer.allocate(0), Optional.of(e));
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    Block current = current();
    if (current.isLast()) {
      return -1;
    }
    int count = Math.min(length, current.bytes().remaining());
    current.bytes().get(target, offset, count);
    return count;
  }

  /** The block with what is next; the last one stays. */
  private Block current() throws IOException {
    Block current = block;
    if (current == null || (!current.bytes().hasRemaining() && !current.isLast())) {
      current = take();
      block = current;
    }
    if (current.failure().isPresent()) {
      throw current.failure().get();
    }
    return current;
  }

  private Block take() throws IOException {
    try {
      return ready.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while reading ahead");
    }
  }

  @Override
  public void close() throws IOException {
    thread.interrupt();
    in.close();
  }
}
