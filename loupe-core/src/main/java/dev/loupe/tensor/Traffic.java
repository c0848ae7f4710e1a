package dev.loupe.tensor;

/**
 * Bytes that this rank has sent to others, by the formula of each collective: what an exchange
 * needs, without the headers of the network. One thread.
 *
 * <p>Of n ranks, each sends for a sum of b bytes 2 b (n − 1) / n (ring: every part of the sum once
 * while it is made and once when it is whole), for a gathering of b bytes from each b (n − 1), and
 * for a broadcast of b bytes from one rank to all b for each rank below it in a binary tree.
 */
public final class Traffic {
  private long bytes;
  private long collectives;

  Traffic() {}

  void addSum(long size, int ranks) {
    add(2 * size * (ranks - 1) / ranks);
  }

  void addGather(long size, int ranks) {
    add(size * (ranks - 1));
  }

  /**
   * @param distance of this rank from the one that has the bytes, modulo the number of ranks
   */
  void addBroadcast(long size, int distance, int ranks) {
    int below = 0;
    int own = distance == 0 ? Integer.SIZE : Integer.numberOfTrailingZeros(distance);
    for (int bit = 0; bit < own && distance + (1L << bit) < ranks; bit++) {
      below++;
    }
    add(size * below);
  }

  void add(long size) {
    bytes += size;
    collectives++;
  }

  /** Bytes sent so far. */
  public long bytes() {
    return bytes;
  }

  /** Collectives so far, those of this rank. */
  public long collectives() {
    return collectives;
  }
}
