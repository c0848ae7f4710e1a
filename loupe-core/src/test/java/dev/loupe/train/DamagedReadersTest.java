package dev.loupe.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdOutputStream;
import dev.loupe.dictionary.Dictionary;
import dev.loupe.dictionary.DictionaryFolder;
import dev.loupe.dictionary.Suite;
import dev.loupe.evaluate.Report;
import dev.loupe.files.AtomicFile;
import dev.loupe.files.Checksums;
import dev.loupe.files.DamagedFiles;
import dev.loupe.files.FolderFiles;
import dev.loupe.model.LlamaConfig;
import dev.loupe.model.SmallModel;
import dev.loupe.safetensors.SafetensorsFile;
import dev.loupe.safetensors.SafetensorsWriter;
import dev.loupe.safetensors.ShardedSafetensors;
import dev.loupe.safetensors.TensorSource;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import dev.loupe.text.CorpusSpec;
import dev.loupe.text.DemoSample;
import dev.loupe.text.DocumentReader;
import dev.loupe.text.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every file that is read, damaged in thousands of ways: read, or refused with a message. */
@ExtendWith(LeakCheck.class)
final class DamagedReadersTest {
  @TempDir private static Path shared;
  private static Path suite;
  private static Path stopped;

  @TempDir private Path folder;

  @BeforeAll
  static void train() {
    suite = shared.resolve("suite");
    SmallRun.in(suite).train();
    stopped = shared.resolve("stopped");
    SmallRun.in(stopped).trainFor(5);
  }

  private static void readAll(TensorSource source) {
    try (TensorScope _ = TensorScope.open()) {
      source.names().forEach(source::read);
    }
  }

  private static Path tensors(Path file) {
    try (TensorScope _ = TensorScope.open()) {
      SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
      tensors.put("encoder.weight", Tensors.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3));
      tensors.put("encoder.bias", Tensors.of(new float[] {1, 2}, 2));
      tensors.put("empty", Tensors.of(new float[0], 0, 3));
      SafetensorsWriter.write(file, tensors, Map.of("format", "pt"));
    }
    return file;
  }

  @Test
  void safetensors() throws IOException {
    Path file = tensors(folder.resolve("model.safetensors"));
    DamagedFiles.read(
        file,
        2_000,
        () -> {
          try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            readAll(opened);
          }
        });
  }

  @Test
  void indexOfShards() throws IOException {
    tensors(folder.resolve("one.safetensors"));
    Path index = folder.resolve("model.safetensors.index.json");
    Files.writeString(
        index,
        """
        {"metadata": {"total_size": 32}, "weight_map": {
          "encoder.weight": "one.safetensors", "encoder.bias": "one.safetensors",
          "empty": "one.safetensors"}}
        """);
    DamagedFiles.read(
        index,
        600,
        () -> {
          try (ShardedSafetensors opened = ShardedSafetensors.open(index)) {
            readAll(opened);
          }
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"golden/llama31", "llama-3.1-8b", "smollm2-135m-instruct"})
  void configOfAModel(String model) throws IOException {
    Path file = folder.resolve("config.json");
    Files.copy(Path.of("src/test/resources").resolve(model).resolve("config.json"), file);
    DamagedFiles.read(file, 300, () -> LlamaConfig.read(folder));
  }

  @Test
  void tokenizer() throws IOException {
    for (String each : List.of("config.json", "tokenizer.json", "tokenizer_config.json")) {
      Files.copy(SmallModel.folder().directory().resolve(each), folder.resolve(each));
    }
    for (String each : List.of("tokenizer.json", "tokenizer_config.json")) {
      DamagedFiles.read(
          folder.resolve(each),
          100,
          () -> {
            try (Tokenizer tokenizer = Tokenizer.load(folder)) {
              tokenizer.encode(List.of("The whale came up."));
            }
          });
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"texts.jsonl", "texts.jsonl.gz", "texts.jsonl.zst", "texts.txt", "texts.parquet"})
  void corpus(String name) throws IOException, SQLException {
    Path file = corpus(folder.resolve(name));
    for (boolean skips : new boolean[] {false, true}) {
      DamagedFiles.read(
          file,
          name.endsWith("parquet") ? 150 : 400,
          () -> {
            DocumentReader reader = new DocumentReader(CorpusSpec.parse(file.toString()), skips);
            reader.forEach(0, document -> assertThat(document.text()).isNotNull());
            if (reader.badLines() > 0) {
              throw new IllegalArgumentException("left out " + reader.badLines());
            }
          });
    }
  }

  private static Path corpus(Path file) throws IOException, SQLException {
    List<String> lines = Files.readAllLines(Path.of(DemoSample.wordnet())).subList(0, 40);
    String name = file.getFileName().toString();
    if (name.endsWith(".parquet")) {
      Path plain = corpus(file.resolveSibling("plain.jsonl"));
      try (Connection database = DriverManager.getConnection("jdbc:duckdb:");
          Statement statement = database.createStatement()) {
        statement.execute(
            "copy (select text from read_json('%s')) to '%s' (format parquet)"
                .formatted(plain, file));
      }
      return file;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out =
        name.endsWith(".gz")
            ? new GZIPOutputStream(bytes)
            : name.endsWith(".zst") ? new ZstdOutputStream(bytes) : bytes) {
      out.write((String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
    }
    return Files.write(file, bytes.toByteArray());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "dictionary.json",
        "hyperparams.json",
        "probe.safetensors",
        "checkpoints/final.safetensors"
      })
  void dictionary(String name) throws IOException {
    Path whole = suite.resolve("L1TC-2x");
    DamagedFiles.read(
        whole.resolve(name),
        name.endsWith("json") ? 400 : 200,
        () -> {
          try (Dictionary dictionary = DictionaryFolder.open(whole)) {
            dictionary.features();
          }
          DictionaryFolder.trainedGate(whole);
        });
  }

  @Test
  void suite() throws IOException {
    DamagedFiles.read(suite.resolve("suite.json"), 500, () -> Suite.open(suite).names());
    DamagedFiles.read(
        suite.resolve("L1R-2x/checksums.json"),
        200,
        () -> Checksums.verify(suite.resolve("L1R-2x")));
  }

  /** A damaged state is told from the one before it, which is used. */
  @Test
  void stateOfAStoppedRun() throws IOException {
    long step = ResumeState.latest(stopped).orElseThrow().number();
    for (Path file : FolderFiles.of(ResumeState.folder(stopped).resolve("step-" + step))) {
      DamagedFiles.read(
          file,
          100,
          () -> {
            long found = ResumeState.latest(stopped).orElseThrow().number();
            if (found != step) {
              throw new IllegalArgumentException("used the state of step " + found);
            }
          });
    }
  }

  @Test
  void recipe() throws IOException {
    Path file = folder.resolve("recipe.json");
    AtomicFile.writeJson(file, Recipe.load("llama-scope"));
    DamagedFiles.read(file, 600, () -> Recipe.load(file.toString()));
  }

  @Test
  void report() throws IOException {
    Path file = folder.resolve("evaluation.json");
    Files.copy(Path.of("../docs/benchmarks/demo-report.json"), file);
    DamagedFiles.read(file, 150, () -> Report.read(file));
  }
}
