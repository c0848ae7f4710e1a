package dev.loupe.train;

import dev.loupe.dictionary.Weights;
import dev.loupe.files.Checksums;
import dev.loupe.tensor.Collectives;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/**
 * The ranks that train a dictionary together, R rows of C: the ranks of a row share the tokens of a
 * batch and have each a C-th of the features; those of a column share these features and have each
 * some of the tokens (paper, appendix A.2 and figure 9). With one column this is data parallelism,
 * with one row tensor parallelism, with one of both a run of its own.
 *
 * <p>Rank r · C + c stands in row r, column c. Owns the groups but not all ranks together; one
 * thread at a time.
 */
public final class Grid implements AutoCloseable {
  private static final Grid ALONE = new Grid(Collectives.alone(), new Shape(1, 1));

  /** How many rows and columns. */
  public record Shape(int rows, int columns) {
    public Shape {
      if (rows < 1 || columns < 1) {
        throw new IllegalArgumentException(
            "expected at least one row and one column of ranks, got " + rows + "x" + columns);
      }
    }

    /**
     * Reads {@code data}, {@code features} or {@code RxC}.
     *
     * @param ranks in all
     */
    public static Shape parse(String text, int ranks) {
      Shape shape =
          switch (text) {
            case "data" -> new Shape(ranks, 1);
            case "features" -> new Shape(1, ranks);
            default -> {
              if (!text.matches("[1-9]\\d{0,5}x[1-9]\\d{0,5}")) {
                throw new IllegalArgumentException(
                    "expected ranks as data, features or RxC (rows that share the tokens, columns"
                        + " that share the features), got '"
                        + text
                        + "'");
              }
              String[] both = text.split("x", 2);
              yield new Shape(Integer.parseInt(both[0]), Integer.parseInt(both[1]));
            }
          };
      if ((long) shape.rows * shape.columns != ranks) {
        throw new IllegalArgumentException(
            "expected %s to be the %d ranks of WORLD_SIZE, got %d"
                .formatted(text, ranks, (long) shape.rows * shape.columns));
      }
      return shape;
    }

    @Override
    public String toString() {
      return rows + "x" + columns;
    }
  }

  private final Collectives all;
  private final Shape shape;
  private final Collectives row;
  private final Collectives column;

  private Grid(Collectives all, Shape shape) {
    this.all = all;
    this.shape = shape;
    this.row = part("row" + row(), IntStream.range(0, shape.columns), shape.columns * row(), 1);
    try {
      this.column =
          part("column" + column(), IntStream.range(0, shape.rows), column(), shape.columns);
    } catch (RuntimeException | Error e) {
      row.close();
      throw e;
    }
  }

  /** Borrows all ranks; the caller closes the grid before them. Every rank calls it. */
  public static Grid of(Collectives all, Shape shape) {
    return new Grid(all, shape);
  }

  /** One rank without others. */
  public static Grid alone() {
    return ALONE;
  }

  private Collectives part(String name, IntStream numbers, int first, int step) {
    List<Integer> ranks = numbers.mapToObj(i -> first + i * step).toList();
    return ranks.size() == all.size() ? all : all.among(name, ranks);
  }

  public Shape shape() {
    return shape;
  }

  private int row() {
    return all.rank() / shape.columns;
  }

  private int column() {
    return all.rank() % shape.columns;
  }

  public boolean isAlone() {
    return all.size() == 1;
  }

  /** Whether this rank is the one that writes. */
  public boolean isFirst() {
    return all.rank() == 0;
  }

  /** All ranks, borrowed. */
  public Collectives all() {
    return all;
  }

  /** Whether it is so at any rank; all ask. */
  boolean any(boolean own) {
    return isAlone() ? own : all.sum(own ? 1 : 0)[0] > 0;
  }

  /** The number that rank 0 has; all ask. */
  long ofFirst(long own) {
    return isAlone() ? own : Math.round(all.sum(isFirst() ? (double) own : 0)[0]);
  }

  /**
   * Refuses ranks that were not started alike; all call it.
   *
   * @param decisions of this rank's run
   */
  void checkAlike(String decisions) {
    if (isAlone()) {
      return;
    }
    byte[] own =
        Checksums.sha256(decisions.getBytes(StandardCharsets.UTF_8))
            .getBytes(StandardCharsets.US_ASCII);
    try (TensorScope _ = TensorScope.open()) {
      Tensor sum = Tensors.of(MemorySegment.ofArray(own), DType.U8, own.length);
      int[] sums = all.gather(sum.to(all.device())).ints();
      List<Integer> others =
          IntStream.range(0, all.size())
              .filter(rank ->
                  !Arrays.equals(
                      sums, rank * own.length, (rank + 1) * own.length, sums, 0, own.length))
              .boxed()
              .toList();
      if (!others.isEmpty()) {
        throw new IllegalArgumentException(
            "expected every rank with the same model, corpus and options, got others than rank 0's"
                + " at ranks "
                + others);
      }
    }
  }

  /** Those that share this rank's tokens and hold the other features, borrowed. */
  Collectives features() {
    return row;
  }

  /** Those that share this rank's features and see the other tokens, borrowed. */
  Collectives tokens() {
    return column;
  }

  /** Whether this rank counts what all ranks of its row know. */
  boolean isFirstOfRow() {
    return row.rank() == 0;
  }

  /** Whether this rank counts what all ranks of its column know. */
  boolean isFirstOfColumn() {
    return column.rank() == 0;
  }

  /** Refuses a number of features that the columns cannot share. */
  void checkFeatures(long features) {
    if (features % shape.columns != 0) {
      throw new IllegalArgumentException(
          "expected a number of columns of ranks that divides the %d features, got %d"
              .formatted(features, shape.columns));
    }
  }

  /** This rank's features of a dictionary that it takes over. */
  Initial own(Initial whole) {
    checkFeatures(whole.weights().features());
    if (shape.columns == 1) {
      return whole;
    }
    try (Weights weights = whole.weights()) {
      return new Initial(
          new Weights(
              own(weights.encoder()),
              own(weights.encoderBias()),
              own(weights.decoder()),
              TensorScope.release(weights.decoderBias().copy())),
          whole.centre());
    }
  }

  private Tensor own(Tensor whole) {
    try (TensorScope _ = TensorScope.open()) {
      return TensorScope.release(ownView(whole).copy());
    }
  }

  /** This rank's features of a tensor that has a row for each, a view. */
  Tensor ownView(Tensor whole) {
    long count = whole.size(0) / shape.columns;
    return whole.narrow(0, column() * count, count);
  }

  /**
   * The four tensors with the features of all columns, at rank 0 alone, which owns them; nothing
   * elsewhere, or where there is one column. All ranks call it.
   */
  Optional<Weights> whole(Weights own) {
    if (shape.columns == 1) {
      return Optional.empty();
    }
    List<Optional<Tensor>> parts =
        List.of(whole(own.encoder()), whole(own.encoderBias()), whole(own.decoder()));
    if (!isFirst()) {
      return Optional.empty();
    }
    return Optional.of(
        new Weights(
            TensorScope.release(parts.get(0).orElseThrow()),
            TensorScope.release(parts.get(1).orElseThrow()),
            TensorScope.release(parts.get(2).orElseThrow()),
            TensorScope.release(own.decoderBias().copy())));
  }

  /**
   * Tensors by name with the features of all columns, at rank 0. All ranks call it. With more than
   * one column they belong to the innermost scope.
   */
  SequencedMap<String, Tensor> whole(SequencedMap<String, Tensor> own) {
    if (shape.columns == 1) {
      return own;
    }
    SequencedMap<String, Tensor> all = new LinkedHashMap<>();
    own.forEach((name, tensor) -> {
      if (TrainedState.isShared(name)) {
        all.put(name, tensor);
      } else {
        whole(tensor).ifPresent(whole -> all.put(name, whole));
      }
    });
    return all;
  }

  /** Ranks of the first row send theirs to rank 0. */
  private Optional<Tensor> whole(Tensor own) {
    if (row() > 0) {
      return Optional.empty();
    }
    if (!isFirst()) {
      row.send(own, 0);
      return Optional.empty();
    }
    long count = own.size(0);
    long[] shapeOfAll = own.shape();
    shapeOfAll[0] = count * shape.columns;
    Tensor whole = Tensors.empty(own.dtype(), own.device(), shapeOfAll);
    try (TensorScope _ = TensorScope.open()) {
      whole.narrow(0, 0, count).assign(own);
      for (int from = 1; from < shape.columns; from++) {
        row.receiveInto(whole.narrow(0, from * count, count), from);
      }
    }
    return Optional.of(whole);
  }

  @Override
  public void close() {
    if (column != all) {
      column.close();
    }
    if (row != all) {
      row.close();
    }
  }
}
