package dev.loupe.dictionary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DictionaryNameTest {
  @ParameterizedTest
  @CsvSource({
    "Llama3_1-8B-Base-L15R-8x, 15, R, 8, '', L15R-8x",
    "L15R-8x, 15, R, 8, '', L15R-8x",
    "L15R-8x-TopK, 15, R, 8, '', L15R-8x",
    "L15R-8x-Vanilla, 15, R, 8, vanilla, L15R-8x-vanilla",
    "L3TC-32x-k20.s1, 3, TC, 32, k20.s1, L3TC-32x-k20.s1",
    "L0A-128x, 0, A, 128, '', L0A-128x",
    "L31M-32x, 31, M, 32, '', L31M-32x",
  })
  void parses(String text, int layer, Site site, int expansion, String variant, String printed) {
    DictionaryName name = DictionaryName.parse(text);
    assertThat(name).isEqualTo(new DictionaryName(layer, site, expansion, variant));
    assertThat(name).hasToString(printed);
    assertThat(DictionaryName.parse(printed)).isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "L15R",
        "15R-8x",
        "L15-8x",
        "L15X-8x",
        "L15R-8",
        "L15R-x",
        "L15R-0x",
        "LR-8x",
        "L-1R-8x",
        "L15R-8x-",
        "L15R-8x-a/b",
        "L15R-8x-a b",
        "L15R-8x/417",
        "L15R-8x*",
        "L99999R-8x",
        "../L15R-8x"
      })
  void refuses(String text) {
    assertThatThrownBy(() -> DictionaryName.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected");
  }

  @Test
  void isOrderedByLayerFirst() {
    assertThat(DictionaryName.parse("L2TC-32x")).isLessThan(DictionaryName.parse("L10R-8x"));
    assertThat(DictionaryName.parse("L2R-8x")).isLessThan(DictionaryName.parse("L2R-32x"));
    assertThatThrownBy(() -> DictionaryName.of(-1, Site.R, 8)).hasMessageContaining("-1");
  }
}
