package dev.loupe.dictionary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.dictionary.Conversion.Format;
import dev.loupe.dictionary.Conversion.GateKind;
import dev.loupe.files.AtomicFile;
import dev.loupe.files.FileFormatException;
import dev.loupe.files.FolderFiles;
import dev.loupe.files.Json;
import dev.loupe.safetensors.Comparison;
import dev.loupe.safetensors.SafetensorsFile;
import dev.loupe.safetensors.SafetensorsWriter;
import dev.loupe.safetensors.TensorSource;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.Products;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Conversions between folders. That SAELens itself reads what is written for it is checked by
 * docs/benchmarks/saelens_check.py.
 */
@ExtendWith(LeakCheck.class)
final class ConversionTest {
  private static final String R = "Llama3_1-8B-Base-L1R-8x";
  private static final String TC = "Llama3_1-8B-Base-L1TC-8x";
  private static final Gate JUMP = new Gate.JumpRelu(0.4);

  @TempDir private Path folder;
  private Path to;

  @BeforeEach
  void target() {
    to = folder.resolve("new/to");
  }

  @ParameterizedTest
  @ValueSource(strings = {R, TC})
  void aPublishedFolderComputesItsReferenceInEitherFormat(String name) throws IOException {
    Path published = GoldenDictionaryTest.GOLDEN.resolve(name);
    Contract contract = convert(published, to, Format.LLAMASCOPE);
    assertReference(published, to, 10);
    DictionaryDoctor.verify(to);
    assertThat(contract.form()).isEqualTo(Contract.Form.STANDARDISED);
    assertThat(contract.scale()).isEqualTo(new Scale(8, 8));
    assertThat(contract.trainedScale()).isEqualTo(DictionaryFolder.readContract(published).scale());
    assertThat(contract.dtype()).isEqualTo("float32");
    assertThat(Files.readAllBytes(to.resolve("checkpoints/raw.safetensors")))
        .isEqualTo(Files.readAllBytes(published.resolve("checkpoints/final.safetensors")));
    JsonNode json = HandRead.json(to.resolve("hyperparams.json"));
    assertThat(json.path("top_k").intValue()).isEqualTo(8);
    assertThat(HandRead.json(to.resolve("lm_config.json")).path("model_name").textValue())
        .isEqualTo("llama31");

    Path lens = folder.resolve("lens");
    convert(published, lens, Format.SAELENS);
    Path back = folder.resolve("back");
    Contract returned = convert(lens, back, Format.LLAMASCOPE);
    assertReference(published, back, 9); // SAELens has no place for the K of training
    assertThat(returned.withWeights("", "")).isEqualTo(contract.withWeights("", ""));
    try (Dictionary one = DictionaryFolder.open(to);
        Dictionary two = DictionaryFolder.open(back)) {
      DictionaryFolderTest.assertSame(two.weights(), one.weights());
    }
  }

  @ParameterizedTest
  @CsvSource({"R, F32", "TC, F32", "R, BF16"})
  void anOwnFolderKeepsEveryBit(Site site, DType dtype) {
    Path own = folder.resolve("own");
    Contract before = TestDictionaries.write(own, site, 8, JUMP, dtype);
    Contract after = convert(own, to, Format.LLAMASCOPE);
    assertThat(after).isEqualTo(before);
    try (Dictionary one = DictionaryFolder.open(own);
        Dictionary two = DictionaryFolder.open(to);
        Weights rawOne = DictionaryFolder.readRawWeights(own);
        Weights rawTwo = DictionaryFolder.readRawWeights(to)) {
      DictionaryFolderTest.assertSame(two.weights(), one.weights());
      DictionaryFolderTest.assertSame(rawTwo, rawOne);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"R", "TC"})
  void theSaeLensLayout(Site site) throws IOException {
    Path own = folder.resolve("own");
    TestDictionaries.write(own, site, 8, JUMP, DType.F32);
    convert(own, to, Format.SAELENS);
    JsonNode json = HandRead.json(to.resolve("cfg.json"));
    JsonNode metadata = json.path("metadata");
    boolean transcoder = site == Site.TC;
    assertThat(json.path("architecture").textValue())
        .isEqualTo(transcoder ? "jumprelu_transcoder" : "jumprelu");
    assertThat(json.path("d_in").intValue()).isEqualTo(16);
    assertThat(json.path("d_sae").intValue()).isEqualTo(128);
    assertThat(json.has("d_out")).isEqualTo(transcoder);
    assertThat(json.path("apply_b_dec_to_input").booleanValue()).isFalse();
    assertThat(json.path("normalize_activations").textValue()).isEqualTo("none");
    assertThat(metadata.path("model_name").textValue()).isEqualTo("test-model");
    assertThat(metadata.path("hook_name").textValue()).isEqualTo(site.hookIn(3).toString());
    assertThat(metadata.has("hook_name_out")).isEqualTo(transcoder);
    Map<String, HandRead.Array> tensors = HandRead.tensors(to.resolve("sae_weights.safetensors"));
    assertThat(tensors).containsOnlyKeys("W_enc", "b_enc", "W_dec", "b_dec", "threshold");
    assertThat(tensors.get("W_enc").shape()).containsExactly(16, 128);
    assertThat(tensors.get("W_dec").shape()).containsExactly(128, 16);
    assertThat(tensors.get("threshold").values()).hasSize(128).containsOnly(0.4f);
    try (Dictionary dictionary = DictionaryFolder.open(own)) {
      float[] encoder = dictionary.weights().encoder().floats();
      float[] found = tensors.get("W_enc").values();
      for (int i = 0; i < encoder.length; i++) {
        assertThat(found[i % 16 * 128 + i / 16]).isEqualTo(encoder[i]);
      }
    }
  }

  @Test
  void everyGateGoesToSaeLensAndBack() {
    roundTrip(Site.R, new Gate.TopK(7), "topk");
    roundTrip(Site.R, new Gate.Relu(), "standard");
    roundTrip(Site.TC, new Gate.Relu(), "transcoder");
    roundTrip(Site.R, new Gate.JumpRelu(0), "jumprelu");
    Path own = folder.resolve("topk-tc");
    TestDictionaries.write(own, Site.TC, 8, new Gate.TopK(7), DType.F32);
    assertThatThrownBy(() -> convert(own, to, Format.SAELENS))
        .hasMessageContaining("transcoders, got topk");
    assertNothingWritten();
  }

  private void roundTrip(Site site, Gate gate, String architecture) {
    Path own = folder.resolve(architecture);
    Path lens = folder.resolve(architecture + "-lens");
    Path back = folder.resolve(architecture + "-back");
    Contract before = TestDictionaries.write(own, site, 8, gate, DType.F32);
    convert(own, lens, Format.SAELENS);
    assertThat(Json.readObject(lens.resolve("cfg.json")).path("architecture").textValue())
        .isEqualTo(architecture);
    Contract after = convert(lens, back, Format.LLAMASCOPE);
    assertThat(after.withWeights("", "")).isEqualTo(before.withWeights("", ""));
    assertSameFunction(own, back);
  }

  @Test
  void gatesComeFromTheFolderOrAreAskedFor() {
    Path published = GoldenDictionaryTest.GOLDEN.resolve(R);
    Contract topK = convert(published, to, Format.LLAMASCOPE, GateKind.TOPK, OptionalInt.empty());
    assertThat(topK.gate()).isEqualTo(new Gate.TopK(8));
    Path back = folder.resolve("back");
    assertThat(convert(to, back, Format.LLAMASCOPE, GateKind.JUMPRELU, OptionalInt.empty()).gate())
        .isEqualTo(new Gate.JumpRelu(2.9375));
    Path five = folder.resolve("five");
    assertThat(convert(back, five, Format.LLAMASCOPE, GateKind.TOPK, OptionalInt.of(5)).gate())
        .isEqualTo(new Gate.TopK(5));
  }

  @Test
  void whatIsNotKnownIsRefused() {
    Path topK = folder.resolve("topk");
    TestDictionaries.write(topK, Site.R, 8, new Gate.TopK(7), DType.F32);
    assertThatThrownBy(
            () -> convert(topK, to, Format.SAELENS, GateKind.JUMPRELU, OptionalInt.empty()))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining("jump_relu_threshold")
        .hasMessageContaining("calibration")
        .hasMessageContaining(topK.toString());
    Path jump = folder.resolve("jump");
    TestDictionaries.write(jump, Site.R, 8, JUMP, DType.F32);
    assertThatThrownBy(
            () -> convert(jump, to, Format.LLAMASCOPE, GateKind.TOPK, OptionalInt.empty()))
        .hasMessageContaining("top_k");
    assertThatThrownBy(
            () -> convert(jump, to, Format.LLAMASCOPE, GateKind.TOPK, OptionalInt.of(129)))
        .hasMessageContaining("129");
    assertThatThrownBy(
            () -> convert(jump, to, Format.LLAMASCOPE, GateKind.JUMPRELU, OptionalInt.of(5)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("5");
    assertThatThrownBy(() -> convert(folder.resolve("none"), to, Format.LLAMASCOPE))
        .hasMessageContaining("none");
    assertNothingWritten();
    assertThatThrownBy(() -> Format.parse("gguf")).hasMessageContaining("llamascope or saelens");
    assertThat(GateKind.parse("jumprelu")).isEqualTo(GateKind.JUMPRELU);
  }

  @Test
  void aFolderWithAnythingInItIsLeftAlone() throws IOException {
    Path published = GoldenDictionaryTest.GOLDEN.resolve(R);
    Files.createDirectories(to);
    Files.writeString(to.resolve("mine.txt"), "mine");
    assertThatThrownBy(() -> convert(published, to, Format.SAELENS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(to.toString())
        .hasMessageContaining("mine.txt");
    assertThat(FolderFiles.of(folder)).containsExactly(to.resolve("mine.txt"));
    Files.delete(to.resolve("mine.txt"));
    convert(published, to, Format.SAELENS); // empty is free
    assertThat(to.resolve("cfg.json")).exists();
    try (Stream<Path> siblings = Files.list(to.getParent())) {
      assertThat(siblings).containsExactly(to);
    }
  }

  @Test
  void saeLensFoldersOfOthersAreReadOrRefused() {
    Path own = folder.resolve("own");
    TestDictionaries.write(own, Site.R, 8, JUMP, DType.F32);
    Path lens = folder.resolve("lens");
    convert(own, lens, Format.SAELENS);

    // decoder columns twice as long, thresholds and encoder half: the same function
    changeWeights(
        lens,
        tensors -> {
          for (String name : new String[] {"W_enc", "b_enc", "threshold"}) {
            tensors.compute(name, (_, t) -> Arithmetic.multiply(t, 0.5));
          }
          tensors.compute("W_dec", (_, t) -> Arithmetic.multiply(t, 2.0));
        });
    convert(lens, folder.resolve("scaled"), Format.LLAMASCOPE);
    assertSameFunction(own, folder.resolve("scaled"));

    // the decoder bias taken off the input, and as much put back in the encoder's bias
    changeSettings(lens, json -> json.remove("apply_b_dec_to_input"));
    changeWeights(
        lens,
        tensors -> {
          Tensor shift =
              Products.multiply(tensors.get("b_dec").reshape(1, -1), tensors.get("W_enc"));
          tensors.compute("b_enc", (_, t) -> Arithmetic.add(t, shift.reshape(-1)));
        });
    convert(lens, folder.resolve("shifted"), Format.LLAMASCOPE);
    assertSameFunction(own, folder.resolve("shifted"));

    refusesSettings(lens, json -> json.put("architecture", "gated"), "gated");
    refusesSettings(
        lens, json -> json.put("normalize_activations", "layer_norm"), "layer_norm", "none");
    refusesSettings(lens, json -> json.remove("metadata"), "SAELens 6");
    refusesSettings(lens, json -> json.put("d_sae", 64), "W_enc");
    refusesSettings(
        lens,
        json -> ((ObjectNode) json.path("metadata")).put("hook_name", "blocks.3.hook_z"),
        "hook_z");
    refusesSettings(lens, json -> json.put("architecture", "topk").put("k", 5), "rescale_acts");
    changeWeights(
        lens,
        tensors ->
            tensors.compute("threshold", (_, t) -> Arithmetic.multiply(t, tensors.get("b_enc"))));
    assertThatThrownBy(() -> convert(lens, to, Format.LLAMASCOPE))
        .hasMessageContaining("one threshold for all features")
        .hasMessageContaining("sae_weights.safetensors");
    assertNothingWritten();
  }

  private void refusesSettings(Path lens, Consumer<ObjectNode> change, String... named) {
    ObjectNode before = Json.readObject(lens.resolve("cfg.json"));
    changeSettings(lens, change);
    assertThatThrownBy(() -> convert(lens, to, Format.LLAMASCOPE))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContainingAll(named)
        .hasMessageContaining(lens.toString());
    AtomicFile.writeJson(lens.resolve("cfg.json"), before);
  }

  private static void changeSettings(Path lens, Consumer<ObjectNode> change) {
    ObjectNode json = Json.readObject(lens.resolve("cfg.json"));
    change.accept(json);
    AtomicFile.writeJson(lens.resolve("cfg.json"), json);
  }

  private static void changeWeights(Path lens, Consumer<SequencedMap<String, Tensor>> change) {
    Path file = lens.resolve("sae_weights.safetensors");
    try (TensorScope _ = TensorScope.open()) {
      SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
      try (TensorSource source = SafetensorsFile.open(file)) {
        source.names().forEach(each -> tensors.put(each, source.read(each)));
      }
      change.accept(tensors);
      SafetensorsWriter.write(file, tensors, Map.of());
    }
  }

  private void assertNothingWritten() {
    assertThat(to).doesNotExist();
    Path parent = to.getParent();
    if (parent != null && Files.exists(parent)) {
      assertThat(parent).isEmptyDirectory();
    }
  }

  private static void assertSameFunction(Path one, Path two) {
    try (TensorScope _ = TensorScope.open();
        Dictionary a = DictionaryFolder.openStandardised(one);
        Dictionary b = DictionaryFolder.openStandardised(two)) {
      Tensor rows = TestDictionaries.rows(200, 16);
      try (Codes codesA = a.encode(rows);
          Codes codesB = b.encode(rows)) {
        assertThat(codesB.indices().ints()).isEqualTo(codesA.indices().ints());
        assertThat(Comparison.of("values", codesB.values(), codesA.values()))
            .matches(Comparison::passes);
        assertThat(Comparison.of("outputs", b.decode(codesB), a.decode(codesA)))
            .matches(Comparison::passes);
      }
    }
  }

  /** The tensors of the reference that do not depend on the units of the weights. */
  private void assertReference(Path published, Path converted, int tensors) {
    Path reference = published.resolve("reference.safetensors");
    Path part = folder.resolve(tensors + ".safetensors");
    try (TensorScope _ = TensorScope.open();
        TensorSource source = SafetensorsFile.open(reference)) {
      SequencedMap<String, Tensor> kept = new LinkedHashMap<>();
      source.names().forEach(name -> kept.put(name, source.read(name)));
      kept.keySet().removeIf(name -> name.startsWith("topk") || name.equals("loss"));
      if (tensors == 9) {
        kept.remove("calibrated_threshold");
        assertThatThrownBy(() -> DictionaryDoctor.check(converted, reference))
            .hasMessageContaining("top_k")
            .hasMessageContaining("hyperparams.json");
      }
      SafetensorsWriter.write(part, kept, Map.of());
    }
    assertThat(DictionaryDoctor.check(converted, part))
        .hasSize(tensors)
        .allMatch(Comparison::passes);
  }

  private static Contract convert(Path from, Path to, Format format) {
    return Conversion.convert(from, to, format, Optional.empty(), OptionalInt.empty());
  }

  private static Contract convert(Path from, Path to, Format format, GateKind gate, OptionalInt k) {
    return Conversion.convert(from, to, format, Optional.of(gate), k);
  }
}
