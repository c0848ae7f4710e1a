package dev.loupe.train;

import dev.loupe.activation.Activations;
import dev.loupe.model.Hook;
import dev.loupe.safetensors.SafetensorsWriter;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.Indexing;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Tokens' activations in safetensors files of bounded size, {@code 000000.safetensors} and so on:
 * of each hook float32 [tokens, width] and of each token {@code tokens.context}, {@code
 * tokens.position} and {@code tokens.id}, int32 [tokens]. Owns what is not written yet.
 */
final class ActivationFiles implements AutoCloseable {
  private static final long FILE_BYTES = 1L << 28;

  private final Path folder;
  private final Set<Hook> hooks;
  private final long tokensOfFile;
  private final List<Activations> waiting = new ArrayList<>();
  private final List<String> names = new ArrayList<>();
  private long waitingTokens;
  private long tokens;

  /** Files of some 256 MB. */
  static ActivationFiles ofWidth(Path folder, Set<Hook> hooks, int width) {
    return new ActivationFiles(
        folder, hooks, FILE_BYTES / ((long) hooks.size() * width * Float.BYTES));
  }

  /**
   * @param tokensOfFile after so many a file is written, those that came with the last one included
   */
  ActivationFiles(Path folder, Set<Hook> hooks, long tokensOfFile) {
    this.folder = folder;
    this.hooks = new TreeSet<>(hooks);
    this.tokensOfFile = Math.max(1, tokensOfFile);
  }

  /** Takes over activations, and of their tokens the first so many or all. */
  void add(Activations found, int most) {
    Activations taken = found.tokens() <= most ? found : first(found, most);
    waiting.add(taken);
    waitingTokens += taken.tokens();
    tokens += taken.tokens();
    if (waitingTokens >= tokensOfFile) {
      end();
    }
  }

  private static Activations first(Activations found, int n) {
    try (found;
        TensorScope _ = TensorScope.open()) {
      Map<Hook, Tensor> rows = new LinkedHashMap<>();
      Tensor index = Tensors.of(IntStream.range(0, n).toArray(), n);
      found
          .rows()
          .forEach((hook, all) ->
              rows.put(hook, TensorScope.release(Indexing.rows(all, index.to(all.device())))));
      return new Activations(
          rows,
          Arrays.copyOf(found.contexts(), n),
          Arrays.copyOf(found.positions(), n),
          Arrays.copyOf(found.ids(), n),
          new float[0]);
    }
  }

  /** Writes what waits. */
  void end() {
    if (waiting.isEmpty()) {
      return;
    }
    String name = "%06d.safetensors".formatted(names.size());
    try (TensorScope _ = TensorScope.open()) {
      SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
      for (Hook hook : hooks) {
        List<Tensor> parts = waiting.stream().map(part -> part.at(hook).to(Device.CPU)).toList();
        tensors.put(hook.toString(), Tensors.concat(parts, 0));
      }
      tensors.put("tokens.context", column(Activations::contexts));
      tensors.put("tokens.position", column(Activations::positions));
      tensors.put("tokens.id", column(Activations::ids));
      SafetensorsWriter.write(
          folder.resolve(name), tensors, Map.of("format", "loupe activations 1"));
    }
    names.add(name);
    close();
  }

  private Tensor column(Function<Activations, int[]> of) {
    int[] all = waiting.stream().flatMapToInt(part -> Arrays.stream(of.apply(part))).toArray();
    return Tensors.of(all, all.length);
  }

  /** All that were added. */
  long tokens() {
    return tokens;
  }

  /** Of the files written, in their order. */
  List<String> names() {
    return List.copyOf(names);
  }

  @Override
  public void close() {
    waiting.forEach(Activations::close);
    waiting.clear();
    waitingTokens = 0;
  }
}
