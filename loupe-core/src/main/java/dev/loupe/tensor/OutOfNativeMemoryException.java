package dev.loupe.tensor;

/** The machine or the device has no room for a tensor. */
public final class OutOfNativeMemoryException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  OutOfNativeMemoryException(String message, Throwable cause) {
    super(message + "; use a smaller batch, buffer or fewer dictionaries at once", cause);
  }
}
