package dev.loupe.notes;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;

/** What an entry does to what is known of a feature. */
public enum EntryKind {
  /** Says what the feature is; the latest counts. */
  EXPLANATION,
  /** Adds a remark. */
  NOTE,
  /** Puts the feature under a tag. */
  TAG,
  /** Takes it from under the tag. */
  UNTAG,
  BOOKMARK,
  UNBOOKMARK,
  /** Makes an earlier entry of the feature count for nothing; undoing an undo makes it count. */
  UNDO;

  /** As files have it, in lower case. */
  @JsonValue
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** IllegalArgumentException for anything but a {@link #label}. */
  @JsonCreator
  public static EntryKind parse(String label) {
    return Arrays.stream(values())
        .filter(kind -> kind.label().equals(label))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "expected a kind of %s, got '%s'"
                    .formatted(
                        Arrays.stream(values()).map(EntryKind::label).toList(),
                        label.length() > 40 ? label.substring(0, 40) + "…" : label)));
  }
}
