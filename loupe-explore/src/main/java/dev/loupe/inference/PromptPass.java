package dev.loupe.inference;

import dev.loupe.activation.Capturing;
import dev.loupe.dictionary.Codes;
import dev.loupe.dictionary.Dictionary;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.kernel.CodeRows;
import dev.loupe.model.Hook;
import dev.loupe.model.NextToken;
import dev.loupe.store.FeatureColumns;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.Indexing;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import dev.loupe.text.TextTokens;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * One pass of the model over a text, in which each dictionary encodes as soon as the model has come
 * to its hook: what fires in the first layer is known before the second runs. Effects on the next
 * token need the final norm, so that those come after the last layer.
 */
public final class PromptPass {
  private final SuiteModel model;
  private final PromptRequest request;
  private final TextTokens tokens;
  private final int[] places; // of the counted tokens
  private final Consumer<PromptEvent> events;
  private final BooleanSupplier cancelled;
  private final Map<DictionaryName, CodeRows> waiting = new LinkedHashMap<>(); // for effects

  private PromptPass(
      SuiteModel model,
      PromptRequest request,
      TextTokens tokens,
      Consumer<PromptEvent> events,
      BooleanSupplier cancelled) {
    this.model = model;
    this.request = request;
    this.tokens = tokens;
    this.places = Capturing.countedPlaces(tokens.batch());
    this.events = events;
    this.cancelled = cancelled;
  }

  /**
   * Shows what fires on a text: its tokens, cells of each dictionary, what comes next, the end.
   *
   * @param mostTokens that the text may have, with the begin id
   * @param events told of each on the calling thread
   * @param cancelled asked at every hook; once true, CancellationException
   */
  public static void run(
      SuiteModel model,
      PromptRequest request,
      int mostTokens,
      Consumer<PromptEvent> events,
      BooleanSupplier cancelled) {
    TextTokens tokens = TextTokens.of(model.tokenizer(), request.text(), mostTokens);
    new PromptPass(model, request, tokens, events, cancelled).run();
  }

  private void run() {
    Map<Hook, List<DictionaryName>> byHook = new LinkedHashMap<>();
    for (DictionaryName name : model.names(request.dictionaries())) {
      byHook.computeIfAbsent(name.site().hookIn(name.layer()), _ -> new ArrayList<>()).add(name);
    }
    events.accept(new PromptEvent.Tokens(tokens.texts(), tokens.counted()));
    try (TensorScope _ = TensorScope.open()) {
      Tensor ids = Capturing.ids(tokens.batch());
      Tensor residual =
          model
              .llama()
              .forward(
                  ids,
                  model.llama().config().layers(),
                  (hook, activation) -> {
                    byHook.getOrDefault(hook, List.of()).forEach(name -> encode(name, activation));
                    return activation;
                  })
              .select(0, 0);
      next(residual);
    }
    events.accept(new PromptEvent.End());
  }

  private void encode(DictionaryName name, Tensor activation) {
    if (cancelled.getAsBoolean()) {
      throw new CancellationException("the prompt is not wanted any more");
    }
    try (TensorScope _ = TensorScope.open()) {
      Tensor rows = Indexing.rows(activation.select(0, 0), index());
      try (Codes codes = model.dictionary(name).encode(rows)) {
        if (request.by() == PromptRequest.Ranking.EFFECT) {
          waiting.put(name, codes.rows());
        } else {
          cells(name, codes.rows(), new float[0]);
        }
      }
    }
  }

  private Tensor index() {
    return Tensors.of(places, places.length).to(model.llama().device());
  }

  /** What comes after each position, and effects on it. */
  private void next(Tensor residual) {
    List<List<PromptEvent.Likely>> likely = new ArrayList<>();
    List<OptionalDouble> losses = new ArrayList<>();
    int chunk = NextToken.chunk(model.llama());
    for (int start = 0; start < tokens.length(); start += chunk) {
      try (TensorScope _ = TensorScope.open()) {
        int count = Math.min(chunk, tokens.length() - start);
        Tensor logs = NextTokens.logProbabilities(model.llama(), residual.narrow(0, start, count));
        likely.addAll(NextTokens.likely(model.tokenizer(), logs));
        for (int i = 0; i < count; i++) {
          losses.add(loss(logs, i, start + i));
        }
      }
    }
    if (!waiting.isEmpty()) {
      effects(residual, likely);
    }
    events.accept(new PromptEvent.Next(losses, likely));
  }

  private OptionalDouble loss(Tensor logs, int row, int position) {
    return position + 1 < tokens.length()
        ? OptionalDouble.of(-logs.select(0, row).narrow(0, tokens.ids()[position + 1], 1).item())
        : OptionalDouble.empty();
  }

  /** Cells ranked by f · (d ⊙ gain) · (W_U[next] − mean W_U) / rms. */
  private void effects(Tensor residual, List<List<PromptEvent.Likely>> likely) {
    int last = tokens.length() - 1;
    int[] targets =
        IntStream.of(places)
            .map(
                place -> place < last ? tokens.ids()[place + 1] : likely.get(place).getFirst().id())
            .toArray();
    Tensor towards =
        model.unembedding().towards(Indexing.rows(residual, index()), targets); // [n, D]
    waiting.forEach((name, codes) -> {
      if (cancelled.getAsBoolean()) {
        throw new CancellationException("the prompt is not wanted any more");
      }
      cells(name, codes, effects(model.dictionary(name), codes, towards));
    });
  }

  /** The effect of each activation of codes, a token at a time. */
  private static float[] effects(Dictionary dictionary, CodeRows codes, Tensor towards) {
    float[] effects = new float[codes.active()];
    for (int token = 0; token < codes.tokens(); token++) {
      int from = codes.starts()[token];
      int to = codes.starts()[token + 1];
      if (from == to) {
        continue;
      }
      try (TensorScope _ = TensorScope.open()) {
        long[] features = IntStream.range(from, to).mapToLong(i -> codes.features()[i]).toArray();
        Tensor decoder =
            Indexing.rows(
                dictionary.weights().decoder(),
                Tensors.of(features, features.length).to(towards.device()));
        float[] dots =
            Reductions.sum(Arithmetic.multiply(decoder, towards.narrow(0, token, 1)), 1).floats();
        for (int i = from; i < to; i++) {
          effects[i] = codes.values()[i] * dots[i - from];
        }
      }
    }
    return effects;
  }

  private void cells(DictionaryName name, CodeRows codes, float[] effects) {
    Optional<FeatureColumns> columns = model.columns(name);
    List<PromptEvent.Cell> cells = new ArrayList<>();
    for (int token = 0; token < places.length; token++) {
      int from = codes.starts()[token];
      int to = codes.starts()[token + 1];
      List<PromptEvent.Firing> strongest =
          IntStream.range(from, to)
              .filter(i -> isShown(columns, codes.features()[i]))
              .mapToObj(i -> firing(codes, i, columns, effects))
              .sorted(Comparator.comparingDouble(this::strength).reversed())
              .limit(request.top())
              .toList();
      cells.add(new PromptEvent.Cell(places[token], to - from, strongest));
    }
    events.accept(new PromptEvent.Cells(name, cells));
  }

  private boolean isShown(Optional<FeatureColumns> columns, int feature) {
    return columns.isEmpty() || columns.get().rate()[feature] <= request.maxDensity();
  }

  private static PromptEvent.Firing firing(
      CodeRows codes, int i, Optional<FeatureColumns> columns, float[] effects) {
    int feature = codes.features()[i];
    float value = codes.values()[i];
    OptionalDouble quantile =
        columns
            .map(all -> all.rank(feature, value))
            .filter(rank -> !Float.isNaN(rank))
            .map(OptionalDouble::of)
            .orElse(OptionalDouble.empty());
    return new PromptEvent.Firing(
        feature,
        value,
        quantile,
        effects.length == 0 ? OptionalDouble.empty() : OptionalDouble.of(effects[i]));
  }

  private double strength(PromptEvent.Firing firing) {
    return switch (request.by()) {
      case ACTIVATION -> firing.activation();
      case QUANTILE -> firing.quantile().orElse(0);
      case EFFECT -> Math.abs(firing.effect().orElse(0));
    };
  }
}
