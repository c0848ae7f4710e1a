package dev.loupe.train;

import dev.loupe.dictionary.Screening;
import dev.loupe.tensor.Torch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The machine that a run is planned for.
 *
 * @param freeBytes of memory
 * @param freeDiskBytes where the suite is to go
 * @param threads that compute
 * @param screening precision of the encoder's copy
 */
public record PlanRoom(long freeBytes, long freeDiskBytes, int threads, Screening screening) {
  /**
   * This machine, now.
   *
   * @param out where the suite is to go; need not exist
   */
  public static PlanRoom here(Path out) {
    Path there = out.toAbsolutePath();
    while (!Files.exists(there) && there.getParent() != null) {
      there = there.getParent();
    }
    try {
      return new PlanRoom(
          Torch.freeMemoryBytes(),
          Files.getFileStore(there).getUsableSpace(),
          Torch.threads(),
          Screening.current());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot ask for the free space of " + there, e);
    }
  }
}
