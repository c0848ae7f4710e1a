package dev.loupe.store;

import dev.loupe.files.Excerpt;
import java.nio.file.Path;

/** A feature store that cannot be read, written or asked what it was asked. */
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1;

  StoreException(Path folder, String message, Throwable cause) {
    super(Excerpt.of("%s: %s".formatted(folder, message)), cause);
  }

  StoreException(Path folder, String message) {
    super(Excerpt.of("%s: %s".formatted(folder, message)));
  }
}
