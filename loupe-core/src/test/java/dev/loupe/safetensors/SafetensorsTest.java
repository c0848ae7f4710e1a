package dev.loupe.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loupe.files.FileFormatException;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(LeakCheck.class)
class SafetensorsTest {
  @TempDir Path directory;

  static Stream<Path> goldenFiles() throws IOException {
    try (Stream<Path> files = Files.walk(Golden.FOLDER)) {
      return files.filter(f -> f.toString().endsWith(".safetensors")).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("goldenFiles")
  void goldenFilesSurviveARoundTripBitByBit(Path golden) {
    Path copy = directory.resolve("copy.safetensors");
    try (TensorScope _ = TensorScope.open();
        SafetensorsFile file = SafetensorsFile.open(golden)) {
      SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
      file.names().forEach(name -> tensors.put(name, file.read(name)));
      SafetensorsWriter.write(copy, tensors, file.metadata());
      try (SafetensorsFile again = SafetensorsFile.open(copy)) {
        assertThat(again.names()).isEqualTo(file.names()).isNotEmpty();
        assertThat(again.metadata()).isEqualTo(file.metadata());
        for (String name : file.names()) {
          assertThat(again.entry(name).describe()).isEqualTo(file.entry(name).describe());
          assertThat(again.view(name).mismatch(file.view(name))).isEqualTo(-1);
          assertThat(tensors.get(name).segment().mismatch(file.view(name))).isEqualTo(-1);
        }
      }
    }
  }

  @Test
  void readsTheSaeAsItsHeaderSays() {
    try (SafetensorsFile file = SafetensorsFile.open(Golden.SAE)) {
      assertThat(file.names())
          .containsExactly("decoder.bias", "decoder.weight", "encoder.bias", "encoder.weight");
      TensorEntry entry = file.entry("encoder.weight");
      assertThat(entry)
          .isEqualTo(
              new TensorEntry(
                  "encoder.weight",
                  DType.BF16,
                  new long[] {512, 64},
                  Golden.SAE,
                  8 + 304 + 66688,
                  65536))
          .hasSameHashCodeAs(file.entry("encoder.weight"));
      assertThat(file.has("threshold")).isFalse();
      assertThat(file.metadata()).isEmpty();
      try (Tensor weight = file.read("encoder.weight", 512, 64)) {
        assertThat(weight.describe()).isEqualTo("BF16 [512, 64]");
      }
    }
  }

  @Test
  void wrongShapeSaysSoAndAsksOnlyAboutATransposedOne() {
    try (SafetensorsFile file = SafetensorsFile.open(Golden.SAE)) {
      assertThatThrownBy(() -> file.read("encoder.weight", 64, 512))
          .isInstanceOf(FileFormatException.class)
          .hasMessage(
              "expected encoder.weight [64, 512], got [512, 64] in %s; is it stored transposed?"
                  .formatted(Golden.SAE));
      assertThatThrownBy(() -> file.read("encoder.weight", 64, 513))
          .hasMessage("expected encoder.weight [64, 513], got [512, 64] in " + Golden.SAE);
    }
  }

  @Test
  void missingTensorListsTheClosest() {
    try (SafetensorsFile file = SafetensorsFile.open(Golden.SAE)) {
      assertThatThrownBy(() -> file.read("encoder.wieght"))
          .isInstanceOf(FileFormatException.class)
          .hasMessageStartingWith("expected a tensor encoder.wieght, got none of that name in ")
          .hasMessageContaining(Golden.SAE + "; the closest are [encoder.weight, ");
    }
  }

  @Test
  void closeIsIdempotentAndEndsUse() {
    SafetensorsFile file = SafetensorsFile.open(Golden.SAE);
    MemorySegment view = file.view("encoder.bias");
    assertThat(view.isReadOnly()).isTrue();
    file.close();
    file.close();
    assertThatThrownBy(file::names)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(Golden.SAE + " is closed");
    assertThatThrownBy(() -> file.read("encoder.bias")).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> view.get(ValueLayout.JAVA_BYTE, 0))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void everyDtypeSurvivesEmptyScalarAndOddSizes() {
    Path path = directory.resolve("all.safetensors");
    try (TensorScope _ = TensorScope.open()) {
      SequencedMap<String, Tensor> tensors = allDtypes(7);
      SafetensorsWriter.write(path, tensors, Map.of("seed", "7", "note", "\u00fc \"x\""));
      try (SafetensorsFile file = SafetensorsFile.open(path)) {
        assertThat(file.names()).containsExactlyInAnyOrderElementsOf(tensors.keySet());
        assertThat(file.metadata()).isEqualTo(Map.of("seed", "7", "note", "\u00fc \"x\""));
        tensors.forEach((name, tensor) -> {
          assertThat(file.entry(name).offset() % tensor.dtype().bytes()).isZero();
          Tensor read = file.read(name, tensor.shape());
          assertThat(read.dtype()).isEqualTo(tensor.dtype());
          assertThat(read.shape()).isEqualTo(tensor.shape());
          if (tensor.bytes() > 0) { // an empty one has no address
            assertThat(read.segment().mismatch(tensor.segment())).isEqualTo(-1);
          }
        });
      }
    }
  }

  @Test
  void sameTensorsGiveTheSameBytesInTheOrderGiven() throws IOException {
    Path first = directory.resolve("1.safetensors");
    Path second = directory.resolve("2.safetensors");
    try (TensorScope _ = TensorScope.open()) {
      SafetensorsWriter.write(first, allDtypes(3), Map.of("b", "1", "a", "2"));
      SafetensorsWriter.write(second, allDtypes(3), Map.of("a", "2", "b", "1"));
    }
    assertThat(Files.mismatch(first, second)).isEqualTo(-1);
    byte[] bytes = Files.readAllBytes(first);
    assertThat(bytes[0] & 7).isZero();
    assertThat(new String(bytes, 8, 62, StandardCharsets.UTF_8))
        .startsWith("{\"__metadata__\":{\"a\":\"2\",\"b\":\"1\"},\"BOOL.3\":{");
  }

  @Test
  void viewsAndTiedTensorsAreWrittenAsTheyLook() {
    Path path = directory.resolve("views.safetensors");
    try (TensorScope _ = TensorScope.open()) {
      Tensor base = Tensors.range(6, DType.F32, Device.CPU).reshape(2, 3);
      SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
      tensors.put("transposed", base.transpose(0, 1));
      tensors.put("row", base.select(0, 1));
      tensors.put("tied", base);
      tensors.put("embedding", base);
      SafetensorsWriter.write(path, tensors, Map.of());
      try (SafetensorsFile file = SafetensorsFile.open(path)) {
        assertThat(file.read("transposed", 3, 2).floats()).containsExactly(0, 3, 1, 4, 2, 5);
        assertThat(file.read("row", 3).floats()).containsExactly(3, 4, 5);
        assertThat(file.read("tied").floats()).isEqualTo(file.read("embedding").floats());
      }
    }
  }

  @Test
  void nothingAtAllIsAFileToo() {
    Path path = directory.resolve("none.safetensors");
    SafetensorsWriter.write(path, new LinkedHashMap<>(), Map.of());
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertThat(file.names()).isEmpty();
    }
  }

  @Test
  void failedWriteLeavesTheOldFile() throws IOException {
    Path path = directory.resolve("kept.safetensors");
    try (TensorScope _ = TensorScope.open()) {
      Tensor closed = Tensors.zeros(DType.F32, Device.CPU, 3);
      SequencedMap<String, Tensor> tensors = new LinkedHashMap<>(Map.of("a", closed));
      SafetensorsWriter.write(path, tensors, Map.of());
      byte[] before = Files.readAllBytes(path);
      closed.close();
      assertThatThrownBy(() -> SafetensorsWriter.write(path, tensors, Map.of()))
          .isInstanceOf(IllegalStateException.class);
      assertThat(path).hasBinaryContent(before);
    }
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).containsExactly(path);
    }
  }

  @Test
  void reservedNameIsRefused() {
    try (TensorScope _ = TensorScope.open()) {
      SequencedMap<String, Tensor> tensors =
          new LinkedHashMap<>(Map.of("__metadata__", Tensors.zeros(DType.F32, Device.CPU, 1)));
      assertThatThrownBy(() -> SafetensorsWriter.write(directory.resolve("x"), tensors, Map.of()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("__metadata__");
    }
  }

  @Test
  void missingFileAndDirectoryAreNamed() {
    Path missing = directory.resolve("missing.safetensors");
    assertThatThrownBy(() -> SafetensorsFile.open(missing))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining(missing.toString());
    assertThatThrownBy(() -> SafetensorsFile.open(directory))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining(directory.toString());
  }

  /** Random bits of every type, small types first, in several shapes. */
  private static SequencedMap<String, Tensor> allDtypes(long seed) {
    Random random = new Random(seed);
    SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    long[][] shapes = {{3}, {}, {0}, {0, 5}, {2, 3, 1}, {4099}};
    for (DType dtype : List.of(DType.values()).reversed()) {
      for (long[] shape : shapes) {
        long elements = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        byte[] bytes = new byte[(int) elements * dtype.bytes()];
        random.nextBytes(bytes);
        if (dtype == DType.BOOL) {
          for (int i = 0; i < bytes.length; i++) {
            bytes[i] &= 1;
          }
        }
        String name = Arrays.toString(shape).replaceAll("[\\[\\]]", "");
        tensors.put(
            dtype + "." + name.replace(", ", "x"),
            Tensors.of(MemorySegment.ofArray(bytes), dtype, shape));
      }
    }
    return tensors;
  }
}
