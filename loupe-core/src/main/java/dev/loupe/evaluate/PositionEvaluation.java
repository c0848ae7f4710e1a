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
import dev.loupe.tensor.Team;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import dev.loupe.text.Progress;
import dev.loupe.text.TokenBatch;
import dev.loupe.text.TokenCorpus;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * Errors, explained variance, L0 and losses by position (paper, section 4.5.1, Figure 5). Only
 * contexts of the full length count, so that every position has the same documents and none is
 * easier for what stands there. One pass of the language model, and for each dictionary the layers
 * behind it.
 */
final class PositionEvaluation {
  /** Ranges inside the training context, where the context has room for as many elsewhere. */
  private static final int RANGES_INSIDE = 16;

  private static final int MOST_RANGES = 64;

  /** The share at the end that is given by itself: the paper's last 1,024 of 8,192. */
  private static final int LAST = 8;

  private final Llama model;
  private final List<Subject> subjects;
  private final CorpusContexts contexts;
  private final int[] kept; // contexts of the full length
  private final Map<Integer, Integer> documents = new HashMap<>();
  private final int context;
  private final int inside;
  private final int width;
  private final PositionSums original;
  private final List<PositionSums> sums = new ArrayList<>();

  private PositionEvaluation(
      Llama model, List<Subject> subjects, CorpusContexts contexts, int context, int trained) {
    this.model = model;
    this.subjects = subjects;
    this.contexts = contexts;
    this.context = context;
    this.inside = Math.min(context, trained);
    this.width = Math.max(1, Math.max(inside / RANGES_INSIDE, Math.ceilDiv(context, MOST_RANGES)));
    this.kept =
        IntStream.range(0, contexts.size()).filter(i -> contexts.length(i) == context).toArray();
    if (kept.length == 0) {
      throw new IllegalArgumentException(
          "expected documents of at least %d tokens, got none among %d contexts; draw more with --tokens, or from longer texts"
              .formatted(context, contexts.size()));
    }
    for (int each : kept) {
      documents.putIfAbsent(contexts.document(each), documents.size());
    }
    this.original = sums();
    subjects.forEach(_ -> sums.add(sums()));
  }

  private PositionSums sums() {
    return new PositionSums(ranges(), documents.size(), model.config().hiddenSize());
  }

  private int ranges() {
    return range(context - 1) + 1;
  }

  /** The range of a position from 1 on; none is both inside the training context and beyond. */
  private int range(int position) {
    return position < inside
        ? (position - 1) / width
        : insideRanges() + (position - inside) / width;
  }

  private int insideRanges() {
    return Math.ceilDiv(inside - 1, width);
  }

  /** First position of a range; after the last range, the end. */
  private int start(int range) {
    return Math.min(
        context,
        range < insideRanges() ? 1 + range * width : inside + (range - insideRanges()) * width);
  }

  /**
   * Evaluates on the full-length contexts of a corpus. Borrows everything.
   *
   * @param context ids of a context
   * @param trained ids of the longest context in training
   * @param progress is told of contexts
   */
  static PositionReport run(
      Llama model,
      List<Subject> subjects,
      TokenCorpus heldOut,
      int context,
      int trained,
      EvaluationRequest request,
      Progress progress,
      BooleanSupplier stop) {
    PositionEvaluation evaluation =
        new PositionEvaluation(model, subjects, CorpusContexts.of(heldOut), context, trained);
    int done = 0;
    for (TokenBatch batch : evaluation.contexts.batches(evaluation.kept)) {
      progress.report("measuring by position (contexts)", done, evaluation.kept.length);
      if (stop.getAsBoolean()) {
        throw new CancellationException("the evaluation was stopped");
      }
      evaluation.add(batch);
      done += batch.documents();
    }
    progress.report("measuring by position (contexts)", done, done);
    return evaluation.report(heldOut.fingerprint(), trained, request);
  }

  private void add(TokenBatch batch) {
    LossRows rows = LossRows.of(batch, contexts);
    try (TensorScope _ = TensorScope.open();
        Capture capture = new Capture(captured())) {
      Tensor last = model.forward(Capturing.ids(batch), model.config().layers(), capture);
      int[] places = Capturing.countedPlaces(batch);
      Tensor counted = Tensors.of(places, places.length).to(DType.I64).to(model.device());
      Splice splice = new Splice(model, capture, counted);
      addLosses(original, batch, rows, last);
      Team.forEach(
          IntStream.range(0, subjects.size()).boxed().toList(),
          i -> add(sums.get(i), subjects.get(i), splice, batch, places, rows));
    }
  }

  private Set<Hook> captured() {
    Set<Hook> hooks = new TreeSet<>();
    for (Subject subject : subjects) {
      hooks.add(subject.hookIn());
      hooks.addAll(Splice.needed(subject.hookOut()));
    }
    return hooks;
  }

  private void add(
      PositionSums to,
      Subject subject,
      Splice splice,
      TokenBatch batch,
      int[] places,
      LossRows rows) {
    Dictionary dictionary = subject.dictionary();
    try (TensorScope _ = TensorScope.open();
        Codes codes =
            dictionary.encode(
                splice.rows(subject.hookIn()).to(dictionary.weights().encoder().device()))) {
      Tensor decoded = dictionary.decode(codes).to(model.device());
      Tensor x = splice.rows(subject.hookOut()).to(DType.F64);
      double[] squares = TargetSums.rowSquares(x);
      double[] errors = TargetSums.rowSquares(Arithmetic.subtract(x, decoded.to(DType.F64)));
      int[] offsets = codes.offsets().ints();
      for (int i = 0; i < places.length; i++) {
        to.add(
            range(places[i] % batch.positions()),
            document(batch, places[i]),
            offsets[i + 1] - offsets[i],
            errors[i],
            squares[i]);
      }
      addLosses(to, batch, rows, splice.replaced(subject.hookOut(), decoded));
    }
  }

  private int document(TokenBatch batch, long place) {
    int of = contexts.document(batch.contexts()[(int) place / batch.positions()]);
    return documents.getOrDefault(of, -1);
  }

  /** Losses where input and target count. */
  private void addLosses(PositionSums to, TokenBatch batch, LossRows rows, Tensor residual) {
    double[] losses = losses(rows, residual);
    for (int i = 0; i < losses.length; i++) {
      if (rows.input()[i] && rows.target()[i]) {
        long place = rows.places()[i];
        to.addLoss(range((int) (place % batch.positions())), document(batch, place), losses[i]);
      }
    }
  }

  private double[] losses(LossRows rows, Tensor residual) {
    double[] all = new double[rows.size()];
    int chunk = NextToken.chunk(model);
    for (int start = 0; start < all.length; start += chunk) {
      int count = Math.min(chunk, all.length - start);
      try (TensorScope _ = TensorScope.open()) {
        Tensor index = Tensors.of(rows.places(), rows.size()).narrow(0, start, count);
        Tensor targets = Tensors.of(rows.targets(), rows.size()).narrow(0, start, count);
        Tensor states =
            Indexing.rows(residual.reshape(-1, residual.size(-1)), index.to(model.device()));
        float[] found = NextToken.losses(model.logits(states), targets.to(model.device())).floats();
        for (int i = 0; i < count; i++) {
          all[start + i] = found[i];
        }
      }
    }
    return all;
  }

  private PositionReport report(String corpus, int trained, EvaluationRequest request) {
    try (Resamples resamples =
        Resamples.draw(documents.size(), request.bootstrapSamples(), request.seed(), "positions")) {
      SequencedMap<String, PositionReport.ByPosition> all = new LinkedHashMap<>();
      for (int i = 0; i < subjects.size(); i++) {
        PositionSums found = sums.get(i);
        int last = range(context - Math.max(1, context / LAST));
        List<PositionReport.Range> each =
            IntStream.range(0, ranges())
                .mapToObj(range -> range(found, resamples, range, range + 1))
                .toList();
        all.put(
            subjects.get(i).name(),
            new PositionReport.ByPosition(
                range(found, resamples, 0, insideRanges()),
                range(found, resamples, last, ranges()),
                each));
      }
      long tokens =
          Arrays.stream(kept).mapToLong(each -> contexts.countedTokens(each, each + 1)).sum();
      return new PositionReport(
          PositionReport.FORMAT,
          "",
          model.fingerprint(),
          List.of(),
          corpus,
          context,
          trained,
          kept.length,
          documents.size(),
          tokens,
          request.bootstrapSamples(),
          request.seed(),
          all);
    }
  }

  private PositionReport.Range range(PositionSums of, Resamples resamples, int from, int to) {
    return new PositionReport.Range(
        start(from), start(to), of.metrics(resamples, original, from, to, insideRanges()));
  }
}
