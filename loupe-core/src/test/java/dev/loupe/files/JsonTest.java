package dev.loupe.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonTest {
  record Gate(String kind, double threshold) {
    Gate {
      if (threshold < 0) {
        throw new IllegalArgumentException("expected a threshold of at least 0, got " + threshold);
      }
    }
  }

  record Contract(Gate gate, int width) {}

  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void name() {
    file = directory.resolve("contract.json");
  }

  @Test
  void readsRecords() throws IOException {
    Files.writeString(file, "{\"gate\": {\"kind\": \"topk\", \"threshold\": 0.5}, \"width\": 4}\n");
    assertThat(Json.read(file, Contract.class)).isEqualTo(new Contract(new Gate("topk", 0.5), 4));
    assertThat(Json.readObject(file).get("width").asInt()).isEqualTo(4);
  }

  @Test
  void recordsSurviveARoundTrip() {
    Contract contract = new Contract(new Gate("jumprelu", 0.1), 8);
    AtomicFile.writeJson(file, contract);
    assertThat(Json.read(file, Contract.class)).isEqualTo(contract);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'gate': null, 'width': 4, 'widht': 5}|expected one of the keys [gate, width], got"
            + " 'widht'",
        "{'gate': {'kind': 'x', 'threshold': 1, 'k': 2}, 'width': 4}|(key gate.k)",
        "{'gate': null, 'width': 4, 'width': 5}|Duplicate",
        "{'gate': null, 'width': 4} {}|railing token",
        "{'gate': null, 'width': 4.5}|(key width)",
        "{'gate': null, 'width': '4'}|(key width)",
        "{'gate': null}|expected this key, got none (key width)",
        "{'gate': null, 'width': null}|expected a number or a boolean, got null (key width)",
        "{'gate': {'kind': 'x', 'threshold': -1}, 'width': 4}|of at least 0, got -1.0 (key gate)",
        "{'gate': |expected JSON, got: ",
        "null|got null",
        "``|No content",
      })
  void refusals(String json, String message) throws IOException {
    Files.writeString(file, json.replace('\'', '"'));
    assertThatThrownBy(() -> Json.read(file, Contract.class))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining(message)
        .hasMessageContaining(file.toString());
  }

  @Test
  void messagesHaveLineAndColumn() throws IOException {
    Files.writeString(file, "{\"gate\": null,\n  \"width\": 4,\n  \"widht\": 5\n}");
    assertThatThrownBy(() -> Json.read(file, Contract.class))
        .hasMessageMatching("(?s).*at line 3, column 3 in .*contract.json");
    Files.writeString(
        file,
        "{\n  \"width\": 4,\n  \"gate\":\n    {\"kind\": \"x\", \"threshold\": 1, \"k\": 1}}");
    assertThatThrownBy(() -> Json.read(file, Contract.class))
        .hasMessageContaining("got 'k' (key gate.k) at line 4, column 35 in ");
    Files.writeString(file, "{\n  \"width\" 4}");
    assertThatThrownBy(() -> Json.readObject(file))
        .hasMessageMatching("(?s).*at line 2, column \\d+ in .*contract.json");
  }

  @Test
  void treesAreStrictToo() throws IOException {
    Files.writeString(file, "{\"a\": 1, \"a\": 2}");
    assertThatThrownBy(() -> Json.readObject(file)).hasMessageContaining("Duplicate");
    Files.writeString(file, "[1]");
    assertThatThrownBy(() -> Json.readObject(file))
        .hasMessageContaining("expected a JSON object, got ARRAY");
  }

  @Test
  void bytesThatAreNoTextAreRefused() throws IOException {
    Files.write(file, new byte[] {'{', '"', (byte) 0xff, (byte) 0xfe, '"', ':', '1', '}'});
    assertThatThrownBy(() -> Json.readObject(file)).isInstanceOf(FileFormatException.class);
    Files.write(file, "{\"a\":1}".getBytes(StandardCharsets.UTF_16LE));
    assertThat(Json.readObject(file).get("a").asInt()).isEqualTo(1);
  }

  @Test
  void missingFileIsNamed() {
    assertThatThrownBy(() -> Json.readObject(file))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("could not read " + file + ": no such file");
  }
}
