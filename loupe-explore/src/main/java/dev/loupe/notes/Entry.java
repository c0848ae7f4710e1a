package dev.loupe.notes;

import dev.loupe.dictionary.FeatureName;
import java.time.Instant;
import java.util.OptionalLong;

/**
 * One line of the notes: what somebody said, numbered and dated. A plain value.
 *
 * @param id from 1, ascending in the order of the file
 * @param time when it was written, to the millisecond
 * @param said by whom, of which feature, and what
 */
public record Entry(long id, Instant time, NewEntry said) {
  public Entry {
    if (id < 1) {
      throw new IllegalArgumentException("expected an id of 1 or more, got " + id);
    }
    long of = said.of().orElse(0);
    if (of >= id) {
      throw new IllegalArgumentException(
          "expected an undo of an entry before %d, got one of %d".formatted(id, of));
    }
  }

  public String author() {
    return said.author();
  }

  public FeatureName feature() {
    return said.feature();
  }

  public EntryKind kind() {
    return said.kind();
  }

  /** Of an explanation, note or tag; else empty. */
  public String text() {
    return said.text();
  }

  /** The entry that an undo undoes. */
  public OptionalLong of() {
    return said.of();
  }
}
