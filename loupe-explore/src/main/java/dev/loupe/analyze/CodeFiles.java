package dev.loupe.analyze;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.loupe.files.Checksums;
import dev.loupe.files.FileFormatException;
import dev.loupe.kernel.CodeRows;
import dev.loupe.kernel.Range;
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
import java.util.stream.IntStream;

/**
 * The codes of an analysis on disk: what the pass of the model leaves, and all later work reads.
 * Each piece holds some consecutive contexts as a safetensors file with sums, written whole or not
 * at all: the columns of its tokens; for each dictionary its activations by feature; and the scores
 * of {@link FloorScores}. A plain value; owns nothing.
 *
 * @param pieces the files, in the order of the corpus, that are there or will be
 */
record CodeFiles(List<Path> pieces) {
  static final String PLACES = "tokens.place";
  static final String IDS = "tokens.id";
  static final String LOSSES = "tokens.loss";
  static final String STARTS = ".starts";
  static final String TOKENS = ".tokens";
  static final String VALUES = ".values";

  private static final String NAME = "codes-";
  private static final Map<String, String> FORMAT = Map.of("format", "loupe codes 1");

  CodeFiles {
    pieces = List.copyOf(pieces);
  }

  /** In a folder that exists, some of the pieces of a corpus. */
  static CodeFiles in(Path folder, Range pieces) {
    return new CodeFiles(
        IntStream.range(pieces.from(), pieces.to())
            .mapToObj(piece -> folder.resolve("%s%06d.safetensors".formatted(NAME, piece)))
            .toList());
  }

  /** Those of finished parts, first to last. */
  static CodeFiles ofParts(List<Path> folders) {
    return new CodeFiles(
        folders.stream()
            .flatMap(folder -> Checksums.listed(folder).stream())
            .filter(file -> file.getFileName().toString().startsWith(NAME))
            .toList());
  }

  int size() {
    return pieces.size();
  }

  /** Whether a piece is there and whole. */
  boolean isWritten(int piece) {
    if (!Files.exists(pieces.get(piece))) {
      return false;
    }
    try (SafetensorsFile source = open(piece)) {
      source.entries().keySet().forEach(name -> Crc.check(source, name));
      return true;
    } catch (FileFormatException _) {
      return false; // it is written anew
    }
  }

  /**
   * Writes a piece.
   *
   * @param codes for each dictionary's name
   * @param floors for each name a matrix, borrowed
   */
  void write(
      int piece,
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
      Crc.write(pieces.get(piece), tensors, FORMAT);
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

  /** Opens a piece; the caller closes it. */
  SafetensorsFile open(int piece) {
    return SafetensorsFile.open(pieces.get(piece));
  }

  /** Opens one piece after another, each for as long as the action runs. */
  void forEach(Consumer<SafetensorsFile> action) {
    for (int piece = 0; piece < size(); piece++) {
      try (SafetensorsFile file = open(piece)) {
        action.accept(file);
      }
    }
  }

  /** The columns of the tokens of a piece. */
  static TokenColumns tokens(SafetensorsFile piece) {
    return new TokenColumns(
        piece.view(PLACES).toArray(JAVA_LONG),
        ints(piece, IDS),
        piece.view(LOSSES).toArray(JAVA_FLOAT));
  }

  static int[] ints(SafetensorsFile piece, String name) {
    return piece.view(name).toArray(JAVA_INT);
  }
}
