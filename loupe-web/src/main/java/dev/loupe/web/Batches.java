package dev.loupe.web;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;

/** Entries in order, of which so many are made at a time as a store gives in one go. */
final class Batches implements Iterator<byte[]> {
  private static final int BATCH = 256;

  private final int count;
  private final Source source;
  private final Queue<byte[]> ready = new ArrayDeque<>();
  private int next;

  /** Makes the entries of a range. */
  interface Source {
    List<byte[]> entries(int from, int to);
  }

  Batches(int count, Source source) {
    this.count = count;
    this.source = source;
  }

  @Override
  public boolean hasNext() {
    return !ready.isEmpty() || next < count;
  }

  @Override
  public byte[] next() {
    if (ready.isEmpty()) {
      int to = Math.min(count, next + BATCH);
      ready.addAll(source.entries(next, to));
      next = to;
    }
    return ready.remove();
  }
}
