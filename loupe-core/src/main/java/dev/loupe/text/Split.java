package dev.loupe.text;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Which documents of a corpus to use. A document whose metadata has {@code meta.split} equal to
 * {@code "train"} or {@code "held-out"} is what that says. Any other is held out if the SHA-256 of
 * its text in UTF-8, its first 8 bytes taken as an unsigned big-endian number, is a multiple of 20:
 * 1 document in 20, and the same text always on the same side.
 */
public enum Split {
  /** What dictionaries are trained on. */
  TRAIN,
  /** What they are evaluated on. */
  HELD_OUT,
  /** Every document. */
  ALL;

  /** The name used in files: {@code train}, {@code held-out}, {@code all}. */
  public String label() {
    return switch (this) {
      case TRAIN -> "train";
      case HELD_OUT -> "held-out";
      case ALL -> "all";
    };
  }

  /** Reads such a name. */
  public static Split parse(String label) {
    for (Split split : values()) {
      if (split.label().equals(label)) {
        return split;
      }
    }
    throw new IllegalArgumentException(
        "expected a split of held-out, train or all, got '" + label + "'");
  }

  /** Whether the document belongs to this split. */
  public boolean accepts(Document document) {
    return switch (this) {
      case TRAIN -> !heldOut(document);
      case HELD_OUT -> heldOut(document);
      case ALL -> true;
    };
  }

  private static boolean heldOut(Document document) {
    return switch (document.metadata().path("meta").path("split").asText()) {
      case "train" -> false;
      case "held-out" -> true;
      default -> Long.remainderUnsigned(firstEightBytes(document.text()), 20) == 0;
    };
  }

  private static long firstEightBytes(String text) {
    byte[] hash = Sha256.create().digest(text.getBytes(StandardCharsets.UTF_8));
    return ByteBuffer.wrap(hash).getLong();
  }
}
