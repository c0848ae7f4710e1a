package dev.loupe.analyze;

import dev.loupe.kernel.Range;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.Products;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.Team;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import java.util.Arrays;

/**
 * For each of some directions the nearest of others by cosine, exact: every pair is computed, a
 * tile at a time, so that [rows, columns] exists nowhere. Immutable; holds 8 bytes a neighbour.
 */
public final class NearestDirections {
  private static final long TILE_ELEMENTS = 1 << 22;

  private static final int TILE_ROWS = 1_024;

  private final int each;
  private final int[] neighbours; // [rows, each]
  private final float[] cosines; // [rows, each]

  private NearestDirections(int rows, int each) {
    this.each = each;
    this.neighbours = new int[Math.multiplyExact(rows, each)];
    this.cosines = new float[neighbours.length];
  }

  /** Rows scaled to norm 1, on the CPU; zero rows stay zero. Owned as new tensors are. */
  public static Tensor normalised(Tensor vectors) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor norms = Arithmetic.clampMin(Reductions.norm(vectors, 1), 1e-30);
      return scope.keep(Arithmetic.divide(vectors, norms).to(Device.CPU));
    }
  }

  /** How many rows a tile has against so many columns. */
  public static int tileRows(long columns) {
    return Math.clamp(TILE_ELEMENTS / Math.max(1, columns), 1, TILE_ROWS);
  }

  /**
   * The nearest columns of each row.
   *
   * @param rows unit vectors on the CPU, [n, D], borrowed
   * @param columns others, [m, D], borrowed
   * @param most neighbours of each; fewer where there are fewer columns
   * @param same whether rows and columns are the same, so that none is its own neighbour
   */
  public static NearestDirections of(Tensor rows, Tensor columns, int most, boolean same) {
    int all = Math.toIntExact(columns.size(0));
    int each = Math.max(0, Math.min(most, all - (same ? 1 : 0)));
    int n = Math.toIntExact(rows.size(0));
    NearestDirections found = new NearestDirections(n, each);
    if (each > 0) {
      Team.forEach(Range.split(n, tileRows(all)), range -> found.fill(rows, columns, range, same));
    }
    return found;
  }

  private void fill(Tensor rows, Tensor columns, Range range, boolean same) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor tile = Products.linear(rows.narrow(0, range.from(), range.size()), columns);
      int most = each + (same ? 1 : 0);
      Reductions.Largest largest = Reductions.largest(tile, most);
      float[] values = largest.values().floats();
      int[] indices = largest.indices().ints();
      for (int i = 0; i < range.size(); i++) {
        int row = range.from() + i;
        int n = row * each;
        for (int j = i * most; n < (row + 1) * each; j++) {
          if (!same || indices[j] != row) {
            neighbours[n] = indices[j];
            cosines[n++] = values[j];
          }
        }
      }
    }
  }

  public int rows() {
    return each == 0 ? 0 : cosines.length / each;
  }

  /** Neighbours of each row. */
  public int each() {
    return each;
  }

  public int neighbour(int row, int rank) {
    return neighbours[row * each + rank];
  }

  public float cosine(int row, int rank) {
    return cosines[row * each + rank];
  }

  /** Neighbours of a row, nearest first; a copy. */
  public int[] neighbours(int row) {
    return Arrays.copyOfRange(neighbours, row * each, (row + 1) * each);
  }

  /** Their cosines; a copy. */
  public float[] cosines(int row) {
    return Arrays.copyOfRange(cosines, row * each, (row + 1) * each);
  }

  /** The largest cosine of each row. */
  public float[] maxima() {
    float[] maxima = new float[rows()];
    for (int row = 0; row < maxima.length; row++) {
      maxima[row] = cosine(row, 0);
    }
    return maxima;
  }
}
