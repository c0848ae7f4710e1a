package dev.loupe.activation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * Which batch of the corpus goes where in the buffer and when, without the data. All of it follows
 * from how many tokens were taken, never from time: so it can be replayed in an instant when a run
 * resumes, and data may come early.
 *
 * <p>When half of the buffer is used up, the batches that follow are admitted, as many as the free
 * slots hold, and everything is reshuffled; where not even the next one fits, nothing is, so that
 * asking again changes nothing. A batch whose tokens fit into the free slots will be among them, so
 * its slots are reserved from then on.
 *
 * <p>Ranks that share a buffer have one plan: each batch belongs to the rank that has the fewest
 * rows when its slots are reserved, so that none ever has more than its part and one batch.
 */
final class BufferPlan {
  private final IntUnaryOperator countedTokens;
  private final int batches;
  private final ShuffleBuffer buffer;
  private final int[] batchOfSlot;
  private final int[] rowOfSlot;
  private final Deque<Fill> reserved = new ArrayDeque<>();
  private final int[] rankOfBatch;
  private final int[] rowsOfRank; // reserved and admitted
  private int nextBatch; // to be admitted

  /**
   * @param batches of the corpus
   * @param countedTokens of each batch
   * @param capacity tokens that the buffer holds at most
   * @param seed of the shuffling
   * @param ranks that share the buffer
   */
  BufferPlan(int batches, IntUnaryOperator countedTokens, int capacity, long seed, int ranks) {
    rankOfBatch = new int[batches];
    rowsOfRank = new int[ranks];
    this.batches = batches;
    this.countedTokens = countedTokens;
    this.buffer = new ShuffleBuffer(capacity, seed);
    batchOfSlot = new int[capacity];
    rowOfSlot = new int[capacity];
  }

  /** Rows of a batch of the corpus, and the slots that they go to. */
  @SuppressWarnings("ArrayRecordComponent") // a piece of work; never compared
  record Fill(int batch, int[] slots, int[] rows) {}

  boolean needsRefill() {
    return buffer.needsRefill() && nextBatch < batches && (fits() || buffer.live() == 0);
  }

  /** Whether the free slots hold the next batch, which has its own already where it is reserved. */
  private boolean fits() {
    return !reserved.isEmpty() || countedTokens.applyAsInt(nextBatch) <= buffer.room();
  }

  /** Reserves free slots for the batches that follow, as far as they fit; gives the new ones. */
  List<Fill> reserve() {
    List<Fill> fills = new ArrayList<>();
    for (int batch = nextBatch + reserved.size(); batch < batches; batch++) {
      int count = countedTokens.applyAsInt(batch);
      if (count > buffer.room()) {
        break;
      }
      int[] rows = new int[count];
      Arrays.setAll(rows, row -> row);
      Fill fill = new Fill(batch, buffer.reserve(count), rows);
      rankOfBatch[batch] = leastLoaded();
      rowsOfRank[rankOfBatch[batch]] += count;
      reserved.add(fill);
      fills.add(fill);
    }
    return fills;
  }

  private int leastLoaded() {
    int least = 0;
    for (int rank = 1; rank < rowsOfRank.length; rank++) {
      least = rowsOfRank[rank] < rowsOfRank[least] ? rank : least;
    }
    return least;
  }

  /** The rank that a batch belongs to, once slots are reserved for it. */
  int rankOfBatch(int batch) {
    return rankOfBatch[batch];
  }

  /** The rank that has the row in a slot, as long as it is the last that was taken from there. */
  int rankOfSlot(int slot) {
    return rankOfBatch[batchOfSlot[slot]];
  }

  /** The batches on their way, in their order. */
  List<Fill> reserved() {
    return List.copyOf(reserved);
  }

  /** Admits what is reserved, and reshuffles. */
  void admit() {
    for (Fill fill : reserved) {
      for (int row = 0; row < fill.slots().length; row++) {
        batchOfSlot[fill.slots()[row]] = fill.batch();
        rowOfSlot[fill.slots()[row]] = row;
      }
      buffer.admit(fill.slots());
    }
    nextBatch += reserved.size();
    reserved.clear();
    if (buffer.live() == 0) {
      throw new IllegalStateException(
          "expected a buffer that holds a batch of %d tokens, got room for %d; raise --buffer-bytes or lower --context"
              .formatted(countedTokens.applyAsInt(nextBatch), buffer.room()));
    }
    buffer.shuffle();
  }

  /** Takes the next slots, which are free from now on; fewer where fewer are live. */
  int[] take(int tokens) {
    int[] slots = buffer.take(tokens);
    for (int slot : slots) {
      rowsOfRank[rankOfSlot(slot)]--;
    }
    return slots;
  }

  /** The next slots without taking them. */
  int[] peek(int tokens) {
    return buffer.peek(tokens);
  }

  /** What of each batch has been admitted and not been taken. */
  List<Fill> live() {
    int[] live = buffer.peek(buffer.live());
    BitSet needed = new BitSet();
    for (int slot : live) {
      needed.set(batchOfSlot[slot]);
    }
    return needed.stream()
        .mapToObj(batch -> {
          int[] slots = Arrays.stream(live).filter(slot -> batchOfSlot[slot] == batch).toArray();
          return new Fill(
              batch, slots, Arrays.stream(slots).map(slot -> rowOfSlot[slot]).toArray());
        })
        .toList();
  }
}
