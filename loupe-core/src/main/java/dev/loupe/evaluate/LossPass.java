package dev.loupe.evaluate;

import dev.loupe.activation.Capturing;
import dev.loupe.activation.CorpusContexts;
import dev.loupe.dictionary.Codes;
import dev.loupe.dictionary.Dictionary;
import dev.loupe.model.Capture;
import dev.loupe.model.Hook;
import dev.loupe.model.Llama;
import dev.loupe.model.NextToken;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Indexing;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.Team;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import dev.loupe.text.TokenBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * What replacing activations does to the model's predictions: one whole forward pass for each
 * batch, then for every dictionary and every output hook only the layers behind it. Borrows
 * everything.
 */
final class LossPass {
  /** Log-probabilities of a chunk: 4 MB of float32 stay in the cache and in the allocator. */
  private static final int CHUNK_ELEMENTS = 1 << 20;

  /** Rows of which a product with the unembedding is still efficient. */
  private static final int CHUNK_ROWS = 128;

  private final Llama model;
  private final List<Subject> subjects;
  private final CorpusContexts contexts;
  private final Map<Hook, Tensor> means;

  /** A way to run the model, and its residual after the last block at the rows of the batch. */
  private record Run(LossSums sums, Tensor residual, boolean divergence) {}

  /**
   * @param means of each output hook in the training split, [d]
   */
  LossPass(Llama model, List<Subject> subjects, CorpusContexts contexts, Map<Hook, Tensor> means) {
    this.model = model;
    this.subjects = subjects;
    this.contexts = contexts;
    this.means = means;
  }

  /** The sums of a batch. */
  DocumentSums measure(TokenBatch batch) {
    LossRows rows = LossRows.of(batch, contexts);
    DocumentSums to = DocumentSums.of(rows.documents());
    int[] at = to.rows(rows.documents());
    LossSums.count(rows, at, to);
    try (TensorScope scope = TensorScope.open();
        Capture capture = new Capture(captured())) {
      Tensor last = model.forward(Capturing.ids(batch), model.config().layers(), capture);
      int[] places = Capturing.countedPlaces(batch);
      Tensor counted = Tensors.of(places, places.length).to(DType.I64).to(model.device());
      Tensor index = Tensors.of(rows.places(), rows.size()).to(model.device());
      List<Run> runs = runs(scope, new Splice(model, capture, counted), last, index);
      Tensor targets = Tensors.of(rows.targets(), rows.size()).to(model.device());
      int size = chunk();
      for (int start = 0; start < rows.size(); start += size) {
        int count = Math.min(size, rows.size() - start);
        compare(runs, new Chunk(rows, at, start, count), targets, to);
      }
    }
    return to;
  }

  /** Fewer rows than elsewhere where the vocabulary is small: several passes over each chunk. */
  private int chunk() {
    int near = Math.max(CHUNK_ROWS, CHUNK_ELEMENTS / model.config().vocabularySize());
    return Math.min(NextToken.chunk(model), near);
  }

  private Set<Hook> captured() {
    Set<Hook> hooks = new TreeSet<>();
    for (Subject subject : subjects) {
      hooks.add(subject.hookIn());
      hooks.addAll(Splice.needed(subject.hookOut()));
    }
    return hooks;
  }

  /** A way to run the model that is still to be run. */
  private record Task(LossSums sums, boolean divergence, Supplier<Tensor> residual) {}

  /** The untouched model first; the others side by side. */
  private List<Run> runs(TensorScope scope, Splice splice, Tensor last, Tensor index) {
    List<Task> tasks = new ArrayList<>();
    Set<Hook> outputs = new TreeSet<>();
    for (Subject subject : subjects) {
      LossSums sums = LossSums.spliced(subject.name());
      tasks.add(new Task(sums, true, () -> spliced(splice, subject)));
      outputs.add(subject.hookOut());
    }
    for (Hook hook : outputs) {
      Tensor mean = mean(hook);
      tasks.add(ablation(hook, LossMetrics.ZERO, () -> splice.zeroed(hook)));
      tasks.add(ablation(hook, LossMetrics.MEAN, () -> splice.replacedBy(hook, mean)));
      tasks.add(ablation(hook, LossMetrics.ZERO_EVERYWHERE, () -> splice.zeroedEverywhere(hook)));
    }
    List<Run> runs = new ArrayList<>();
    runs.add(new Run(LossSums.ORIGINAL, at(last, index), false));
    runs.addAll(Team.map(tasks, task -> run(task, index)));
    runs.stream().skip(1).forEach(run -> scope.adopt(run.residual()));
    return runs;
  }

  private static Task ablation(Hook hook, String how, Supplier<Tensor> residual) {
    return new Task(LossSums.ablated(hook, how), false, residual);
  }

  /** Leaves its residual without an owner. */
  private static Run run(Task task, Tensor index) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor residual = TensorScope.release(at(task.residual().get(), index));
      return new Run(task.sums(), residual, task.divergence());
    }
  }

  private Tensor mean(Hook hook) {
    Tensor mean = means.get(hook);
    if (mean == null) {
      throw new IllegalArgumentException(
          "expected the training-split mean of %s, got those of %s"
              .formatted(hook, means.keySet()));
    }
    return mean;
  }

  private static Tensor spliced(Splice splice, Subject subject) {
    Dictionary dictionary = subject.dictionary();
    Tensor in = splice.rows(subject.hookIn()).to(dictionary.weights().encoder().device());
    try (Codes codes = dictionary.encode(in)) {
      return splice.replaced(subject.hookOut(), dictionary.decode(codes));
    }
  }

  /** Rows of a residual [batch, positions, D]. */
  private static Tensor at(Tensor residual, Tensor index) {
    return Indexing.rows(residual.reshape(-1, residual.size(-1)), index);
  }

  /** Some rows of a batch, and where the documents of all its rows are in its sums. */
  @SuppressWarnings("ArrayRecordComponent") // a carrier; never compared
  private record Chunk(LossRows rows, int[] at, int start, int count) {}

  /** Losses of all runs for a chunk of rows, of which the original's distribution is kept. */
  private void compare(List<Run> runs, Chunk chunk, Tensor targets, DocumentSums to) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor chosen = targets.narrow(0, chunk.start(), chunk.count()).reshape(-1, 1);
      Tensor expected = logProbabilities(runs.getFirst(), chunk);
      Tensor probabilities = Arithmetic.exp(expected);
      addLosses(runs.getFirst(), chunk, losses(expected, chosen), to);
      Team.forEach(
          runs.subList(1, runs.size()),
          run -> {
            try (TensorScope _ = TensorScope.open()) {
              Tensor found = logProbabilities(run, chunk);
              addLosses(run, chunk, losses(found, chosen), to);
              if (run.divergence()) {
                double[] divergences = divergences(probabilities, expected, found);
                run.sums().addDivergences(chunk.rows(), chunk.at(), chunk.start(), divergences, to);
              }
            }
          });
    }
  }

  private static void addLosses(Run run, Chunk chunk, double[] losses, DocumentSums to) {
    run.sums().addLosses(chunk.rows(), chunk.at(), chunk.start(), losses, to);
  }

  private Tensor logProbabilities(Run run, Chunk chunk) {
    Tensor states = run.residual().narrow(0, chunk.start(), chunk.count());
    return Reductions.logSoftmax(model.logits(states), 1);
  }

  private static double[] losses(Tensor logProbabilities, Tensor chosen) {
    return Arithmetic.negative(Indexing.gather(logProbabilities, chosen)).doubles();
  }

  /** Σ p (log p − log q) of each row, never below 0 but for rounding. */
  static double[] divergences(Tensor p, Tensor logP, Tensor logQ) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor terms = Arithmetic.multiplyInPlace(Arithmetic.subtract(logP, logQ), p);
      return Reductions.sumDouble(terms, 1).doubles();
    }
  }
}
