package dev.loupe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files of the project that are made from its code, and committed. */
final class MadeFile {
  private MadeFile() {}

  /**
   * Holds a file to what it should be.
   *
   * @param test that makes it
   * @param property of the system that, being {@code write}, lets it be written anew
   */
  static void isUpToDate(Path file, String made, Class<?> test, String property)
      throws IOException {
    if (System.getProperty(property, "").equals("write")) {
      Files.writeString(file, made);
    }
    assertThat(Files.readString(file))
        .as("-Dtest=%s -D%s=write writes it anew", test.getSimpleName(), property)
        .isEqualTo(made);
  }
}
