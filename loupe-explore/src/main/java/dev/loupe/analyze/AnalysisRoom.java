package dev.loupe.analyze;

import dev.loupe.dictionary.Contract;
import dev.loupe.dictionary.DictionaryFolder;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Encoder;
import dev.loupe.dictionary.Screening;
import dev.loupe.dictionary.Suite;
import dev.loupe.files.Bytes;
import dev.loupe.files.IoFailures;
import dev.loupe.tensor.Torch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Whether an analysis fits, asked before hours of work. */
final class AnalysisRoom {
  /** Of an activation on disk: its token and its value. */
  private static final int CODE_BYTES = 8;

  private static final double USUAL_L0 = 64; // where a contract does not say

  private AnalysisRoom() {}

  /**
   * Refuses dictionaries whose weights do not fit in free memory together, since one pass of the
   * model encodes with all of them.
   *
   * @param size D
   */
  static void checkMemory(List<DictionaryName> names, int size) {
    long needed =
        names.stream()
            .mapToLong(name -> (long) name.expansion() * size)
            .map(features ->
                8 * features * size + Encoder.bytes(features, size, Screening.current()))
            .sum();
    long free = Torch.freeMemoryBytes();
    if (needed > free) {
      throw new IllegalArgumentException(
          "expected %d dictionaries to fit in %s of free memory, got %s of weights; analyse some of them at a time with --only"
              .formatted(names.size(), Bytes.text(free), Bytes.text(needed)));
    }
  }

  /** Refuses codes that do not fit on the disk. */
  static void checkDisk(Suite suite, List<DictionaryName> names, long tokens, Path folder) {
    double active =
        names.stream()
            .map(name -> DictionaryFolder.readContract(suite.folder(name)))
            .mapToDouble(c -> c.expected().map(Contract.Expected::l0).orElse(USUAL_L0))
            .sum();
    double needed = active * tokens * CODE_BYTES;
    try {
      long free = Files.getFileStore(folder).getUsableSpace();
      if (needed > free) {
        throw new IllegalArgumentException(
            "expected codes to fit in %s of free disk at %s, got %s; analyse fewer --tokens, or some dictionaries at a time with --only"
                .formatted(Bytes.text(free), folder, Bytes.text((long) needed)));
      }
    } catch (IOException e) {
      throw IoFailures.reading(folder, e);
    }
  }
}
