package dev.loupe.text;

import java.util.List;
import java.util.Optional;

/**
 * Storage that a corpus may be on beside this machine's files; found by {@link
 * java.util.ServiceLoader}, so that this package knows of none.
 */
public interface CorpusStorage {
  /**
   * The files that an address means: one file; those directly in a folder; or those that a glob
   * matches, the kinds being sorted out later. Empty where the storage is of another kind.
   *
   * @throws java.io.UncheckedIOException where it does not answer
   */
  Optional<List<CorpusFile>> find(String address);
}
