package dev.loupe.dictionary;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.loupe.kernel.Bounds;
import dev.loupe.kernel.Candidates;
import dev.loupe.kernel.CodeRows;
import dev.loupe.kernel.Kernels;
import dev.loupe.kernel.Range;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.Products;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.Team;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The code of a batch on the CPU: which features fire for each token and how strongly. The one
 * implementation that training, encoding, splicing and analysis share. Inputs are in the encoder's
 * own space; a score is ReLU(pre) · ‖decoder column‖ in it.
 *
 * <p>A product with all features at low precision finds candidates, a tile of features at a time,
 * so that [tokens, F] never exists; their values are then computed exactly, each as one float32 dot
 * product, so that a value depends neither on the precision of the screening nor on the batch. The
 * candidates of a token are all features whose screened score could, with its error, still be among
 * those that fire:
 *
 * <ul>
 *   <li>rounding x and w to bfloat16 gives a product an error of standard deviation 0.0024 ‖x ∘ w‖
 *       ≤ 0.0024 ‖x‖₄ ‖w‖₄ (Cauchy and Schwarz); four of those are allowed for;
 *   <li>rounding the result gives at most 2⁻⁸ of it. x is centred by the batch's mean first, which
 *       goes into the bias exactly, so that a large common part costs no precision.
 * </ul>
 *
 * <p>Borrows the weights; owns a copy of the encoder at screening precision until closed.
 */
public final class Encoder implements AutoCloseable {
  /** Tokens of one block, the unit of work for a thread. */
  private static final int BLOCK = 256;

  /** Features of a tile: products of a block and a tile are half a megabyte of bfloat16. */
  private static final int TILE = 1024;

  private static final Kernels KERNELS = Kernels.BEST;

  private final Weights weights;
  private final boolean bfloat16;
  private final int features;
  private final int inputs;
  private final Tensor screened; // [F, D], bfloat16, or the encoder itself
  private final float[] norms;
  private final float[] margins; // 4 σ of the error of a screened product with a token of ‖x‖₄ = 1
  private final MemorySegment encoder;
  private final MemorySegment encoderBias;
  private final MemorySegment decoder;
  private final MemorySegment screenedSegment;

  /** Takes the weights as they are now; after a change call {@link #refresh}. */
  public Encoder(Weights weights, Screening screening) {
    this.weights = weights;
    this.bfloat16 = screening == Screening.BFLOAT16;
    this.features = Math.toIntExact(weights.features());
    this.inputs = Math.toIntExact(weights.inputSize());
    this.screened =
        bfloat16
            ? TensorScope.release(Tensors.empty(DType.BF16, Device.CPU, features, inputs))
            : TensorScope.release(weights.encoder().share());
    this.norms = new float[features];
    this.margins = new float[features];
    this.encoder = weights.encoder().segment();
    this.encoderBias = weights.encoderBias().segment();
    this.decoder = weights.decoder().segment();
    this.screenedSegment = screened.segment();
    Team.forEach(Range.split(features, TILE), range -> refresh(range.from(), range.to()));
  }

  /** Bytes that an encoder of this size owns. */
  public static long bytes(long features, long inputs, Screening screening) {
    return features * (8 + (screening == Screening.BFLOAT16 ? 2 * inputs : 0));
  }

  /** Takes over changed weights of the features from {@code from} to {@code to}. */
  public void refresh(int from, int to) {
    int outputs = Math.toIntExact(weights.outputSize());
    for (int f = from; f < to; f++) {
      long column = (long) f * outputs;
      norms[f] = (float) Math.sqrt(KERNELS.dot(decoder, column, decoder, column, outputs));
      long row = (long) f * inputs;
      float fourth = KERNELS.sumOfFourthPowers(encoder, row, inputs);
      margins[f] = (bfloat16 ? 0.0094f : 1e-6f) * (float) Math.sqrt(Math.sqrt(fourth)) * norms[f];
    }
    if (bfloat16) {
      KERNELS.toBfloat16(
          encoder, screenedSegment, (long) from * inputs, Math.multiplyExact(to - from, inputs));
    }
  }

  /** ‖decoder column‖ of each feature, borrowed. */
  public float[] norms() {
    return norms;
  }

  /**
   * The k features of largest score of each token, of those above zero.
   *
   * @param x F32 [n, D in]
   */
  public CodeRows topK(Tensor x, int k) {
    return encode(x, Math.min(k, features), 0);
  }

  /**
   * The features whose score is above a bound.
   *
   * @param x F32 [n, D in]
   */
  public CodeRows above(Tensor x, double bound) {
    return encode(x, 0, (float) bound);
  }

  /**
   * The K · n activations of largest score of a batch of n tokens, of those above zero.
   *
   * @param x F32 [n, D in]
   * @param floor a guess at a bound that all of them exceed; only the time depends on it
   */
  public Gated largest(Tensor x, int k, float floor) {
    int count = Math.toIntExact(x.size(0) * Math.min(k, features));
    float bound = floor;
    CodeRows found = above(x, bound);
    while (bound > 0 && found.active() < count) {
      bound = bound < 1e-3f ? 0 : bound / 2;
      found = above(x, bound);
    }
    float[] scores = scores(found);
    if (scores.length < count) {
      return new Gated(found, 0);
    }
    float least = KERNELS.largest(scores, scores.length, count);
    return new Gated(found.where(i -> scores[i] >= least), least);
  }

  private float[] scores(CodeRows code) {
    float[] scores = new float[code.active()];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = code.values()[i] * norms[code.features()[i]];
    }
    return scores;
  }

  /**
   * A code, and the least score that it has; zero where there were no more.
   *
   * @param least a score of its own space
   */
  public record Gated(CodeRows code, float least) {}

  private CodeRows encode(Tensor rows, int k, float bound) {
    int tokens = Math.toIntExact(rows.size(0));
    if (tokens == 0) {
      return new CodeRows(new int[1], new int[0], new float[0]);
    }
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = rows.contiguous();
      Tensor mean = Reductions.mean(x, 0).reshape(-1);
      Tensor centred = bfloat16 ? Arithmetic.subtract(x, mean) : x;
      Inputs all =
          new Inputs(
              x.segment(),
              centred.segment(),
              bfloat16 ? centred.to(DType.BF16) : x,
              offsets(bfloat16 ? mean.segment() : MemorySegment.NULL));
      return CodeRows.concat(
          Team.map(Range.split(tokens, BLOCK), block -> new Block(all, block, k, bound).code()));
    }
  }

  /** (b + w · mean) · norm of each feature. */
  private float[] offsets(MemorySegment mean) {
    float[] offsets = new float[features];
    boolean centred = mean.address() != 0;
    int[] all = IntStream.range(0, centred ? features : 0).toArray();
    Team.forEach(
        Range.split(features, TILE),
        range -> {
          if (centred) {
            KERNELS.dots(mean, 0, encoder, all, range.from(), range.to(), inputs, offsets);
          }
          for (int f = range.from(); f < range.to(); f++) {
            offsets[f] = (offsets[f] + bias(f)) * norms[f];
          }
        });
    return offsets;
  }

  private float bias(int feature) {
    return encoderBias.getAtIndex(JAVA_FLOAT, feature);
  }

  @Override
  public void close() {
    screened.close();
  }

  /**
   * What all blocks read.
   *
   * @param x [n, D]
   * @param centred x less the batch's mean, [n, D]
   * @param low what is multiplied: centred, at screening precision
   * @param offsets of the features
   */
  @SuppressWarnings("ArrayRecordComponent") // a carrier; never compared
  private record Inputs(MemorySegment x, MemorySegment centred, Tensor low, float[] offsets) {}

  /** The code of a block of tokens; one thread. */
  private final class Block {
    private final Inputs all;
    private final Range tokens;
    private final int k;
    private final float bound;
    private final Candidates[] candidates;
    private final Bounds[] bounds;

    Block(Inputs all, Range tokens, int k, float bound) {
      this.all = all;
      this.tokens = tokens;
      this.k = k;
      this.bound = bound;
      candidates = new Candidates[tokens.size()];
      bounds = new Bounds[tokens.size()];
      for (int t = 0; t < candidates.length; t++) {
        candidates[t] = new Candidates(k, bound);
        long row = (long) (tokens.from() + t) * inputs;
        double fourth = KERNELS.sumOfFourthPowers(all.centred(), row, inputs);
        float size = (float) Math.sqrt(Math.sqrt(fourth));
        float relative = bfloat16 ? 0x1p-8f : 0x1p-22f;
        bounds[t] = new Bounds(bfloat16, norms, all.offsets(), margins, relative, size);
      }
    }

    CodeRows code() {
      try (TensorScope _ = TensorScope.open()) {
        Tensor x = all.low().narrow(0, tokens.from(), tokens.size());
        DType dtype = all.low().dtype();
        Tensor products = Tensors.empty(dtype, Device.CPU, (long) tokens.size() * TILE);
        for (Range tile : Range.split(features, TILE)) {
          Tensor w = screened.narrow(0, tile.from(), tile.size());
          Tensor out = products.narrow(0, 0, (long) tokens.size() * tile.size());
          Products.multiplyInto(out.reshape(tokens.size(), tile.size()), x, w.transpose(0, 1));
          screen(out.segment(), tile);
        }
      }
      return exact();
    }

    private void screen(MemorySegment products, Range tile) {
      for (int t = 0; t < candidates.length; t++) {
        long row = (long) t * tile.size();
        int f = tile.from();
        if (f == 0) {
          candidates[t].raise(products, row, f, tile.to(), bounds[t]);
        }
        while (f < tile.to()) {
          f =
              KERNELS.screen(
                  products, row + f - tile.from(), f, tile.to(), bounds[t], candidates[t]);
          if (f < tile.to()) {
            candidates[t].shrink(bounds[t]);
          }
        }
      }
    }

    /** Computes the candidates' values and keeps those that fire. */
    private CodeRows exact() {
      int[] starts = new int[candidates.length + 1];
      int[] chosen = new int[k * candidates.length];
      float[] values = new float[k * candidates.length];
      int at = 0;
      for (int t = 0; t < candidates.length; t++) {
        candidates[t].shrink(bounds[t]);
        int[] list = candidates[t].features();
        int count = candidates[t].count();
        float[] z = new float[count];
        KERNELS.dots(
            all.x(), (long) (tokens.from() + t) * inputs, encoder, list, 0, count, inputs, z);
        float[] scores = new float[count];
        for (int i = 0; i < count; i++) {
          z[i] = Math.max(0, z[i] + bias(list[i]));
          scores[i] = z[i] * norms[list[i]];
        }
        if (at + count > chosen.length) {
          int room = Math.max(at + count, chosen.length * 2);
          chosen = Arrays.copyOf(chosen, room);
          values = Arrays.copyOf(values, room);
        }
        float least = k > 0 && count > k ? KERNELS.largest(scores, count, k) : bound;
        int ties = k > 0 && count > k ? k - above(scores, count, least) : 0;
        for (int i = 0; i < count; i++) {
          boolean fires = scores[i] > least || (scores[i] == least && ties-- > 0);
          if (fires && z[i] > 0) {
            chosen[at] = list[i];
            values[at++] = z[i];
          }
        }
        starts[t + 1] = at;
      }
      return new CodeRows(starts, chosen, values);
    }

    private static int above(float[] scores, int count, float least) {
      int above = 0;
      for (int i = 0; i < count; i++) {
        above += scores[i] > least ? 1 : 0;
      }
      return above;
    }
  }
}
