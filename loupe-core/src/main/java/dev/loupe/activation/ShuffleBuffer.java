package dev.loupe.activation;

import dev.loupe.tensor.SeededRandom;

/**
 * Which slots of the buffer are free and in which order the others are taken, without the data:
 * free slots are reserved for rows and admitted, all live slots are shuffled after a refill, and
 * batches are taken from the front (paper, appendix A.1). The order does not depend on when slots
 * were reserved.
 */
final class ShuffleBuffer {
  private final int capacity;
  private final long seed;
  private final int[] order; // live slots in the order they will be taken, from head to tail
  private final int[] free; // a stack
  private int head;
  private int tail;
  private int freeCount;
  private long shuffles;

  ShuffleBuffer(int capacity, long seed) {
    this.capacity = capacity;
    this.seed = seed;
    this.order = new int[capacity];
    this.free = new int[capacity];
    for (int i = 0; i < capacity; i++) {
      free[i] = capacity - 1 - i;
    }
    freeCount = capacity;
  }

  int live() {
    return tail - head;
  }

  int room() {
    return freeCount;
  }

  boolean needsRefill() {
    return live() < capacity / 2;
  }

  /** Slots for so many rows that are on their way: no longer free, and not yet to be taken. */
  int[] reserve(int rows) {
    if (rows > freeCount) {
      throw new IllegalStateException("expected room for " + rows + " rows, got " + freeCount);
    }
    int[] slots = new int[rows];
    for (int i = 0; i < rows; i++) {
      slots[i] = free[--freeCount];
    }
    return slots;
  }

  /** Puts reserved slots at the back of the order, until the next shuffle. */
  void admit(int[] slots) {
    System.arraycopy(order, head, order, 0, live());
    tail -= head;
    head = 0;
    System.arraycopy(slots, 0, order, tail, slots.length);
    tail += slots.length;
  }

  /** Puts all live slots in a new random order (Fisher and Yates). */
  void shuffle() {
    SeededRandom random = new SeededRandom(seed, "shuffle " + shuffles++);
    for (int i = live() - 1; i > 0; i--) {
      int j = random.below(i, i + 1);
      int swapped = order[head + i];
      order[head + i] = order[head + j];
      order[head + j] = swapped;
    }
  }

  /** Takes the next slots, which are free from now on; fewer where fewer are live. */
  int[] take(int rows) {
    int count = Math.min(rows, live());
    int[] slots = new int[count];
    for (int i = 0; i < count; i++) {
      slots[i] = order[head++];
      free[freeCount++] = slots[i];
    }
    return slots;
  }

  /** The next slots without taking them. */
  int[] peek(int rows) {
    int count = Math.min(rows, live());
    int[] slots = new int[count];
    System.arraycopy(order, head, slots, 0, count);
    return slots;
  }
}
