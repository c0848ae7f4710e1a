package dev.loupe.files;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BytesTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 | 0 bytes",
        "99999 | 99,999 bytes",
        "100000 | 0.1 MB",
        "99900000 | 99.9 MB",
        "100000000 | 0.1 GB",
        "12345678901234 | 12,345.7 GB"
      })
  void areTold(long bytes, String text) {
    assertThat(Bytes.text(bytes)).isEqualTo(text);
  }
}
