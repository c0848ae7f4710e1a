package dev.loupe.files;

import java.util.Locale;

/** Numbers of bytes for people. */
public final class Bytes {
  private Bytes() {}

  /** In powers of 1,000: {@code 12.3 GB}, {@code 4.5 MB}, {@code 678 bytes}. */
  public static String text(long bytes) {
    if (bytes >= 1e8) {
      return String.format(Locale.ROOT, "%,.1f GB", bytes / 1e9);
    }
    return bytes >= 1e5
        ? String.format(Locale.ROOT, "%,.1f MB", bytes / 1e6)
        : String.format(Locale.ROOT, "%,d bytes", bytes);
  }
}
