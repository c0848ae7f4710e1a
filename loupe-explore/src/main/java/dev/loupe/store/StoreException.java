package dev.loupe.store;

import java.nio.file.Path;

/** A feature store that cannot be read, written or asked what it was asked. */
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1;

  StoreException(Path folder, String message, Throwable cause) {
    super("%s: %s".formatted(folder, message), cause);
  }

  StoreException(Path folder, String message) {
    super("%s: %s".formatted(folder, message));
  }
}
