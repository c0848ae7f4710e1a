package dev.loupe.analyze;

import dev.loupe.kernel.Kernels;
import dev.loupe.kernel.Range;
import dev.loupe.model.Hook;
import dev.loupe.store.StoreSummary;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.Team;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/**
 * What the category search finds among random directions and among the neurons of a hook, from
 * their scores on disk. Each hook is searched once for each number of features. Borrows everything.
 */
final class Floors {
  /** Scores that are held at once: of some candidates, for all documents. */
  private static final long TILE_BYTES = 64L << 20;

  private final CodeFiles files;
  private final CategoryDocuments documents;
  private final CategorySearch search;
  private final Map<Hook, Integer> directions;
  private final int size; // D
  private final Map<String, List<StoreSummary.Search>> found = new ConcurrentHashMap<>();

  /**
   * @param directions how many there are at each hook
   * @param size D
   */
  Floors(
      CodeFiles files,
      CategoryDocuments documents,
      CategorySearch search,
      Map<Hook, Integer> directions,
      int size) {
    this.files = files;
    this.documents = documents;
    this.search = search;
    this.directions = directions;
    this.size = size;
  }

  /** The floors of a dictionary of so many features: as many random directions, and the neurons. */
  List<StoreSummary.Search> of(Hook hook, int features) {
    return found.computeIfAbsent(hook + " " + features, _ -> search(hook, features));
  }

  private List<StoreSummary.Search> search(Hook hook, int features) {
    int neurons = directions.get(hook); // the first column of theirs
    return List.of(
        search(hook, "random directions", 0, features).summary(),
        search(hook, "neurons, both directions", neurons, neurons + 2 * size).summary());
  }

  private CategorySearch.Best search(Hook hook, String among, int from, int to) {
    int[] all = IntStream.range(0, documents.size()).toArray();
    int tile = (int) Math.max(1, TILE_BYTES / (4L * documents.size()));
    CategorySearch.Best best = search.new Best(among);
    for (Range range : Range.split(to - from, tile)) {
      float[][] scores = columns(hook, from + range.from(), range.size());
      List<Range> parts = Range.split(range.size(), Math.max(1, range.size() / 8));
      List<CategorySearch.Best> bests =
          Team.map(
              parts,
              part -> {
                CategorySearch.Best some = search.new Best(among);
                for (int i = part.from(); i < part.to(); i++) {
                  CategorySearch.Scores listed = new CategorySearch.Scores(all, scores[i]);
                  some.offer(range.from() + i, search.choose(listed), listed);
                }
                return some;
              });
      bests.forEach(best::merge);
    }
    return best;
  }

  /** The scores of some candidates for every document, [candidates][documents]. */
  private float[][] columns(Hook hook, int from, int count) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor maxima =
          Tensors.full(Float.NEGATIVE_INFINITY, DType.F32, Device.CPU, documents.size(), count);
      MemorySegment out = maxima.segment();
      files.forEach(piece -> {
        int[] contexts = CodeFiles.ints(piece, CategorySearch.CONTEXTS);
        if (contexts.length == 0) {
          return;
        }
        try (TensorScope _ = TensorScope.open()) {
          Tensor scores = piece.read(FloorScores.name(hook)).narrow(1, from, count);
          MemorySegment in = scores.to(DType.F32).contiguous().segment();
          for (int row = 0; row < contexts.length; row++) {
            long document = documents.contextDocuments()[contexts[row]];
            Kernels.BEST.maxInPlace(out, document * count, in, (long) row * count, count);
          }
        }
      });
      Tensor byCandidate = maxima.transpose(0, 1).contiguous();
      float[][] columns = new float[count][];
      for (int i = 0; i < count; i++) {
        columns[i] = byCandidate.select(0, i).floats();
      }
      return columns;
    }
  }
}
