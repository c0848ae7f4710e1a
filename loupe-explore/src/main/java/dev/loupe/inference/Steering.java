package dev.loupe.inference;

import dev.loupe.activation.Capturing;
import dev.loupe.dictionary.Dictionary;
import dev.loupe.model.Generation;
import dev.loupe.model.GenerationRequest;
import dev.loupe.model.NextToken;
import dev.loupe.model.Probe;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import dev.loupe.text.TextTokens;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Lets the model write as it is and with features changed, and compares the two: the texts, the
 * distributions of the next token on both texts, the predicted and the actual effect, and doses.
 */
public final class Steering {
  private static final int EFFECTS = 6; // largest predicted, and as many largest actual ones

  private final SuiteModel model;
  private final SteeringRequest request;
  private final TextTokens prompt;
  private final Consumer<SteeringEvent> events;
  private final BooleanSupplier cancelled;

  private Steering(
      SuiteModel model,
      SteeringRequest request,
      TextTokens prompt,
      Consumer<SteeringEvent> events,
      BooleanSupplier cancelled) {
    this.model = model;
    this.request = request;
    this.prompt = prompt;
    this.events = events;
    this.cancelled = cancelled;
  }

  /**
   * Writes and compares.
   *
   * @param mostTokens that the prompt may have, with the begin id
   * @param events told of each on the calling thread
   * @param cancelled asked at every new token and pass; once true, CancellationException
   */
  public static void run(
      SuiteModel model,
      SteeringRequest request,
      int mostTokens,
      Consumer<SteeringEvent> events,
      BooleanSupplier cancelled) {
    TextTokens prompt = TextTokens.of(model.tokenizer(), request.prompt(), mostTokens);
    new Steering(model, request, prompt, events, cancelled).run();
  }

  private void run() {
    SteeringProbe steered = probe(prompt, request.dose());
    events.accept(new SteeringEvent.Prompt(prompt.texts()));
    TextTokens original = written(SteeringEvent.Writer.ORIGINAL, Probe.NONE);
    TextTokens changed = written(SteeringEvent.Writer.STEERED, steered);
    compare(SteeringEvent.Writer.ORIGINAL, original);
    compare(SteeringEvent.Writer.STEERED, changed);
    effects();
    doses(original);
    events.accept(new SteeringEvent.End());
  }

  /** What the model writes after a prompt while features are changed, and nothing else. */
  static String written(
      SuiteModel model, String prompt, List<Edit> edits, GenerationRequest generation) {
    SteeringRequest request = new SteeringRequest(prompt, edits, 1, generation, List.of(), "");
    TextTokens tokens =
        TextTokens.of(model.tokenizer(), prompt, model.llama().config().maxPositions());
    Steering steering = new Steering(model, request, tokens, _ -> {}, () -> false);
    TextTokens all =
        steering.written(SteeringEvent.Writer.STEERED, steering.probe(tokens, request.dose()));
    return String.join("", all.texts().subList(tokens.length(), all.length()));
  }

  private SteeringProbe probe(TextTokens text, double dose) {
    boolean[] counted = text.counted();
    // what is generated is never a begin or end id
    return new SteeringProbe(
        model, request.edits(), dose, position -> position >= counted.length || counted[position]);
  }

  private void checkWanted() {
    if (cancelled.getAsBoolean()) {
      throw new CancellationException("the steering is not wanted any more");
    }
  }

  private TextTokens written(SteeringEvent.Writer by, Probe probe) {
    int[] ids =
        Generation.generate(
            model.llama(),
            prompt.ids(),
            model.tokenizer().special(),
            request.generation(),
            id -> {
              checkWanted();
              events.accept(new SteeringEvent.Written(by, id, model.tokenizer().piece(id)));
            },
            probe);
    return prompt.with(model.tokenizer(), ids);
  }

  /** Residual after the last block, [positions, D], of the innermost scope. */
  private Tensor residual(TextTokens text, Probe probe) {
    checkWanted();
    int layers = model.llama().config().layers();
    return model.llama().forward(Capturing.ids(text.batch()), layers, probe).select(0, 0);
  }

  private void compare(SteeringEvent.Writer by, TextTokens text) {
    List<Double> kl = new ArrayList<>();
    List<OptionalDouble> originalLosses = new ArrayList<>();
    List<OptionalDouble> steeredLosses = new ArrayList<>();
    List<List<PromptEvent.Likely>> originalLikely = new ArrayList<>();
    List<List<PromptEvent.Likely>> steeredLikely = new ArrayList<>();
    try (TensorScope _ = TensorScope.open()) {
      Tensor original = residual(text, Probe.NONE);
      Tensor steered = residual(text, probe(text, request.dose()));
      chunks(
          text,
          (start, count) -> {
            Tensor p = logs(original, start, count);
            Tensor q = logs(steered, start, count);
            for (float each : divergence(p, q)) {
              kl.add((double) each);
            }
            losses(text, p, start, originalLosses);
            losses(text, q, start, steeredLosses);
            originalLikely.addAll(NextTokens.likely(model.tokenizer(), p));
            steeredLikely.addAll(NextTokens.likely(model.tokenizer(), q));
          });
    }
    events.accept(
        new SteeringEvent.Comparison(
            by, text.texts(), kl, originalLosses, steeredLosses, originalLikely, steeredLikely));
  }

  /** Something done with a range of positions. */
  private interface Chunk {
    void at(int start, int count);
  }

  /** Goes through positions so many at a time that their logits fit. */
  private void chunks(TextTokens text, Chunk chunk) {
    int most = NextToken.chunk(model.llama());
    for (int start = 0; start < text.length(); start += most) {
      try (TensorScope _ = TensorScope.open()) {
        chunk.at(start, Math.min(most, text.length() - start));
      }
    }
  }

  private Tensor logs(Tensor residual, int start, int count) {
    return NextTokens.logProbabilities(model.llama(), residual.narrow(0, start, count));
  }

  /** Σ p (log p − log q) of each row. */
  private static float[] divergence(Tensor p, Tensor q) {
    Tensor terms = Arithmetic.multiply(Arithmetic.exp(p), Arithmetic.subtract(p, q));
    return Reductions.sumDouble(terms, 1).to(dev.loupe.tensor.DType.F32).floats();
  }

  private static void losses(TextTokens text, Tensor logs, int start, List<OptionalDouble> losses) {
    for (int i = 0; i < logs.size(0); i++) {
      int next = start + i + 1;
      losses.add(
          next < text.length()
              ? OptionalDouble.of(-logs.select(0, i).narrow(0, text.ids()[next], 1).item())
              : OptionalDouble.empty());
    }
  }

  /** Predicted and actual changes of the logits after the prompt. */
  private void effects() {
    try (TensorScope _ = TensorScope.open()) {
      int last = prompt.length() - 1;
      SteeringProbe probe = probe(prompt, request.dose());
      Tensor before = residual(prompt, Probe.NONE).narrow(0, last, 1);
      Tensor after = residual(prompt, probe).narrow(0, last, 1);
      Tensor actual =
          Unembedding.centred(
              Arithmetic.subtract(model.llama().logits(after), model.llama().logits(before)));
      float[] changes = actual.floats();
      float[] predictions = predicted(probe, before, last);
      Set<Integer> shown = new LinkedHashSet<>();
      largest(changes, shown);
      largest(predictions, shown);
      events.accept(
          new SteeringEvent.Effects(
              shown.stream()
                  .map(id ->
                      new SteeringEvent.Effect(
                          id, model.tokenizer().piece(id), predictions[id], changes[id]))
                  .toList()));
    }
  }

  private float[] predicted(SteeringProbe probe, Tensor before, int position) {
    Tensor direction = Tensors.zeros(before.dtype(), before.device(), 1, before.size(1));
    for (Edit edit : request.edits()) {
      Dictionary dictionary = model.dictionary(edit.feature().dictionary());
      Tensor column = dictionary.weights().decoder().narrow(0, edit.feature().feature(), 1);
      Arithmetic.addInPlace(direction, column.to(before.device()), probe.change(edit, position));
    }
    return model.unembedding().effects(direction, before).floats();
  }

  /** Adds the ids of the largest changes, of those that the tokenizer knows. */
  private void largest(float[] changes, Set<Integer> ids) {
    int known = Math.min(changes.length, model.tokenizer().size());
    Tensor sizes = Arithmetic.absolute(Tensors.of(java.util.Arrays.copyOf(changes, known), known));
    for (long id : Reductions.largest(sizes, Math.min(EFFECTS, known)).indices().longs()) {
      ids.add((int) id);
    }
  }

  private void doses(TextTokens original) {
    if (request.doses().isEmpty()) {
      return;
    }
    int target = target();
    try (TensorScope _ = TensorScope.open()) {
      Tensor before = residual(original, Probe.NONE);
      for (double dose : request.doses()) {
        try (TensorScope _ = TensorScope.open()) {
          events.accept(dose(original, before, dose, target));
        }
      }
    }
  }

  /** The target's first id, or -1 without one. */
  private int target() {
    if (request.target().isEmpty()) {
      return -1;
    }
    int[] ids = model.tokenizer().encode(request.target()).ids();
    if (ids.length == 0) {
      throw new IllegalArgumentException("expected a token as target, got a text without one");
    }
    return ids[0];
  }

  private SteeringEvent.Dose dose(TextTokens text, Tensor original, double dose, int target) {
    Tensor steered = residual(text, probe(text, dose));
    double[] sums = new double[2]; // of divergences, of losses
    List<OptionalDouble> losses = new ArrayList<>();
    chunks(
        text,
        (start, count) -> {
          Tensor q = logs(steered, start, count);
          for (float each : divergence(logs(original, start, count), q)) {
            sums[0] += each;
          }
          losses(text, q, start, losses);
        });
    losses.forEach(loss -> sums[1] += loss.orElse(0));
    OptionalDouble probability = OptionalDouble.empty();
    if (target >= 0) {
      Tensor q = logs(steered, prompt.length() - 1, 1);
      probability = OptionalDouble.of(Math.exp(q.reshape(-1).narrow(0, target, 1).item()));
    }
    return new SteeringEvent.Dose(
        dose, sums[0] / text.length(), sums[1] / Math.max(1, text.length() - 1), probability);
  }
}
