package dev.loupe.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TokenizerTest {
  @Test
  void idsAndOffsetsAreThoseOfHuggingFace() throws IOException {
    JsonNode golden = Json.MAPPER.readTree(Files.readString(TestCorpora.SMOLLM2_GOLDEN));
    List<String> texts = new ArrayList<>();
    golden.forEach(row -> texts.add(row.get("text").asText()));
    try (Tokenizer tokenizer = Tokenizer.load(TestCorpora.SMOLLM2)) {
      List<Encoding> batch = tokenizer.encode(texts);
      for (int i = 0; i < golden.size(); i++) {
        assertSame(tokenizer.encode(texts.get(i)), golden.get(i));
        assertSame(batch.get(i), golden.get(i));
        assertThat(tokenizer.decode(batch.get(i).ids())).isEqualTo(texts.get(i));
      }
    }
  }

  private static void assertSame(Encoding encoding, JsonNode expected) {
    assertThat(encoding.length()).isEqualTo(expected.get("ids").size());
    for (int t = 0; t < encoding.length(); t++) {
      String where = "token %d of %s".formatted(t, expected.get("text"));
      JsonNode offsets = expected.get("offsets").get(t);
      assertThat(encoding.ids()[t]).as(where).isEqualTo(expected.get("ids").get(t).asInt());
      assertThat(encoding.starts()[t]).as(where).isEqualTo(offsets.get(0).asInt());
      assertThat(encoding.ends()[t]).as(where).isEqualTo(offsets.get(1).asInt());
    }
  }

  @Test
  void piecesAreReadable() {
    try (Tokenizer tokenizer = Tokenizer.load(TestCorpora.SMOLLM2)) {
      assertThat(tokenizer.size()).isEqualTo(49152);
      assertThat(tokenizer.piece(3575)).isEqualTo(" capital");
      assertThat(tokenizer.piece(1)).isEqualTo("<|im_start|>");
      assertThat(tokenizer.piece(23274)).as("two bytes of three").isEqualTo("\uFFFD");
      assertThat(tokenizer.decode()).isEmpty();
      assertThatThrownBy(() -> tokenizer.piece(49152))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("from 0 to 49151, got 49152");
      assertThatThrownBy(() -> tokenizer.decode(5, -1)).hasMessageContaining("got -1");
    }
  }

  @Test
  void loneSurrogateCountsAsOneCharacter() {
    try (Tokenizer tokenizer = TestCorpora.demoTokenizer()) {
      Encoding encoding = tokenizer.encode("a\uD83Db \uD83D\uDE00");
      assertThat(encoding.ends()[encoding.length() - 1]).isEqualTo(5);
      assertThat(tokenizer.decode(encoding.ids())).isEqualTo("a\uFFFDb \uD83D\uDE00");
    }
  }

  @Test
  void specialTokensComeFromAllConfigurations(@TempDir Path folder) throws IOException {
    Files.copy(TestCorpora.SMOLLM2.resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      assertThat(tokenizer.special()).isEqualTo(new SpecialTokens(List.of(), List.of()));
      assertThatThrownBy(() -> tokenizer.special().documentStart())
          .isInstanceOf(CorpusException.class)
          .hasMessageContaining("bos_token_id");
    }
    Files.writeString(
        folder.resolve("config.json"), "{\"bos_token_id\": 1, \"eos_token_id\": [5, 7]}");
    Files.writeString(
        folder.resolve("generation_config.json"),
        "{\"bos_token_id\": 0, \"eos_token_id\": [7, 9]}");
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        "{\"bos_token\": {\"content\": \"<|im_start|>\"}, \"eos_token\": \"<|im_end|>\"}");
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      assertThat(tokenizer.special())
          .isEqualTo(new SpecialTokens(List.of(1, 0), List.of(5, 7, 9, 2)));
      assertThat(tokenizer.special().documentStart()).isEqualTo(1);
      assertThat(tokenizer.special().contains(9)).isTrue();
      assertThat(tokenizer.special().contains(3)).isFalse();
    }
    Files.writeString(folder.resolve("config.json"), "{\"bos_token_id\": \"one\"}");
    assertThatThrownBy(() -> Tokenizer.load(folder))
        .isInstanceOf(CorpusException.class)
        .hasMessageContaining("got \"one\" in")
        .hasMessageContaining("config.json");
  }

  @Test
  void pieceOfSentencePieceVocabularyKeepsItsSpace(@TempDir Path folder) throws IOException {
    Files.writeString(
        folder.resolve("tokenizer.json"),
        """
        {"version": "1.0",
         "added_tokens": [{"id": 0, "content": "<s>", "special": true, "single_word": false,
           "lstrip": false, "rstrip": false, "normalized": false}],
         "truncation": {"direction": "Right", "max_length": 2, "strategy": "LongestFirst",
           "stride": 0},
         "pre_tokenizer": {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "first",
           "split": false},
         "decoder": {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "first",
           "split": false},
         "model": {"type": "BPE", "vocab": {"<s>": 0, "\u2581": 1, "a": 2, "\u2581a": 3},
           "merges": [["\u2581", "a"]]}}
        """);
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      assertThat(tokenizer.piece(3)).isEqualTo(" a");
      assertThat(tokenizer.piece(0)).isEqualTo("<s>");
      assertThat(tokenizer.encode("a a a a").ids()).as("not truncated").containsExactly(3, 3, 3, 3);
    }
  }

  @Test
  void missingOrInvalidFileIsNamed(@TempDir Path folder) throws IOException {
    assertThatThrownBy(() -> Tokenizer.load(folder))
        .isInstanceOf(CorpusException.class)
        .hasMessageContaining("expected tokenizer.json, got no such file in " + folder);
    byte[] good = Files.readAllBytes(TestCorpora.SMOLLM2.resolve("tokenizer.json"));
    Path file = folder.resolve("tokenizer.json");
    for (int bytes : new int[] {0, 1, 100, good.length / 2, good.length - 3}) {
      Files.write(file, Arrays.copyOf(good, bytes));
      assertInvalid(folder, file);
    }
    Files.writeString(file, "{}");
    assertInvalid(folder, file);
    Files.writeString(file, "{\"model\": {\"type\": \"none\", \"vocab\": {\"a\": 0}}}");
    assertInvalid(folder, file);
  }

  private static void assertInvalid(Path folder, Path file) {
    assertThatThrownBy(() -> Tokenizer.load(folder))
        .isInstanceOf(CorpusException.class)
        .hasMessageContaining("tokenizer.json")
        .hasMessageContaining(file.toString());
  }

  @Test
  void useAfterCloseFails() {
    Tokenizer tokenizer = TestCorpora.demoTokenizer();
    tokenizer.close();
    tokenizer.close();
    assertThatThrownBy(() -> tokenizer.encode("a"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("is closed");
  }
}
