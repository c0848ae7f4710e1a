package dev.loupe.cli;

import static dev.loupe.cli.Run.loupe;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.dictionary.Suite;
import dev.loupe.files.AtomicFile;
import dev.loupe.files.FolderFiles;
import dev.loupe.files.Json;
import dev.loupe.model.ModelFolder;
import dev.loupe.safetensors.SafetensorsFile;
import dev.loupe.safetensors.SafetensorsWriter;
import dev.loupe.safetensors.TensorSource;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Torch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands as a user types them, in this process. */
@ExtendWith(LeakCheck.class)
final class CommandLineTest {
  @TempDir private static Path shared;
  @TempDir private Path folder;

  /** A small suite that several tests look at. */
  @BeforeAll
  static void trainASuite() {
    Run run = loupe(train(shared.resolve("suite"), "--sites", "R,TC"));
    assertThat(run.code()).as(run.err()).isZero();
  }

  @Test
  void ranksWithoutTheirEnvironmentAreAnError() {
    Run run = loupe(train(folder.resolve("ranks"), "--ranks", "data"));
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .contains("expected the environment variables RANK, WORLD_SIZE", "none for RANK");
    assertThat(folder.resolve("ranks")).doesNotExist();
  }

  @Test
  void tensorFloatIsForDevices() {
    Run bench = loupe("bench", "ranks", "--tf32", "--d-model", "8", "--features", "16", "--k", "2");
    assertThat(bench.code()).isEqualTo(2);
    assertThat(bench.err()).contains("expected --tf32 with --device cuda, got cpu");
  }

  @Test
  void benchRanksMeasuresOneProcess() throws IOException {
    Run run =
        loupe(
            ("bench ranks --d-model 16 --features 32 --k 2 --batch 8 --repeats 2 --warm-ups 0"
                    + " --json")
                .split(" ", -1));
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode result = Json.mapper().readTree(run.out());
    assertThat(result.get("ranks").asText()).isEqualTo("1x1");
    assertThat(result.get("formula_bytes").asDouble()).isZero();
    assertThat(result.get("counted_bytes").asDouble()).isZero();
  }

  /** A short run; further options take the place of those here. */
  private static String[] train(Path out, String... more) {
    Map<String, String> options = new LinkedHashMap<>();
    options.put("--model", "demo");
    options.put("--corpus", "demo:wordnet");
    options.put("--out", out.toString());
    options.put("--layers", "1");
    options.put("--expansions", "2");
    options.put("--tokens", "4k");
    options.put("--context", "64");
    options.put("--batch", "256");
    options.put("--set", "calibration_tokens=2048");
    for (int i = 0; i < more.length; i += 2) {
      options.put(more[i], more[i + 1]);
    }
    return Stream.concat(
            Stream.of("train"),
            options.entrySet().stream().flatMap(o -> Stream.of(o.getKey(), o.getValue())))
        .toArray(String[]::new);
  }

  private static String dictionary(String name) {
    return shared.resolve("suite").resolve(name).toString();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "demo",
        "train",
        "plan",
        "evaluate",
        "analyze",
        "interpret",
        "replay",
        "import",
        "import dictionaries",
        "import neuronpedia",
        "probe",
        "absorption",
        "features",
        "feature",
        "geometry",
        "splitting",
        "serve",
        "doctor",
        "tokenize",
        "encode",
        "generate",
        "convert",
        "export",
        "export saedashboard",
        "export neuronpedia",
        "export html",
        "export activations",
        "bench",
        "bench forward",
        "bench analyze",
        "bench ranks",
        "completion"
      })
  void helpHasAnExample(String command) {
    Run run = loupe((command + " --help").split(" "));
    assertThat(run.code()).isZero();
    assertThat(run.out()).contains("Example: ./loupe " + command);
  }

  @Test
  void doctorWithoutOptionsTriesTheMachine() throws IOException {
    Run run = loupe("doctor", "--json");
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode findings = Json.mapper().readTree(run.out());
    assertThat(findings.findValuesAsText("what"))
        .contains("Java", "vector kernels", "libtorch", "tokenizers", "DuckDB", "free memory");
    assertThat(findings.findValuesAsText("passes")).containsOnly("true");
  }

  /** The script is given to a real shell, which then completes the beginning of a word. */
  @ParameterizedTest
  @CsvSource({"loupe tra, train", "loupe interpret --explai, --explainer"})
  void bashCompletesCommandsAndOptions(String words, String whole) throws Exception {
    Path script = folder.resolve("completion.sh");
    Files.writeString(script, loupe("completion", "bash").out());
    String[] typed = words.split(" ", -1);
    String asked =
        "source %s; COMP_WORDS=(%s); COMP_CWORD=%d; COMP_LINE='%s'; COMP_POINT=%d; _complete_loupe; printf '%%s\\n' \"${COMPREPLY[@]}\""
            .formatted(script, words, typed.length - 1, words, words.length());
    Process bash = new ProcessBuilder("bash", "-c", asked).redirectErrorStream(true).start();
    String answer = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(bash.waitFor()).as(answer).isZero();
    assertThat(answer.lines().map(String::strip)).contains(whole);
  }

  @Test
  void cacheOptionsThatDoNotFitAreRefused() {
    Path out = folder.resolve("out");
    Run alone = loupe(train(out, "--activation-cache-bytes", "1G"));
    assertThat(alone.code()).isNotZero();
    assertThat(alone.err()).contains("expected --activation-cache DIR");
    String cache = folder.resolve("cache").toString();
    Run wide = loupe(train(out, "--activation-cache", cache, "--buffer-dtype", "float32"));
    assertThat(wide.code()).isNotZero();
    assertThat(wide.err()).contains("expected a buffer of bfloat16 with an activation cache");
    assertThat(folder).isEmptyDirectory();
  }

  /** With its config.json alone; whether it fits is another machine's question. */
  @Test
  void planListsTheWholeSuiteOfAnEightBillionModel() throws IOException {
    String[] command =
        ("plan --model ../loupe-core/src/test/resources/llama-3.1-8b --tokens 800M --layers all"
                + " --sites R,A,M,TC --expansions 8,32 --passes auto --no-calibration")
            .split(" ");
    Run text = loupe(command);
    assertThat(text.out()).contains("128 like L0R-8x", "128 like L0R-32x", "language model");
    assertThat(text.out().lines()).hasSizeLessThan(60).allMatch(line -> line.length() <= 160);
    Run run = loupe(Stream.concat(Stream.of(command), Stream.of("--json")).toArray(String[]::new));
    assertThat(run.code()).isIn(0, 1);
    JsonNode json = Json.mapper().readTree(run.out());
    assertThat(json.get("dictionaries")).hasSize(256);
    assertThat(json.get("fits").asBoolean()).isEqualTo(run.code() == 0);
    assertThat(text.err()).doesNotContain("--recipe loupe");
  }

  @Test
  void aShortRunOfARecipeForLongOnesIsCautioned() {
    String plan = "plan --model demo --no-calibration --tokens 100k --recipe ";
    assertThat(loupe((plan + "llama-scope").split(" ")).err())
        .contains("made for 390,625 steps, and this run has 48: one threshold", "--recipe loupe");
    assertThat(loupe((plan + "demo").split(" ")).err()).isEmpty();
  }

  @Test
  void whatDoesNotFitIsNotBegun() {
    Path out = folder.resolve("out");
    Run run = loupe(train(out, "--expansions", "99999"));
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err())
        .contains("Memory ", "does not fit: expected at most", "no number of passes");
    assertThat(out).doesNotExist();
    assertRefused(loupe(train(out, "--passes", "many")), "--passes auto or a number", "'many'");
    assertRefused(loupe(train(out, "--passes", "9")), "expected 1 to 4 passes", "got 9");
  }

  @Test
  void trainingSaysWhatItHeldAndWhatWasPlanned() throws IOException {
    String[] command = train(folder.resolve("out"), "--sites", "R,TC", "--passes", "2");
    Run run = loupe(Stream.concat(Stream.of(command), Stream.of("--json")).toArray(String[]::new));
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("2 dictionaries in 2 passes", "Held ");
    JsonNode json = Json.mapper().readTree(run.out());
    assertThat(json.get("peak_bytes").asLong()).isPositive();
    assertThat(json.get("planned_peak_bytes").asLong()).isPositive();
    assertThat(Suite.open(folder.resolve("out")).manifest().passes()).isEqualTo(2);
  }

  @Test
  void everyCommandIsInTheHelp() {
    Run run = loupe("--help");
    assertThat(run.out()).contains("Exit codes");
    Loupe.commandLine()
        .getSubcommands()
        .keySet()
        .forEach(name -> assertThat(run.out()).contains(name));
  }

  @Test
  void unknownOptionsAreErrors() {
    Run run = loupe("tokenize", "--model", "demo", "--jason", "x");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("--jason").contains("./loupe tokenize --help");
  }

  @Test
  void benchForwardMeasures() throws IOException {
    Run run =
        loupe("bench forward --model demo --shape 2x16 --repeats 1 --threads 1 --json".split(" "));
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode json = Json.mapper().readTree(run.out());
    assertThat(json.get("tokens_per_second").asDouble()).isPositive();
    assertThat(json.get("median_seconds").asDouble()).isPositive();
    assertThat(json.get("shape").asText()).isEqualTo("2x16");
    assertThat(json.get("dtype").asText()).isEqualTo(trainingDtype());
    assertThat(json.get("machine").asText()).isEqualTo(Torch.machine());
    assertThat(json.get("threads").asInt()).isEqualTo(1);
    assertThat(json.get("peak_bytes").asLong()).isPositive();
    assertRefused(loupe("bench forward --model demo --shape 256".split(" ")), "8x256, got '256'");
  }

  @Test
  void aSuiteRecordsTheTypeThatAutoBecame() {
    assertThat(Suite.open(shared.resolve("suite")).manifest().lmDtype()).isEqualTo(trainingDtype());
    assertRefused(
        loupe(train(folder.resolve("out"), "--lm-dtype", "int8")),
        "--lm-dtype float32, bfloat16 or auto, got 'int8'");
  }

  private static String trainingDtype() {
    return Torch.hasFastBfloat16(Device.CPU) ? "bfloat16" : "float32";
  }

  @Test
  void numbersWithoutAUnitThatExistsAreErrors() {
    Run run = loupe(train(folder.resolve("out"), "--tokens", "5x"));
    assertRefused(run, "--tokens", "600k, 1.5M or 2Gi, got '5x'");
    assertThat(run.err()).doesNotContain("java.lang");
  }

  @ParameterizedTest
  @ValueSource(strings = {"10m", "3x", "0s", "0"})
  void whatIsNoMeasureBetweenStatesIsAnError(String every) {
    Path out = folder.resolve("out");
    Run run = loupe(train(out, "--checkpoint-every", every));
    assertThat(run.code()).isEqualTo(2);
    assertRefused(run, "expected");
    assertThat(out).doesNotExist();
  }

  @Test
  void aFinishedRunHasNothingToDo() {
    Path suite = shared.resolve("suite");
    String[] command = train(suite, "--sites", "R,TC", "--checkpoint-every", "never");
    Run run =
        loupe(Stream.concat(Stream.of(command), Stream.of("--resume")).toArray(String[]::new));
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("Nothing to do");
  }

  @Test
  void unknownKeysOfARecipeAreErrors() {
    Run run = loupe(train(folder.resolve("out"), "--set", "beta3=0.9"));
    assertRefused(run, "'beta3'");
  }

  @Test
  void tokenizeGivesOneJsonDocument() throws IOException {
    Run run = loupe("tokenize", "--model", "demo", "--json", "The whale 👍🏽");
    JsonNode json = Json.mapper().readTree(run.out());
    assertThat(json.get(0).get("piece").asText()).isEqualTo("The");
    assertThat(json.get(json.size() - 1).get("end").asInt()).isEqualTo(12);
  }

  @Test
  void encodeShowsTheStrongestFeatures() throws IOException {
    Run run =
        loupe(
            "encode", "--model", "demo", "--dictionary", dictionary("L1R-2x"), "--json", "A dog.");
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode json = Json.mapper().readTree(run.out());
    assertThat(json.size()).isEqualTo(4);
    JsonNode begin = json.get(0);
    assertThat(begin.get("features").size()).isZero();
    assertThat(begin.get("loss").isNull()).isTrue();
    JsonNode first = json.get(1);
    assertThat(first.get("position").asInt()).isEqualTo(1);
    assertThat(first.get("features").size()).isEqualTo(5);
    assertThat(first.get("features").get(0).get("activation").asDouble())
        .isGreaterThanOrEqualTo(first.get("features").get(1).get("activation").asDouble());
    assertThat(first.get("spliced_loss").asDouble()).isPositive();
    assertThat(run.err()).containsPattern("Mean loss \\d.\\d+ nats, with the reconstruction");
  }

  @Test
  void serveRefusesAnotherModelAndOptionsThatContradictBeforeItListens() {
    String suite = shared.resolve("suite").toString();
    Run other = loupe("serve", suite, "--model", "demo-chat", "--port", "0");
    assertThat(other.code()).isEqualTo(2);
    assertThat(other.err()).contains("--other-model").doesNotContain("The pages are at");
    Run both = loupe("serve", suite, "--read-only", "--token-file", "token", "--port", "0");
    assertThat(both.code()).isEqualTo(2);
    assertThat(both.err()).contains("expected --read-only or --token-file, got both");
    Run named = loupe("serve", suite, "--public-host", "http://a.example/", "--port", "0");
    assertThat(named.code()).isEqualTo(2);
    assertThat(named.err()).contains("expected names without ports or slashes");
  }

  @Test
  void whatIsMistypedIsSaidBesideWhatIsMissing() {
    Run run = loupe("train", "--modle", "demo", "--corpus", "demo", "--out", "x", "--tokens", "1k");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .containsSubsequence("Missing required option: '--model=M'", "'--modle'", "--model");
  }

  @Test
  void whoTypesNothingSeesWhatThereIs() {
    Run run = loupe("--help");
    assertThat(run.out())
        .startsWith("Usage: loupe [options] COMMAND")
        .containsSubsequence("Train", "  train", "Look", "  serve", "This machine", "  doctor");
    assertThat(loupe("train", "--help").out())
        .startsWith("Usage: loupe train [options] --corpus=C --out=SUITE --model=M --tokens=N")
        .containsSubsequence("Which dictionaries", "--layers", "Recipe", "--k", "Output", "--help");
  }

  @Test
  void evaluateWritesAReport() throws IOException {
    Path report = folder.resolve("report.json");
    Run run =
        loupe(
            "evaluate",
            shared.resolve("suite").toString(),
            "--model",
            "demo",
            "--corpus",
            "demo:wordnet",
            "--tokens",
            "5k",
            "--loss-tokens",
            "1k",
            "--only",
            "L1R-2x",
            "--out",
            report.toString());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("L1R-2x");
    ObjectNode json = Json.readObject(report);
    JsonNode metrics = json.path("dictionaries").path("L1R-2x");
    assertThat(metrics.path("l0").path("value").asDouble()).isBetween(10.0, 22.0);
    assertThat(metrics.path("loss_original").path("tokens").asLong()).isGreaterThan(800);
    assertThat(metrics.path("dead_fraction").path("value").isNull()).isTrue();
  }

  @Test
  void doctorHoldsADictionaryToItsContract() {
    Run alone = loupe("doctor", "--dictionary", dictionary("L1TC-2x"));
    assertThat(alone.code()).as(alone.err()).isZero();
    Run right =
        loupe(
            "doctor",
            "--model",
            "demo",
            "--dictionary",
            dictionary("L1TC-2x"),
            "--corpus",
            "demo:wordnet",
            "--context",
            "64",
            "--tokens",
            "4k");
    assertThat(right.code()).as(right.out() + right.err()).isZero();
    Run wrong =
        loupe(
            "doctor",
            "--model",
            "demo-random",
            "--dictionary",
            dictionary("L1TC-2x"),
            "--corpus",
            "demo:wordnet",
            "--context",
            "64",
            "--tokens",
            "4k");
    assertThat(wrong.code()).isEqualTo(1);
    assertThat(wrong.out()).contains("FAILS");
  }

  @Test
  void doctorSeesAChangedFile() throws IOException {
    Path copy = folder.resolve("L1R-2x");
    FolderFiles.copy(shared.resolve("suite/L1R-2x"), copy);
    ObjectNode contract = Json.readObject(copy.resolve("dictionary.json"));
    ((ObjectNode) contract.get("gate")).put("threshold", 0.1);
    AtomicFile.writeJson(copy.resolve("dictionary.json"), contract);
    Run run = loupe("doctor", "--dictionary", copy.toString());
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("probe.safetensors");
  }

  @Test
  void convertsToSaeLens() {
    Path out = folder.resolve("exported");
    Run run = loupe("convert", dictionary("L1TC-2x"), out.toString(), "--format", "saelens");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(Json.readObject(out.resolve("cfg.json")).path("architecture").asText())
        .isEqualTo("jumprelu_transcoder");
    Run again = loupe("convert", dictionary("L1TC-2x"), out.toString(), "--format", "saelens");
    assertRefused(again, "exported");
  }

  @Test
  void exportsWhatASuiteWasTrainedOn() {
    Path out = folder.resolve("activations");
    String[] command = {
      "export",
      "activations",
      shared.resolve("suite").toString(),
      "--model",
      "demo",
      "--corpus",
      "demo:wordnet",
      "--only",
      "L1R-2x",
      "--tokens",
      "1k",
      "--out",
      out.toString(),
      "--json"
    };
    Run run = loupe(command);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("\"tokens\" : 1000", "blocks.1.hook_resid_post");
    try (TensorSource file = SafetensorsFile.open(out.resolve("000000.safetensors"))) {
      assertThat(file.entry("blocks.1.hook_resid_post").shape()).containsExactly(1_000, 256);
      assertThat(file.entry("tokens.id").shape()).containsExactly(1_000);
    }
    assertRefused(loupe(command), "expected a new or an empty folder");
  }

  @Test
  void generatesTheSameTextForTheSameSeed() {
    String[] command = {
      "generate", "--model", "demo", "--temperature", "0.8", "--max-tokens", "8", "The captain"
    };
    assertThat(loupe(command).out()).startsWith("The captain").isEqualTo(loupe(command).out());
  }

  // --- bad use: one clear message, nothing half-written ---

  @Test
  void aModelFolderWithoutWeights() throws IOException {
    Path model = folder.resolve("model");
    FolderFiles.copy(ModelFolder.resolve("demo").directory(), model);
    Files.delete(model.resolve("model.safetensors"));
    assertRefused(trainOn(model, folder.resolve("out")), "no weights", "model");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void aTokenizerThatDoesNotFit() throws IOException {
    Path model = folder.resolve("model");
    FolderFiles.copy(ModelFolder.resolve("demo").directory(), model);
    ObjectNode config = Json.readObject(model.resolve("config.json"));
    config.put("vocab_size", 4000);
    AtomicFile.writeJson(model.resolve("config.json"), config);
    assertRefused(trainOn(model, folder.resolve("out")), "4096", "4000");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void weightsThatAreNotNumbers() throws IOException {
    Path model = folder.resolve("model");
    FolderFiles.copy(ModelFolder.resolve("demo").directory(), model);
    spoil(model.resolve("model.safetensors"), "model.layers.0.mlp.down_proj.weight");
    assertRefused(trainOn(model, folder.resolve("out")), "NaN", "down_proj");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  private static void spoil(Path file, String name) {
    SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    try (TensorScope _ = TensorScope.open()) {
      try (TensorSource source = SafetensorsFile.open(file)) {
        source.names().forEach(each -> tensors.put(each, source.read(each)));
      }
      Arithmetic.addInPlace(tensors.get(name).narrow(0, 3, 1), Double.NaN);
      SafetensorsWriter.write(file, tensors, Map.of());
    }
  }

  @Test
  void aCorpusThatIsEmptyOrNotThere() throws IOException {
    Path out = folder.resolve("out");
    Path empty = Files.createFile(folder.resolve("empty.jsonl"));
    assertRefused(loupe(train(out, "--corpus", empty.toString())), "empty.jsonl");
    assertRefused(loupe(train(out, "--corpus", "nowhere.jsonl")), "nowhere.jsonl");
    Path bad = Files.writeString(folder.resolve("bad.jsonl"), "{\"text\": \"a\"}\n{\"text\": 3}\n");
    assertRefused(loupe(train(out, "--corpus", bad.toString())), "bad.jsonl", "2");
    assertThat(out).doesNotExist();
  }

  @Test
  void aCorpusThatIsTooShort() throws IOException {
    Path shortOne =
        Files.writeString(folder.resolve("short.jsonl"), "{\"text\": \"a dog\"}\n".repeat(50));
    Run run = loupe(train(folder.resolve("out"), "--corpus", shortOne.toString()));
    assertRefused(run, "--epochs");
  }

  @Test
  void aKAboveTheFeatures() {
    assertRefused(loupe(train(folder.resolve("out"), "--k", "600")), "512", "600");
  }

  @Test
  void aLayerThatTheModelLacks() {
    Run run =
        loupe(
            "train",
            "--model",
            "demo",
            "--corpus",
            "demo",
            "--out",
            folder.resolve("out").toString(),
            "--tokens",
            "4k",
            "--dictionaries",
            "L9R-8x");
    assertRefused(run, "0..5", "L9R-8x");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void anOutputFolderThatHoldsSomethingElse() throws IOException {
    Files.writeString(folder.resolve("thesis.tex"), "mine");
    assertRefused(loupe(train(folder)), "thesis.tex");
    assertThat(folder.toFile().list()).containsExactly("thesis.tex");
  }

  @Test
  void aDictionaryOfAnotherModel() {
    Run run =
        loupe("encode", "--model", "demo-chat", "--dictionary", dictionary("L1R-2x"), "A dog.");
    assertRefused(run, "--other-model");
    Run suite =
        loupe(
            "evaluate",
            shared.resolve("suite").toString(),
            "--model",
            "demo-chat",
            "--corpus",
            "demo");
    assertRefused(suite, "--other-model");
  }

  @Test
  void aFolderThatIsNoSuite() {
    assertRefused(
        loupe("evaluate", folder.toString(), "--model", "demo", "--corpus", "demo"), "suite.json");
  }

  @ParameterizedTest
  @ValueSource(strings = {"analyze", "evaluate"})
  void partsThatAreNone(String command) {
    List<String> on =
        List.of(command, shared.resolve("suite").toString(), "--model", "demo", "--corpus", "demo");
    String parts = folder.resolve("parts").toString();
    assertRefused(with(on, "--part", "2/3"), "--parts-dir");
    assertRefused(with(on, "--parts-dir", parts), "--part");
    assertRefused(with(on, "--part", "2/3", "--parts-dir", parts, "--merge", parts), "only one");
    assertRefused(with(on, "--part", "4/3", "--parts-dir", parts), "from 1/3 to 3/3", "got 4/3");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void positionsAreNotMadeInParts() {
    List<String> on =
        List.of(
            "evaluate",
            shared.resolve("suite").toString(),
            "--model",
            "demo",
            "--corpus",
            "demo",
            "--by-position");
    String parts = folder.resolve("parts").toString();
    assertRefused(with(on, "--merge", parts), "expected --by-position without");
    assertRefused(
        with(on, "--part", "1/2", "--parts-dir", parts), "expected --by-position without");
  }

  private static Run with(List<String> command, String... more) {
    return loupe(Stream.concat(command.stream(), Stream.of(more)).toArray(String[]::new));
  }

  private Run trainOn(Path model, Path out) {
    return loupe(train(out, "--model", model.toString(), "--recipe", "demo"));
  }

  /** One line of message that names what is needed, and exit code 1 or 2. */
  private static void assertRefused(Run run, String... words) {
    assertThat(run.code()).as(run.err()).isIn(1, 2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err().lines().filter(line -> line.startsWith("loupe: "))).hasSize(1);
    assertThat(run.err()).contains(words).doesNotContain("\tat ");
  }
}
