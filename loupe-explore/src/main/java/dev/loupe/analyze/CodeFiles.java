package dev.loupe.analyze;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

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
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Consumer;

/**
 * The codes of an analysis on disk: what the pass of the model leaves, and all later work reads.
 * Part i holds some consecutive contexts as a safetensors file with sums, written whole or not at
 * all: the columns of its tokens; for each dictionary its activations by feature; and the scores of
 * {@link FloorScores}. A plain value; owns nothing.
 *
 * @param folder that exists
 * @param parts how many there are, or will be
 */
record CodeFiles(Path folder, int parts) {
  static final String PLACES = "tokens.place";
  static final String IDS = "tokens.id";
  static final String LOSSES = "tokens.loss";
  static final String STARTS = ".starts";
  static final String TOKENS = ".tokens";
  static final String VALUES = ".values";

  private static final Map<String, String> FORMAT = Map.of("format", "loupe codes 1");

  private Path file(int part) {
    return folder.resolve("part-%06d.safetensors".formatted(part));
  }

  /** Whether a part is there and whole. */
  boolean isWritten(int part) {
    if (!Files.exists(file(part))) {
      return false;
    }
    try (SafetensorsFile source = open(part)) {
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
      SequencedMap<String, ByFeature> codes,
      Map<String, Tensor> floors) {
    try (TensorScope _ = TensorScope.open()) {
      SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
      tensors.put(PLACES, Tensors.of(tokens.places(), tokens.size()));
      put(tensors, IDS, tokens.ids());
      tensors.put(LOSSES, Tensors.of(tokens.losses(), tokens.size()));
      codes.forEach((name, rows) -> {
        put(tensors, name + STARTS, rows.starts);
        put(tensors, name + TOKENS, rows.tokens);
        tensors.put(name + VALUES, Tensors.of(rows.values, rows.values.length));
      });
      tensors.putAll(floors);
      Crc.write(file(part), tensors, FORMAT);
    }
  }

  private static void put(Map<String, Tensor> tensors, String name, int[] values) {
    tensors.put(name, Tensors.of(values, values.length));
  }

  /**
   * The codes of some tokens by feature: feature f fires on {@code tokens[starts[f] .. starts[f +
   * 1])}.
   *
   * @param starts // [F + 1]
   * @param tokens index of each // [active]
   * @param values // [active]
   */
  @SuppressWarnings("ArrayRecordComponent") // a plain carrier of columns; never compared
  record ByFeature(int[] starts, int[] tokens, float[] values) {
    static ByFeature of(CodeRows codes, int features) {
      CodeRows.ByFeature sorted = codes.byFeature(features);
      return new ByFeature(sorted.starts(), sorted.tokens(), sorted.ordered(codes.values()));
    }
  }

  /** Opens a part; the caller closes it. */
  SafetensorsFile open(int part) {
    return SafetensorsFile.open(file(part));
  }

  /** Opens one part after another, each for as long as the action runs. */
  void forEach(Consumer<SafetensorsFile> action) {
    for (int part = 0; part < parts; part++) {
      try (SafetensorsFile file = open(part)) {
        action.accept(file);
      }
    }
  }

  /** The columns of the tokens of a part. */
  static TokenColumns tokens(SafetensorsFile part) {
    return new TokenColumns(
        part.view(PLACES).toArray(JAVA_LONG),
        ints(part, IDS),
        part.view(LOSSES).toArray(JAVA_FLOAT));
  }

  static int[] ints(SafetensorsFile part, String name) {
    return part.view(name).toArray(JAVA_INT);
  }
}
