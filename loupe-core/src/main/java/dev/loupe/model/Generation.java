package dev.loupe.model;

import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.SeededRandom;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import dev.loupe.text.SpecialTokens;
import java.util.Arrays;
import java.util.function.IntConsumer;

/** Lets a model write on from a prompt, token by token. */
public final class Generation {
  private Generation() {}

  /** As the longer form, of the model as it is. */
  public static int[] generate(
      Llama model,
      int[] prompt,
      SpecialTokens special,
      GenerationRequest request,
      IntConsumer onToken) {
    return generate(model, prompt, special, request, onToken, Probe.NONE);
  }

  /**
   * Generates until a begin or end id, the wanted number of tokens, or the longest sequence that
   * the model was made for. The text is a function of the arguments.
   *
   * @param prompt at least one id, as a rule the begin id first
   * @param onToken told of each new id at once, on the calling thread; what it throws ends the
   *     generation
   * @param probe sees the whole prompt first, then each new position alone, [1, 1, d]
   * @return the new ids, without the prompt and without the id that ended them
   */
  public static int[] generate(
      Llama model,
      int[] prompt,
      SpecialTokens special,
      GenerationRequest request,
      IntConsumer onToken,
      Probe probe) {
    int room = Math.min(request.maxTokens(), room(model, prompt));
    int[] written = new int[room];
    int count = 0;
    try (KeyValueCache cache = new KeyValueCache(model.config().layers())) {
      SeededRandom random = new SeededRandom(request.seed(), "generate");
      int[] unread = prompt;
      while (count < room) {
        double uniform = random.uniform(prompt.length + count);
        int next = next(model, cache, unread, request, uniform, probe);
        if (special.contains(next)) {
          break;
        }
        written[count++] = next;
        unread = new int[] {next};
        onToken.accept(next);
      }
    }
    return Arrays.copyOf(written, count);
  }

  private static int room(Llama model, int[] prompt) {
    int most = model.config().maxPositions();
    if (prompt.length == 0 || prompt.length > most) {
      throw new IllegalArgumentException(
          "expected a prompt of 1 to %d ids, for which the model was made, got %d"
              .formatted(most, prompt.length));
    }
    return most - prompt.length;
  }

  private static int next(
      Llama model,
      KeyValueCache cache,
      int[] unread,
      GenerationRequest request,
      double uniform,
      Probe probe) {
    try (TensorScope _ = TensorScope.open()) {
      long[] ids = Arrays.stream(unread).asLongStream().toArray();
      Tensor residual = model.forward(Tensors.of(ids, 1, ids.length), cache, probe);
      Tensor logits = model.logits(residual.narrow(1, ids.length - 1, 1)).reshape(-1);
      Reductions.Largest likeliest =
          Reductions.largest(logits, request.candidates(model.config().vocabularySize()));
      int rank = rank(likeliest.values().floats(), request, uniform);
      return likeliest.indices().ints()[rank];
    }
  }

  /**
   * Which candidate a number in [0, 1) draws: probabilities ∝ exp(logit / temperature), cut at
   * topP.
   *
   * @param logits of the candidates, largest first
   */
  static int rank(float[] logits, GenerationRequest request, double uniform) {
    if (!Float.isFinite(logits[0])) { // not a number comes first of all
      throw new IllegalStateException(
          "expected finite logits to choose a token by, got " + logits[0]);
    }
    if (request.temperature() == 0) {
      return 0;
    }
    double[] sums = new double[logits.length]; // of the unnormalised probabilities up to each
    double sum = 0;
    for (int i = 0; i < logits.length; i++) {
      sum += Math.exp((logits[i] - logits[0]) / request.temperature());
      sums[i] = sum;
    }
    int last = first(sums, request.topP() * sum);
    return Math.min(last, first(sums, Math.nextUp(uniform * sums[last])));
  }

  /** The first candidate whose sum reaches a bound. */
  private static int first(double[] sums, double bound) {
    int i = 0;
    while (i < sums.length - 1 && sums[i] < bound) {
      i++;
    }
    return i;
  }
}
