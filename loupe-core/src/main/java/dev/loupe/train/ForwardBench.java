package dev.loupe.train;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.loupe.model.Llama;
import dev.loupe.model.Probe;
import dev.loupe.tensor.SeededRandom;
import dev.loupe.tensor.Team;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import dev.loupe.tensor.Torch;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Times what a language model takes for whole contexts: all blocks, no logits, spread over the
 * threads as capturing activations spreads them.
 */
public final class ForwardBench {
  private static final int WARM_UPS = 2;

  private ForwardBench() {}

  /**
   * What is run at once.
   *
   * @param contexts number of contexts
   * @param positions of each
   */
  public record Shape(int contexts, int positions) {
    private static final Pattern FORM = Pattern.compile("(\\d{1,6})x(\\d{1,7})");

    public Shape {
      if (contexts < 1 || positions < 1) {
        throw new IllegalArgumentException(
            "expected at least 1 context of 1 position, got %dx%d".formatted(contexts, positions));
      }
    }

    /** Reads {@code 8x256}: contexts, then positions. */
    public static Shape parse(String text) {
      Matcher matcher = FORM.matcher(text);
      if (!matcher.matches()) {
        throw new IllegalArgumentException(
            "expected contexts and positions such as 8x256, got '" + text + "'");
      }
      return new Shape(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
    }

    int tokens() {
      return Math.multiplyExact(contexts, positions);
    }

    @Override
    public String toString() {
      return contexts + "x" + positions;
    }
  }

  /**
   * How fast it was.
   *
   * @param tokensPerSecond of the median pass, padding would count
   * @param medianSeconds of a pass over all contexts
   * @param fastestSeconds of a pass: how far the median is from it shows how busy the machine was
   * @param shape contexts and positions of a pass
   * @param dtype of the products
   * @param machine kind of processor
   * @param threads that shared the contexts
   * @param repeats passes that were timed, after {@value #WARM_UPS} that were not
   * @param peakBytes most memory that the process has held so far, weights and JVM included
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Result(
      double tokensPerSecond,
      double medianSeconds,
      double fastestSeconds,
      String shape,
      String dtype,
      String machine,
      int threads,
      int repeats,
      long peakBytes) {}

  /** Runs random ids; the result of the passes is thrown away. Borrows the model. */
  public static Result run(Llama model, Shape shape, int repeats) {
    if (repeats < 1) {
      throw new IllegalArgumentException("expected at least 1 repeat, got " + repeats);
    }
    try (TensorScope _ = TensorScope.open()) {
      List<Tensor> parts = parts(ids(model, shape));
      double[] seconds = new double[repeats];
      for (int i = -WARM_UPS; i < repeats; i++) {
        long start = System.nanoTime();
        Team.forEach(parts, part -> pass(model, part));
        if (i >= 0) {
          seconds[i] = (System.nanoTime() - start) / 1e9;
        }
      }
      Arrays.sort(seconds);
      double median = (seconds[(repeats - 1) / 2] + seconds[repeats / 2]) / 2;
      return new Result(
          shape.tokens() / median,
          median,
          seconds[0],
          shape.toString(),
          model.dtype().torchName(),
          Torch.machine(),
          Torch.threads(),
          repeats,
          Torch.peakMemoryBytes());
    }
  }

  private static void pass(Llama model, Tensor ids) {
    try (TensorScope _ = TensorScope.open()) {
      model.forward(ids, model.config().layers(), Probe.NONE);
    }
  }

  /** Any ids, I64 [contexts, positions]: the time does not depend on which. */
  private static Tensor ids(Llama model, Shape shape) {
    SeededRandom random = new SeededRandom(0, "bench");
    int vocabulary = model.config().vocabularySize();
    long[] ids =
        IntStream.range(0, shape.tokens()).mapToLong(i -> random.below(i, vocabulary)).toArray();
    return Tensors.of(ids, shape.contexts(), shape.positions());
  }

  /** The contexts in as many parts as there are threads, as equal as they can be. */
  private static List<Tensor> parts(Tensor ids) {
    int contexts = (int) ids.size(0);
    int parts = Math.min(Torch.threads(), contexts);
    return IntStream.range(0, parts)
        .mapToObj(part -> {
          int from = contexts * part / parts;
          return ids.narrow(0, from, contexts * (part + 1) / parts - from);
        })
        .toList();
  }
}
