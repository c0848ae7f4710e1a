package dev.loupe.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TokenFileTest {
  @TempDir private Path folder;

  @Test
  void aTokenStaysFromOneStartToTheNext() throws IOException {
    Path file = folder.resolve("token");
    String token = TokenFile.readOrMake(file);
    assertThat(TokenFile.readOrMake(file)).isEqualTo(token).hasSizeGreaterThan(20);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(reach(token).readOnly()).isFalse();
  }

  @Test
  void whatIsNoTokenIsRefused() throws IOException {
    Path large = Files.write(folder.resolve("large"), new byte[2_000]);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TokenFile.readOrMake(large))
        .withMessageContaining("expected a token in " + large);
    Path other = Files.writeString(folder.resolve("other"), "no token at all");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> reach(TokenFile.readOrMake(other)))
        .withMessageContaining("expected a token of 16 to 200 letters");
    assertThatThrownBy(() -> TokenFile.readOrMake(folder.resolve("missing/token")))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("could not write");
  }

  private static Reach reach(String token) {
    return new Reach("127.0.0.1", 0, Set.of(), Optional.of(token));
  }
}
