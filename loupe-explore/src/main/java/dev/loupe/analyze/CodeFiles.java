package dev.loupe.analyze;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import dev.loupe.files.FileFormatException;
import dev.loupe.kernel.CodeRows;
import dev.loupe.safetensors.Crc;
import dev.loupe.safetensors.SafetensorsFile;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Consumer;

/**
 * The codes of an analysis on disk: what the pass of the model leaves, and all later passes read.
 * Part i holds some consecutive contexts as a safetensors file with sums, written whole or not at
 * all: the columns of its tokens, for each dictionary the codes of those tokens, and the scores of
 * {@link FloorScores}. A plain value; owns nothing.
 *
 * @param folder that exists
 * @param parts how many there are, or will be
 */
record CodeFiles(Path folder, int parts) {
  private static final Map<String, String> FORMAT = Map.of("format", "loupe codes 1");

  private Path file(int part) {
    return folder.resolve("part-%06d.safetensors".formatted(part));
  }

  /** Whether a part is there and whole; a damaged one is removed. */
  boolean isWritten(int part) {
    Path path = file(part);
    if (!Files.exists(path)) {
      return false;
    }
    try (SafetensorsFile source = SafetensorsFile.open(path)) {
      source.entries().keySet().forEach(name -> Crc.check(source, name));
      return true;
    } catch (FileFormatException _) {
      return false; // it is written anew
    }
  }

  /**
   * Writes a part.
   *
   * @param codes for each dictionary's name
   * @param floors for each name a matrix, borrowed
   */
  void write(
      int part,
      TokenColumns tokens,
      SequencedMap<String, CodeRows> codes,
      Map<String, Tensor> floors) {
    try (TensorScope _ = TensorScope.open()) {
      SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
      put(tensors, "tokens.context", tokens.contexts(), tokens.size());
      put(tensors, "tokens.position", tokens.positions(), tokens.size());
      put(tensors, "tokens.id", tokens.ids(), tokens.size());
      tensors.put("tokens.loss", Tensors.of(tokens.losses(), tokens.size()));
      codes.forEach((name, rows) -> {
        put(tensors, name + ".starts", rows.starts(), rows.starts().length);
        put(tensors, name + ".features", rows.features(), rows.active());
        tensors.put(name + ".values", Tensors.of(rows.values(), rows.active()));
      });
      tensors.putAll(floors);
      Crc.write(file(part), tensors, FORMAT);
    }
  }

  private static void put(Map<String, Tensor> tensors, String name, int[] values, int size) {
    tensors.put(name, Tensors.of(values, size));
  }

  /** Reads a part for as long as the action runs. */
  void read(int part, Consumer<Part> action) {
    try (SafetensorsFile source = SafetensorsFile.open(file(part))) {
      action.accept(new Part(source));
    }
  }

  /** Every part's tokens and the codes of one dictionary, in the order of the corpus. */
  void forEach(String dictionary, CodesConsumer consumer) {
    for (int part = 0; part < parts; part++) {
      read(part, found -> consumer.accept(found.tokens(), found.codes(dictionary)));
    }
  }

  /** Takes consecutive tokens with their codes. */
  @FunctionalInterface
  interface CodesConsumer {
    void accept(TokenColumns tokens, CodeRows codes);
  }

  /** A part that is open. */
  record Part(SafetensorsFile source) {
    TokenColumns tokens() {
      return new TokenColumns(
          ints("tokens.context"),
          ints("tokens.position"),
          ints("tokens.id"),
          source.view("tokens.loss").toArray(JAVA_FLOAT_UNALIGNED));
    }

    CodeRows codes(String dictionary) {
      return new CodeRows(
          ints(dictionary + ".starts"),
          ints(dictionary + ".features"),
          source.view(dictionary + ".values").toArray(JAVA_FLOAT_UNALIGNED));
    }

    int[] ints(String name) {
      return source.view(name).toArray(JAVA_INT_UNALIGNED);
    }

    /** A matrix of the floors, owned by the caller. */
    Tensor tensor(String name) {
      return source.read(name, source.entry(name).shape());
    }

    List<String> names() {
      return List.copyOf(source.entries().keySet());
    }
  }
}
