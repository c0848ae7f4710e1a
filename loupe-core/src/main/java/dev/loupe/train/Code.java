package dev.loupe.train;

import dev.loupe.dictionary.TiledEncoder;
import dev.loupe.dictionary.TiledEncoder.Selection;
import dev.loupe.dictionary.Weights;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.Collectives;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Indexing;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.Tensors;

/** The code of a batch in {@link TorchStep}, a tile of features at a time. */
sealed interface Code {
  /** [tokens, count] with zeros where a feature does not fire; dies with the tile. */
  Tensor tile(long start, long count);

  /** The K features of largest score of each token. */
  record TopKCode(Selection selection) implements Code {
    /**
     * @param weights of this rank's features
     * @param columns the ranks that hold the others: the K are the best of all
     */
    static TopKCode of(Tensor x, Weights weights, Tensor norms, int k, Collectives columns) {
      if (columns.size() == 1) {
        return new TopKCode(TiledEncoder.topK(x, weights, norms, Math.min(k, weights.features())));
      }
      Selection none = none(x, k);
      long own = Math.min(k, weights.features());
      Selection found = own == 0 ? none : TiledEncoder.topK(x, weights, norms, own).with(none, k);
      return new TopKCode(bestOfAll(found, k, columns));
    }

    /** K candidates that are none: of score zero, and no feature of any tile. */
    private static Selection none(Tensor x, int k) {
      Tensor zeros = Tensors.zeros(DType.F32, x.device(), x.size(0), k);
      Tensor outside = Tensors.full(-1, DType.I64, x.device(), x.size(0), k);
      return new Selection(zeros, zeros, outside);
    }

    /** Leaves values to those of the rank's K candidates that are among the K best of all ranks. */
    private static Selection bestOfAll(Selection own, int k, Collectives columns) {
      long n = own.scores().size(0);
      long candidates = (long) k * columns.size();
      Tensor all = columns.gather(own.scores()); // [columns, tokens, k], the same at each rank
      Tensor scores = all.transpose(0, 1).reshape(n, candidates);
      Tensor best = Reductions.largestUnsorted(scores, k).indices();
      Tensor chosen =
          Indexing.scatterInPlace(
              Tensors.zeros(DType.F32, scores.device(), n, candidates),
              best,
              Tensors.full(1, DType.F32, scores.device(), n, k));
      Tensor mine = chosen.narrow(1, (long) k * columns.rank(), k);
      return new Selection(own.scores(), Arithmetic.multiply(own.values(), mine), own.indices());
    }

    @Override
    public Tensor tile(long start, long count) {
      Tensor values = selection.values();
      Tensor places = Arithmetic.add(selection.indices(), -start);
      // features of other tiles go to a column that is cut off
      Tensor outside =
          Arithmetic.or(Arithmetic.greater(places, count - 1.0), Arithmetic.less(places, 0));
      Indexing.fillInPlace(places, outside, (double) count);
      Tensor wide = Tensors.zeros(DType.F32, values.device(), values.size(0), count + 1);
      return Indexing.scatterInPlace(wide, places, values).narrow(1, 0, count);
    }
  }

  /** The K · n activations of largest score of a batch of n tokens (Bussmann et al. 2024). */
  record BatchCode(Tensor x, Weights weights, Tensor norms, double least) implements Code {
    /**
     * @param count K · n, n being the tokens of the whole batch
     * @param all the ranks that hold the others, and have the other tokens
     */
    static BatchCode of(Tensor x, Weights weights, Tensor norms, long count, Collectives all) {
      if (all.size() == 1) {
        return new BatchCode(x, weights, norms, TiledEncoder.leastOf(x, weights, norms, count));
      }
      Tensor own = Tensors.zeros(DType.F32, x.device(), count);
      Tensor found = TiledEncoder.largest(x, weights, norms, count);
      own.narrow(0, 0, found.elements()).assign(found);
      Tensor best = Reductions.largestUnsorted(all.gather(own).reshape(-1), count).values();
      return new BatchCode(x, weights, norms, TiledEncoder.least(best));
    }

    @Override
    public Tensor tile(long start, long count) {
      Tensor values = TiledEncoder.activations(x, weights, start, count);
      Tensor scores = Arithmetic.multiply(values, norms.narrow(0, start, count));
      return Indexing.fillInPlace(values, Arithmetic.less(scores, least), 0.0);
    }
  }

  /** All that are above zero. */
  record ReluCode(Weights weights, Tensor x) implements Code {
    @Override
    public Tensor tile(long start, long count) {
      return TiledEncoder.activations(x, weights, start, count);
    }
  }
}
