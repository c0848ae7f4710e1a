package dev.loupe.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LineReaderTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 65534, 65535, 65536, 65537, 131072, 200003})
  void linesOfAnyLengthComeWhole(int length) throws IOException {
    String line = "x".repeat(length);
    assertThat(lines(line + "\n\nend\n")).containsExactly(line, "", "end");
    assertThat(lines("a\n" + line + "z")).containsExactly("a", line + "z");
  }

  @Test
  void emptyStreamHasNoLine() throws IOException {
    assertThat(lines("")).isEmpty();
  }

  @Test
  void overlongLineIsPassedOver() throws IOException {
    byte[] bytes = new byte[3 * (LineReader.MAX_LINE_BYTES / 2) + 4];
    Arrays.fill(bytes, (byte) 'x');
    bytes[bytes.length - 4] = '\n';
    bytes[bytes.length - 1] = '\n';
    LineReader reader = new LineReader(new ByteArrayInputStream(bytes));
    assertThat(reader.next()).isTrue();
    assertThat(reader.tooLong()).isTrue();
    assertThat(reader.next()).isTrue();
    assertThat(reader.tooLong()).isFalse();
    assertThat(reader.length()).isEqualTo(2);
    assertThat(reader.next()).isFalse();
  }

  private static List<String> lines(String text) throws IOException {
    LineReader reader =
        new LineReader(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    List<String> lines = new ArrayList<>();
    while (reader.next()) {
      lines.add(
          new String(reader.buffer(), reader.start(), reader.length(), StandardCharsets.UTF_8));
    }
    return lines;
  }
}
