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
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * What replacing activations does to the model's predictions: one whole forward pass for each
 * batch, then for every dictionary and every output hook only the layers behind it.
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
  private final Resamples resamples;
  private final LossCounts counts;
  private final LossSums original;
  private final List<LossSums> spliced = new ArrayList<>();
  private final Map<Hook, Ablations> ablations = new TreeMap<>();

  /** A hook zeroed, set to its mean, and zeroed at every position. */
  private record Ablations(LossSums zero, LossSums mean, LossSums zeroEverywhere) {}

  /** A way to run the model, and its residual after the last block at the rows of the batch. */
  private record Run(LossSums sums, Tensor residual, boolean divergence) {}

  /**
   * Borrows everything.
   *
   * @param means of each output hook in the training split, [d]
   */
  LossPass(
      Llama model,
      List<Subject> subjects,
      CorpusContexts contexts,
      Map<Hook, Tensor> means,
      Resamples resamples) {
    this.model = model;
    this.subjects = subjects;
    this.contexts = contexts;
    this.means = means;
    this.resamples = resamples;
    int documents = resamples.documents();
    counts = new LossCounts(documents);
    original = new LossSums(documents);
    for (Subject subject : subjects) {
      spliced.add(new LossSums(documents));
      ablations.computeIfAbsent(
          subject.hookOut(),
          _ ->
              new Ablations(
                  new LossSums(documents), new LossSums(documents), new LossSums(documents)));
    }
  }

  void add(TokenBatch batch) {
    LossRows rows = LossRows.of(batch, contexts);
    counts.add(rows);
    try (TensorScope scope = TensorScope.open();
        Capture capture = new Capture(captured())) {
      Tensor last = model.forward(Capturing.ids(batch), model.config().layers(), capture);
      int[] places = Capturing.countedPlaces(batch);
      Tensor counted = Tensors.of(places, places.length).to(DType.I64).to(model.device());
      Tensor index = Tensors.of(rows.places(), rows.size()).to(model.device());
      List<Run> runs = runs(scope, new Splice(model, capture, counted), last, index);
      Tensor targets = Tensors.of(rows.targets(), rows.size()).to(model.device());
      int chunk = chunk();
      for (int start = 0; start < rows.size(); start += chunk) {
        compare(runs, rows, targets, start, Math.min(chunk, rows.size() - start));
      }
    }
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
    for (int i = 0; i < subjects.size(); i++) {
      Subject subject = subjects.get(i);
      tasks.add(new Task(spliced.get(i), true, () -> spliced(splice, subject)));
    }
    ablations.forEach((hook, sums) -> {
      Tensor mean = mean(hook);
      tasks.add(new Task(sums.zero(), false, () -> splice.zeroed(hook)));
      tasks.add(new Task(sums.mean(), false, () -> splice.replacedBy(hook, mean)));
      tasks.add(new Task(sums.zeroEverywhere(), false, () -> splice.zeroedEverywhere(hook)));
    });
    List<Run> runs = new ArrayList<>();
    runs.add(new Run(original, at(last, index), false));
    runs.addAll(Team.map(tasks, task -> run(task, index)));
    runs.stream().skip(1).forEach(run -> scope.adopt(run.residual()));
    return runs;
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

  /** Losses of all runs for a chunk of rows, of which the original's distribution is kept. */
  private void compare(List<Run> runs, LossRows rows, Tensor targets, int start, int count) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor chosen = targets.narrow(0, start, count).reshape(-1, 1);
      Tensor expected = logProbabilities(runs.getFirst(), start, count);
      Tensor probabilities = Arithmetic.exp(expected);
      runs.getFirst().sums().addLosses(rows, start, losses(expected, chosen));
      Team.forEach(
          runs.subList(1, runs.size()),
          run -> {
            try (TensorScope _ = TensorScope.open()) {
              Tensor found = logProbabilities(run, start, count);
              run.sums().addLosses(rows, start, losses(found, chosen));
              if (run.divergence()) {
                run.sums().addDivergences(rows, start, divergences(probabilities, expected, found));
              }
            }
          });
    }
  }

  private Tensor logProbabilities(Run run, int start, int count) {
    return Reductions.logSoftmax(model.logits(run.residual().narrow(0, start, count)), 1);
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

  /** Adds the metrics of each dictionary to its report. */
  void describe(List<Map<String, Metric>> reports) {
    LossSums.Losses untouched = original.means(resamples, counts);
    Map<Hook, Ablated> ablated = new TreeMap<>();
    ablations.forEach((hook, sums) -> ablated.put(hook, Ablated.of(sums, resamples, counts)));
    for (int i = 0; i < reports.size(); i++) {
      LossSums.Losses with = spliced.get(i).means(resamples, counts);
      describe(reports.get(i), untouched, with, ablated.get(subjects.get(i).hookOut()));
    }
  }

  private record Ablated(Series zero, Series mean, Series zeroEverywhere) {
    static Ablated of(Ablations sums, Resamples resamples, LossCounts counts) {
      return new Ablated(
          sums.zero().means(resamples, counts).byPair(),
          sums.mean().means(resamples, counts).byPair(),
          sums.zeroEverywhere().means(resamples, counts).byPair());
    }
  }

  private void describe(
      Map<String, Metric> report,
      LossSums.Losses untouched,
      LossSums.Losses with,
      Ablated ablated) {
    long pairs = counts.pairs();
    Series before = untouched.byPair();
    Series after = with.byPair();
    report.put("loss_original", before.metric(pairs));
    report.put("loss_spliced", after.metric(pairs));
    report.put("loss_zero", ablated.zero().metric(pairs));
    report.put("loss_mean", ablated.mean().metric(pairs));
    report.put("delta_loss", after.minus(before).metric(pairs));
    report.put(
        "delta_loss_target_mask",
        with.byTarget().minus(untouched.byTarget()).metric(counts.targets()));
    report.put("loss_recovered", recovered(before, after, ablated.zero(), pairs));
    report.put(
        "loss_recovered_all_positions", recovered(before, after, ablated.zeroEverywhere(), pairs));
    report.put("kl", with.kl().metric(counts.inputs()));
  }

  /** (zero − spliced) / (zero − original); nothing where the denominator may be zero. */
  static Metric recovered(Series original, Series spliced, Series zero, long tokens) {
    Series room = zero.minus(original);
    if (room.metric(tokens).mayBeZero()) {
      return Metric.none(tokens);
    }
    return zero.minus(spliced).over(room).metric(tokens);
  }
}
