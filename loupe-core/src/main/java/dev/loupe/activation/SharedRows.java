package dev.loupe.activation;

import dev.loupe.tensor.Collectives;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.Indexing;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * Rows of a buffer that is spread over ranks: which of them each rank of a group has, so that all
 * of the group can have them in the order in which one buffer would give them.
 *
 * @param group borrowed
 * @param slots of each of its ranks, in the order of all
 * @param order of the whole: places in the ranks' rows one after another, each rank's filled up to
 *     the most that one has
 */
@SuppressWarnings("ArrayRecordComponent") // a piece of work; never compared
record SharedRows(Collectives group, List<int[]> slots, int[] order) {
  /**
   * @param taken slots of all ranks
   * @param rankOf each slot, among all ranks
   */
  static SharedRows of(int[] taken, IntUnaryOperator rankOf, Collectives group) {
    List<int[]> slots =
        group.ranks().stream()
            .map(rank ->
                Arrays.stream(taken).filter(slot -> rankOf.applyAsInt(slot) == rank).toArray())
            .toList();
    int most = most(slots);
    int[] order = new int[slots.stream().mapToInt(own -> own.length).sum()];
    int[] seen = new int[slots.size()];
    int n = 0;
    for (int slot : taken) {
      int member = group.ranks().indexOf(rankOf.applyAsInt(slot));
      if (member >= 0) {
        order[n++] = member * most + seen[member]++;
      }
    }
    return new SharedRows(group, slots, order);
  }

  private static int most(List<int[]> slots) {
    return slots.stream().mapToInt(own -> own.length).max().orElse(0);
  }

  /** Slots of this rank. */
  int[] own() {
    return slots.get(group.rank());
  }

  /**
   * The rows of all ranks of the group, in the order of all; in a scope. Every one of them calls
   * it.
   *
   * @param rows of this rank's slots, [own, d]
   */
  Tensor gather(Tensor rows) {
    if (group.size() == 1) {
      return rows;
    }
    int most = most(slots);
    Tensor filled = Tensors.zeros(rows.dtype(), rows.device(), most, rows.size(1));
    filled.narrow(0, 0, rows.size(0)).assign(rows);
    Tensor all = group.gather(filled).reshape((long) most * slots.size(), rows.size(1));
    Tensor index = Tensors.of(order, order.length).to(DType.I64).to(rows.device());
    return Indexing.rows(all, index);
  }

  /** As {@link #gather}, of whole numbers of each slot, on the CPU. */
  int[][] gather(Device device, int[]... columns) {
    if (group.size() == 1) {
      return columns;
    }
    try (TensorScope _ = TensorScope.open()) {
      int n = own().length;
      int[] rows = new int[n * columns.length];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = columns[i % columns.length][i / columns.length];
      }
      Tensor all = gather(Tensors.of(rows, n, columns.length).to(device));
      int[][] gathered = new int[columns.length][];
      for (int column = 0; column < columns.length; column++) {
        gathered[column] = all.select(1, column).ints();
      }
      return gathered;
    }
  }
}
