package dev.loupe.activation;

import dev.loupe.model.Hook;
import dev.loupe.model.Llama;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Indexing;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.Team;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import dev.loupe.text.TokenCorpus;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shuffled stream of activations that training reads: one pass of the language model over the
 * corpus, all wanted hooks of a token together, through a buffer that is refilled and reshuffled
 * when half of it is used up.
 *
 * <p>Owns the buffer; borrows the model and the corpus. One thread at a time.
 */
public final class ActivationStream implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ActivationStream.class);

  private final Llama model;
  private final TokenCorpus corpus;
  private final Set<Hook> hooks;
  private final ShuffleBuffer buffer;
  private final Map<Hook, Tensor> rows = new TreeMap<>(); // [capacity, d]
  private final int[] contexts;
  private final int[] positions;
  private final int[] ids;
  private final int[] batchOfSlot;
  private final int[] rowOfSlot;
  private int nextBatch;

  /**
   * @param capacity tokens that the buffer holds at most
   * @param seed of the shuffling
   */
  public ActivationStream(
      Llama model, TokenCorpus corpus, Set<Hook> hooks, int capacity, long seed) {
    this.model = model;
    this.corpus = corpus;
    this.hooks = Set.copyOf(hooks);
    this.buffer = new ShuffleBuffer(capacity, seed);
    contexts = new int[capacity];
    positions = new int[capacity];
    ids = new int[capacity];
    batchOfSlot = new int[capacity];
    rowOfSlot = new int[capacity];
    int d = model.config().hiddenSize();
    for (Hook hook : hooks) {
      rows.put(
          hook, TensorScope.release(Tensors.empty(model.dtype(), model.device(), capacity, d)));
    }
  }

  /** Bytes of buffer that a token takes. */
  public static long bytesPerToken(Llama model, Set<Hook> hooks) {
    return (long) hooks.size() * model.config().hiddenSize() * model.dtype().bytes() + 20;
  }

  /** Batches of the corpus that the model has seen. */
  public int batchesRead() {
    return nextBatch;
  }

  /**
   * Mean norm of each hook's next activations, in raw units: what {@code Scale} is made of. Takes
   * nothing from the stream.
   */
  public Map<Hook, Double> meanNorms(int tokens) {
    refill(true);
    int[] slots = buffer.peek(tokens);
    Map<Hook, Double> norms = new TreeMap<>();
    for (Hook hook : hooks) {
      try (TensorScope _ = TensorScope.open()) {
        Tensor all = Reductions.norm(at(hook, slots).to(DType.F32), 1);
        norms.put(hook, Reductions.total(all) / slots.length);
        warnOfSinks(hook, all.floats(), slots);
      }
    }
    return norms;
  }

  private void warnOfSinks(Hook hook, float[] norms, int[] slots) {
    float[] sorted = norms.clone();
    Arrays.sort(sorted);
    float median = sorted[sorted.length / 2];
    int largest = 0;
    int above = 0;
    for (int i = 0; i < norms.length; i++) {
      above += norms[i] > 10 * median ? 1 : 0;
      largest = norms[i] > norms[largest] ? i : largest;
    }
    if (above > 0) {
      LOG.warn(
          "{} of {} tokens at {} have a norm above 10 times the median; the largest is {} times,"
              + " token {} at position {}",
          above,
          norms.length,
          hook,
          Math.round(norms[largest] / median),
          ids[slots[largest]],
          positions[slots[largest]]);
    }
  }

  /** The next n activations, fewer only at the end of the corpus; the caller owns them. */
  public Activations next(int n) {
    refill(true);
    int[] slots = buffer.take(n);
    Map<Hook, Tensor> taken = new TreeMap<>();
    try (TensorScope _ = TensorScope.open()) {
      for (Hook hook : hooks) {
        taken.put(hook, TensorScope.release(at(hook, slots)));
      }
    }
    return new Activations(taken, pick(contexts, slots), pick(positions, slots), pick(ids, slots));
  }

  /**
   * Goes to where the stream stands after so many batches of n were taken, without running the
   * model over what has been used up: only batches of which rows are still in the buffer are run
   * again.
   */
  public void skip(long batches, int n) {
    for (long i = 0; i < batches; i++) {
      refill(false);
      buffer.take(n);
    }
    BitSet needed = new BitSet();
    int[] live = buffer.peek(buffer.live());
    for (int slot : live) {
      needed.set(batchOfSlot[slot]);
    }
    List<Fill> fills = new ArrayList<>();
    for (int batch = needed.nextSetBit(0); batch >= 0; batch = needed.nextSetBit(batch + 1)) {
      int wanted = batch;
      int[] slots = Arrays.stream(live).filter(slot -> batchOfSlot[slot] == wanted).toArray();
      fills.add(new Fill(batch, slots, pick(rowOfSlot, slots)));
    }
    // each on one thread: the batches beside it are others than when it was first read
    Team.forEach(fills, this::fill);
  }

  private void refill(boolean withData) {
    if (!buffer.needsRefill() || nextBatch == corpus.batches()) {
      return;
    }
    List<Fill> fills = new ArrayList<>();
    while (nextBatch < corpus.batches() && corpus.countedTokens(nextBatch) <= buffer.room()) {
      int count = corpus.countedTokens(nextBatch);
      int[] slots = buffer.admit(count);
      int[] all = new int[count];
      for (int row = 0; row < count; row++) {
        batchOfSlot[slots[row]] = nextBatch;
        rowOfSlot[slots[row]] = row;
        all[row] = row;
      }
      fills.add(new Fill(nextBatch, slots, all));
      nextBatch++;
    }
    if (withData) {
      Team.forEach(fills, this::fill);
    }
    if (buffer.live() == 0) {
      throw new IllegalStateException(
          "expected a buffer that holds a batch of %d tokens, got room for %d; raise --buffer-bytes or lower --context"
              .formatted(corpus.countedTokens(nextBatch), buffer.room()));
    }
    buffer.shuffle();
  }

  /** Rows of a batch of the corpus, and the slots that they go to. */
  @SuppressWarnings("ArrayRecordComponent") // a piece of work; never compared
  private record Fill(int batch, int[] slots, int[] rows) {}

  /** Runs the model over a batch and puts some of its rows into slots; slots of fills differ. */
  private void fill(Fill fill) {
    int[] slots = fill.slots();
    try (TensorScope _ = TensorScope.open();
        Activations found = Capturing.activations(model, corpus.batch(fill.batch()), hooks)) {
      Tensor places = index(slots);
      Tensor from = index(fill.rows());
      for (Hook hook : hooks) {
        Indexing.assignRowsInPlace(at(hook), places, Indexing.rows(found.at(hook), from));
      }
      for (int i = 0; i < slots.length; i++) {
        contexts[slots[i]] = found.contexts()[fill.rows()[i]];
        positions[slots[i]] = found.positions()[fill.rows()[i]];
        ids[slots[i]] = found.ids()[fill.rows()[i]];
      }
    }
  }

  private Tensor at(Hook hook) {
    Tensor tensor = rows.get(hook);
    if (tensor == null) {
      throw new IllegalArgumentException("the stream does not carry " + hook);
    }
    return tensor;
  }

  private Tensor at(Hook hook, int[] slots) {
    return Indexing.rows(at(hook), index(slots));
  }

  private Tensor index(int[] places) {
    return Tensors.of(places, places.length).to(DType.I64).to(model.device());
  }

  private static int[] pick(int[] values, int[] places) {
    return Arrays.stream(places).map(place -> values[place]).toArray();
  }

  @Override
  public void close() {
    rows.values().forEach(Tensor::close);
  }
}
