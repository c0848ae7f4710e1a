package dev.loupe.train;

import dev.loupe.activation.ActivationStream;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.model.Hook;
import dev.loupe.model.LlamaConfig;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Which dictionaries are trained together, in one pass of the language model over the corpus, and
 * what follows from that.
 */
final class Passes {
  /** Padded tokens of one forward pass of the language model, at most. */
  private static final int MODEL_BATCH_TOKENS = 8_192;

  /** Bytes of activations at all hooks that a forward pass may hold. */
  private static final long CAPTURED_BYTES = 1L << 29;

  private Passes() {}

  /**
   * So many groups of nearly as many dictionaries each. Those of neighbouring layers go together,
   * so that sites are shared, and early passes need few layers.
   */
  static List<List<DictionaryName>> split(List<DictionaryName> names, int passes) {
    if (passes < 1 || passes > names.size()) {
      throw new IllegalArgumentException(
          "expected 1 to %d passes, one for each dictionary at most, got %d"
              .formatted(names.size(), passes));
    }
    if (passes == 1) {
      return List.of(names);
    }
    List<DictionaryName> byLayer = names.stream().sorted().toList();
    return IntStream.range(0, passes)
        .mapToObj(pass ->
            byLayer.subList(byLayer.size() * pass / passes, byLayer.size() * (pass + 1) / passes))
        .toList();
  }

  /** Every place that dictionaries read or write. */
  static Set<Hook> hooks(List<DictionaryName> names) {
    Set<Hook> hooks = new TreeSet<>();
    for (DictionaryName name : names) {
      hooks.add(name.site().hookIn(name.layer()));
      hooks.add(name.site().hookOut(name.layer()));
    }
    return hooks;
  }

  /**
   * Tokens of the shuffle buffer: the same in all passes, so that what becomes of a dictionary does
   * not depend on its pass.
   */
  static int bufferTokens(
      List<List<DictionaryName>> passes, Recipe recipe, BufferSetup buffer, LlamaConfig model) {
    return passes.stream()
        .mapToLong(names -> ActivationStream.bytesPerToken(model, hooks(names), buffer.dtype()))
        .mapToInt(bytes -> TrainingRequest.bufferTokens(recipe, buffer.bytes(), bytes))
        .min()
        .orElseThrow();
  }

  /**
   * Padded tokens of one forward pass of the language model: fewer where its activations at all
   * sites would be too much to hold. The order of the tokens follows from it, so it is the same
   * whichever sites a run has: a dictionary does not depend on the others, and they share a cache.
   */
  static int modelBatch(Recipe recipe, LlamaConfig model) {
    long hooks = 4L * model.layers(); // R, A, M and what TC reads
    long perToken = hooks * model.hiddenSize() * Float.BYTES;
    long tokens = Math.min(MODEL_BATCH_TOKENS, Long.highestOneBit(CAPTURED_BYTES / perToken));
    return (int) Math.max(tokens, recipe.context());
  }
}
