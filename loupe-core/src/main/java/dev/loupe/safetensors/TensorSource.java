package dev.loupe.safetensors;

import dev.loupe.files.FileFormatException;
import dev.loupe.files.IoFailures;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.Tensors;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Stream;

/**
 * Named tensors in one safetensors file or in the shards of one model.
 *
 * <p>Owned by whoever opened it; {@link #close} is idempotent and ends every {@link #view}. Use
 * after close throws {@link IllegalStateException}. Thread-safe, except that closing while another
 * thread reads may fail with {@link IllegalStateException}. A tensor that is missing or of another
 * shape is a {@link FileFormatException}. The files must not be overwritten in place while open
 * (replacing them by a rename is fine).
 */
public sealed interface TensorSource extends AutoCloseable
    permits SafetensorsFile, ShardedSafetensors {

  /**
   * Opens the weights in a directory of the Hugging Face layout: {@code
   * model.safetensors.index.json} with its shards, else {@code model.safetensors}, else the only
   * {@code *.safetensors}. The caller closes it.
   */
  static TensorSource openModel(Path directory) {
    Path index = directory.resolve("model.safetensors.index.json");
    if (Files.exists(index)) {
      return ShardedSafetensors.open(index);
    }
    Path model = directory.resolve("model.safetensors");
    if (Files.exists(model)) {
      return SafetensorsFile.open(model);
    }
    List<Path> others = safetensorsIn(directory);
    if (others.size() == 1) {
      return SafetensorsFile.open(others.getFirst());
    }
    String none = "no weights (model.safetensors or model.safetensors.index.json)";
    throw others.isEmpty()
        ? new FileFormatException(directory, none)
        : new FileFormatException(
            directory,
            none,
            "which of these is it: " + others.stream().map(Path::getFileName).toList() + "?");
  }

  /** The file or the index that was opened. */
  Path path();

  /** Where each tensor is stored, sorted by name, unmodifiable. */
  SortedMap<String, TensorEntry> entries();

  /** The strings that the file (or the index) carries beside its tensors, unmodifiable. */
  Map<String, String> metadata();

  /**
   * The stored bytes of a tensor, read-only, mapped: valid while this source is open. Not aligned
   * to the element size in every file.
   */
  MemorySegment view(String name);

  @Override
  void close();

  default Set<String> names() {
    return entries().keySet();
  }

  default boolean has(String name) {
    return entries().containsKey(name);
  }

  /** Where a tensor is stored; if there is none of that name, the message lists the closest. */
  default TensorEntry entry(String name) {
    TensorEntry entry = entries().get(name);
    if (entry == null) {
      throw new FileFormatException(
          path(),
          "expected a tensor " + Names.shown(name) + ", got none of that name",
          "the closest are " + Names.closest(name, names()));
    }
    return entry;
  }

  /** A copy on the CPU, of the dtype stored; owned by the innermost scope or the caller. */
  default Tensor read(String name) {
    TensorEntry entry = entry(name);
    return Tensors.of(view(name), entry.dtype(), entry.shape());
  }

  /** As {@link #read(String)}, of a tensor that must have this shape. */
  default Tensor read(String name, long... shape) {
    TensorEntry entry = entry(name);
    long[] got = entry.shape();
    if (Arrays.equals(got, shape)) {
      return read(name);
    }
    String problem =
        "expected %s %s, got %s"
            .formatted(Names.shown(name), Arrays.toString(shape), Arrays.toString(got));
    boolean transposed =
        got.length == 2 && shape.length == 2 && got[0] == shape[1] && got[1] == shape[0];
    throw transposed
        ? new FileFormatException(entry.file(), problem, "is it stored transposed?")
        : new FileFormatException(entry.file(), problem);
  }

  private static List<Path> safetensorsIn(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> file.getFileName().toString().endsWith(".safetensors"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw IoFailures.reading(directory, e);
    }
  }
}
