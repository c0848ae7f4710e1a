package dev.loupe.analyze;

import dev.loupe.kernel.Range;
import dev.loupe.model.Llama;
import dev.loupe.store.LogitsRow;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.Products;
import dev.loupe.tensor.Team;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * The logit lens of features, (d ⊙ final gain) · W_U with d the unit decoder column, a tile of
 * features at a time: [F, vocabulary] never exists. Borrows the model.
 *
 * @param ids number of ids that the tokenizer has; a model may have more rows, which mean nothing
 * @param text of an id
 */
record LogitLens(Llama model, int ids, IntFunction<String> text) {
  static final int TOKENS = 20;

  private static final long TILE_ELEMENTS = 1 << 22;

  /**
   * @param decoder float32 [F, D], unit rows, borrowed
   * @param features which of its rows
   */
  List<LogitsRow> rows(Tensor decoder, Range features) {
    int tile = (int) Math.max(1, TILE_ELEMENTS / model.unembedding().size(0));
    List<LogitsRow> rows = new ArrayList<>();
    List<Range> tiles =
        Range.split(features.size(), tile).stream()
            .map(r -> new Range(features.from() + r.from(), features.from() + r.to()))
            .toList();
    Team.map(tiles, range -> tile(decoder, range)).forEach(rows::addAll);
    return rows;
  }

  private List<LogitsRow> tile(Tensor decoder, Range range) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor columns = decoder.narrow(0, range.from(), range.size()).to(model.device());
      Tensor scaled = Arithmetic.multiply(columns, model.finalGain());
      Tensor unembedding = model.unembedding();
      Tensor logits =
          Products.linear(scaled.to(unembedding.dtype()), unembedding)
              .to(DType.F32)
              .to(Device.CPU)
              .narrow(1, 0, ids)
              .contiguous();
      MemorySegment all = logits.segment();
      List<LogitsRow> rows = new ArrayList<>();
      for (int i = 0; i < range.size(); i++) {
        long bytes = (long) ids * Float.BYTES;
        float[] row = all.asSlice(i * bytes, bytes).toArray(ValueLayout.JAVA_FLOAT);
        rows.add(row(range.from() + i, row));
      }
      return rows;
    }
  }

  LogitsRow row(int feature, float[] logits) {
    double sum = 0;
    float minimum = Float.POSITIVE_INFINITY;
    float maximum = Float.NEGATIVE_INFINITY;
    for (float logit : logits) {
      sum += logit;
      minimum = Math.min(minimum, logit);
      maximum = Math.max(maximum, logit);
    }
    double mean = sum / logits.length;
    double squares = 0;
    int[] counts = new int[LogitsRow.BINS];
    float scale = maximum > minimum ? LogitsRow.BINS / (maximum - minimum) : 0;
    Pool top = new Pool(TOKENS);
    Pool bottom = new Pool(TOKENS);
    float least = Float.NEGATIVE_INFINITY; // of the top ones, once there are enough
    float most = Float.POSITIVE_INFINITY;
    for (int id = 0; id < logits.length; id++) {
      float logit = logits[id];
      squares += (logit - mean) * (logit - mean);
      counts[Math.min(LogitsRow.BINS - 1, (int) ((logit - minimum) * scale))]++;
      if (logit > least) { // of equals the lower id, which came first, stays
        top.offer(Pool.largestFirst(logit, (long) id << 32), id, logit);
        least = top.isFull() ? top.last() : least;
      }
      if (logit < most) {
        bottom.offer(Pool.smallestFirst(logit, (long) id << 32), id, logit);
        most = bottom.isFull() ? bottom.last() : most;
      }
    }
    double deviation = Math.sqrt(squares / logits.length);
    return new LogitsRow(
        feature,
        (float) mean,
        (float) deviation,
        minimum,
        maximum,
        counts,
        tokens(top.sorted(), mean, deviation),
        tokens(bottom.sorted(), mean, deviation));
  }

  private LogitsRow.Tokens tokens(Pool.Entry[] found, double mean, double deviation) {
    int[] chosen = new int[found.length];
    String[] texts = new String[found.length];
    float[] logits = new float[found.length];
    float[] z = new float[found.length];
    for (int i = 0; i < found.length; i++) {
      chosen[i] = (int) found[i].place();
      texts[i] = text.apply(chosen[i]);
      logits[i] = found[i].value();
      z[i] = deviation > 0 ? (float) ((found[i].value() - mean) / deviation) : 0;
    }
    return new LogitsRow.Tokens(chosen, texts, logits, z);
  }
}
