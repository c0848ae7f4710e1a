package dev.loupe.safetensors;

import dev.loupe.files.FileFormatException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** The format's rule that the tensors follow each other without hole or overlap to the very end. */
final class DataLayout {
  private DataLayout() {}

  static void check(Path path, long dataStart, long dataBytes, Collection<TensorEntry> entries) {
    List<TensorEntry> inOrder =
        entries.stream()
            .sorted(
                Comparator.comparingLong(TensorEntry::offset).thenComparingLong(TensorEntry::bytes))
            .toList();
    long end = dataStart;
    String before = "the header";
    for (TensorEntry entry : inOrder) {
      if (entry.offset() != end) {
        throw new FileFormatException(
            path,
            "expected tensor %s to begin where %s ends, at byte %d, got %s at byte %d"
                .formatted(
                    Names.shown(entry.name()),
                    before,
                    end,
                    entry.offset() < end ? "an overlap" : "a hole before it",
                    entry.offset()));
      }
      end += entry.bytes();
      before = Names.shown(entry.name());
    }
    if (end != dataStart + dataBytes) {
      throw new FileFormatException(
          path,
          "expected the file to end with %s at byte %d, got %d bytes more at byte %d"
              .formatted(before, end, dataStart + dataBytes - end, end));
    }
  }
}
