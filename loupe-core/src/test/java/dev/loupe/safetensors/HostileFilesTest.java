package dev.loupe.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.loupe.files.FileFormatException;
import dev.loupe.tensor.LeakCheck;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged and malicious files: each opens or is refused with path and offset, and costs little. */
@ExtendWith(LeakCheck.class)
class HostileFilesTest {
  private static final long LITTLE = 4 << 20; // bytes that refusing a file may allocate

  /** A right header of 24 bytes of data. */
  private static final String WHOLE =
      """
      {"__metadata__":{"format":"pt"},\
      "encoder.weight":{"dtype":"BF16","shape":[4,2],"data_offsets":[0,16]},\
      "empty":{"dtype":"I64","shape":[0,3],"data_offsets":[16,16]},\
      "encoder.bias":{"dtype":"F32","shape":[2],"data_offsets":[16,24]}}\
      """;

  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void name() {
    file = directory.resolve("hostile.safetensors");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'a':{'dtype':'F33','shape':[2],'data_offsets':[0,8]}}|a dtype of tensor a of [F64,",
        "{'a':{'dtype':'f32','shape':[2],'data_offsets':[0,8]}}|got 'f32' at byte",
        "{'a':{'dtype':4,'shape':[2],'data_offsets':[0,8]}}|for dtype of tensor a",
        "{'a':{'dtype':'F32','shape':[3],'data_offsets':[0,8]}}|expected 12 bytes for tensor a",
        "{'a':{'dtype':'F32','shape':[-2],'data_offsets':[0,8]}}|of at least 0 in shape of tensor"
            + " a",
        "{'a':{'dtype':'F32','shape':[2.0],'data_offsets':[0,8]}}|VALUE_NUMBER_INT for shape",
        "{'a':{'dtype':'F32','shape':['2'],'data_offsets':[0,8]}}|VALUE_NUMBER_INT for shape",
        "{'a':{'dtype':'F32','shape':[[2]],'data_offsets':[0,8]}}|VALUE_NUMBER_INT for shape",
        "{'a':{'dtype':'F32','shape':2,'data_offsets':[0,8]}}|START_ARRAY for shape of tensor a",
        "{'a':{'dtype':'F32','shape':[4611686018427387904,4],'data_offsets':[0,8]}}|less than 2^63",
        "{'a':{'dtype':'F32','shape':[4294967296,4294967296],'data_offsets':[0,8]}}|less than 2^63",
        "{'a':{'dtype':'F32','shape':[0,4611686018427387904,4],'data_offsets':[0,0]}}|less than"
            + " 2^63",
        "{'a':{'dtype':'F32','shape':[9223372036854775808],'data_offsets':[0,8]}}|out of range",
        "{'a':{'dtype':'F32','shape':[99999999999999999999999],'data_offsets':[0,8]}}|header in"
            + " JSON",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,9223372036854775807]}}|within 0 to 8",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[4,12]}}|within 0 to 8",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[8,0]}}|within 0 to 8",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[-8,0]}}|of at least 0 in data_offsets",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0]}}|two data_offsets of tensor a",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8,8]}}|at most 2 numbers",
        "{'a':{'dtype':'F32','shape':[2]}}|data_offsets null",
        "{'a':{'dtype':'F32','data_offsets':[0,8]}}|shape null",
        "{'a':{'shape':[2],'data_offsets':[0,8]}}|dtype null",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8],'x':1}}|got a key 'x'",
        "{'a':{'dtype':'F32','dtype':'F32','shape':[2],'data_offsets':[0,8]}}|dtype of tensor a"
            + " once",
        "{'a':[1]}|START_OBJECT for tensor a",
        "{'a':null}|START_OBJECT for tensor a",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},"
            + "'a':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}}|tensor a once",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},"
            + "'b':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}}|got an overlap at byte",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},"
            + "'b':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}|got an overlap at byte",
        "{'a':{'dtype':'U8','shape':[2],'data_offsets':[0,2]},"
            + "'b':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}}|got a hole before it at byte",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}}|got a hole before it at byte",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}|got 4 bytes more at byte",
        "{}|got 8 bytes more at byte 10",
        "{'__metadata__':{'x':1},'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}|__metadata__"
            + " x",
        "{'__metadata__':{'x':'1','x':'2'}}|__metadata__ x once",
        "{'__metadata__':{},'__metadata__':{}}|__metadata__ once",
        "{'__metadata__':'pt'}|START_OBJECT for __metadata__",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}} {}|nothing but spaces",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}|header in JSON",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}]|header in JSON",
        "{a:1}|header in JSON",
        "[[[[[[[[|begins with {, got 0x5b at byte 8",
      })
  void wrongHeaders(String header, String message) {
    RawFile.write(file, header.replace('\'', '"'), 8);
    assertThatThrownBy(() -> SafetensorsFile.open(file))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining(message)
        .hasMessageMatching("(?s).* at byte \\d+.* in .*hostile\\.safetensors.*");
  }

  @Test
  void offsetsPointAtTheFault() {
    String header = "{\"a\":{\"dtype\":\"F33\",\"shape\":[2],\"data_offsets\":[0,8]}}";
    RawFile.write(file, header, 8);
    assertThatThrownBy(() -> SafetensorsFile.open(file))
        .hasMessageContaining("at byte " + (8 + header.indexOf("\"F33\"")) + " in ");
  }

  @Test
  void emptyTensorsMayShareAPlace() {
    RawFile.write(
        file,
        """
        {"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},\
        "c":{"dtype":"F32","shape":[],"data_offsets":[0,4]},\
        "b":{"dtype":"F32","shape":[4,0],"data_offsets":[0,0]}}\
        """,
        4);
    try (SafetensorsFile opened = SafetensorsFile.open(file)) {
      assertThat(opened.names()).containsExactly("a", "b", "c");
      assertThat(opened.view("b").byteSize()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(
      longs = {0, 1, 3, 9, 100_000_000, 100_000_001, 1L << 32, 1L << 62, Long.MAX_VALUE, -1, -8})
  void lyingLengthsCostNothing(long length) {
    RawFile.write(file, length, "{}".getBytes(StandardCharsets.US_ASCII), 0);
    assertThat(allocatedByRefusing()).as("bytes allocated").isLessThan(LITTLE);
    assertThatThrownBy(() -> SafetensorsFile.open(file))
        .hasMessageContaining(
            "expected a header of 2 to 2 bytes, got " + Long.toUnsignedString(length))
        .hasMessageContaining("at byte 0 in " + file);
  }

  @Test
  void longHeaderOfNothingCostsNothing() throws IOException {
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.writeLong(Long.reverseBytes(90_000_000));
      sparse.write('{');
      sparse.setLength(95_000_000);
    }
    assertThat(allocatedByRefusing()).isLessThan(LITTLE);
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.writeLong(Long.reverseBytes(120_000_000));
      sparse.setLength(200_000_000);
    }
    assertThat(allocatedByRefusing()).isLessThan(LITTLE);
  }

  @Test
  void deepNestingLongNamesAndLongShapesAreRefused() {
    RawFile.write(file, "{\"a\":".repeat(100_000), 0);
    assertThat(allocatedByRefusing()).isLessThan(LITTLE);
    RawFile.write(file, "{\"__metadata__\":" + "[".repeat(1_000_000), 0);
    assertThat(allocatedByRefusing()).isLessThan(LITTLE);
    RawFile.write(file, "{\"" + "n".repeat(1_000_000) + "\":1}", 0);
    assertThat(allocatedByRefusing()).isLessThan(LITTLE);
    RawFile.write(file, "{\"a\":{\"shape\":[1" + ",1".repeat(1_000_000) + "]}}", 0);
    assertThat(allocatedByRefusing()).isLessThan(LITTLE);
    RawFile.write(file, "{\"a\":{\"shape\":[" + "1".repeat(1_000_000) + "]}}", 0);
    assertThat(allocatedByRefusing()).isLessThan(LITTLE);
  }

  @Test
  void namesInMessagesAreShortAndOnOneLine() {
    RawFile.write(file, "{\"" + "n".repeat(9_000) + "\\n\":1}", 0);
    assertThatThrownBy(() -> SafetensorsFile.open(file))
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(600).doesNotContain("\n"));
  }

  @Test
  void gitPointersAreRecognised() {
    RawFile.write(
        file, "version https://git-lfs.github.com/spec/v1\n".getBytes(StandardCharsets.US_ASCII));
    assertThatThrownBy(() -> SafetensorsFile.open(file)).hasMessageContaining("Git LFS pointer");
  }

  @Test
  void everyTruncationIsRefused() throws IOException {
    byte[] bytes = Files.readAllBytes(Golden.SAE);
    int dataStart = 8 + 304;
    for (int length = 0; length < bytes.length; length += length < dataStart + 140 ? 1 : 997) {
      RawFile.write(file, Arrays.copyOf(bytes, length));
      assertRefused("length " + length);
    }
    for (int length : new int[] {bytes.length - 1, bytes.length + 1, dataStart + 65664}) {
      RawFile.write(file, Arrays.copyOf(bytes, length));
      assertRefused("length " + length);
    }
  }

  @Test
  void theUndamagedFileOpens() {
    RawFile.write(file, WHOLE, 24);
    try (SafetensorsFile opened = SafetensorsFile.open(file)) {
      assertThat(opened.names()).containsExactly("empty", "encoder.bias", "encoder.weight");
    }
  }

  @Test
  void everyFlippedBitOfTheHeaderOpensOrIsRefused() throws IOException {
    byte[] bytes = Files.readAllBytes(RawFile.write(file, WHOLE, 24));
    for (int bit = 0; bit < 8 * bytes.length; bit++) {
      byte[] flipped = bytes.clone();
      flipped[bit / 8] ^= (byte) (1 << (bit % 8));
      RawFile.write(file, flipped);
      opensOrIsRefused("bit " + bit);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void randomDamageOpensOrIsRefused(long seed) throws IOException {
    Random random = new Random(seed);
    byte[] bytes = Files.readAllBytes(RawFile.write(file, WHOLE, 24));
    String alphabet = "{}[]\",:0123456789-.eE \\u\0\u007f";
    for (int round = 0; round < 1_500; round++) {
      byte[] damaged = bytes.clone();
      for (int i = random.nextInt(1, 6); i > 0; i--) {
        int at = random.nextInt(WHOLE.length()) + (random.nextInt(20) == 0 ? 0 : 8);
        damaged[at] =
            random.nextBoolean()
                ? (byte) alphabet.charAt(random.nextInt(alphabet.length()))
                : (byte) random.nextInt(256);
      }
      RawFile.write(file, damaged);
      opensOrIsRefused("seed " + seed + ", round " + round);
    }
  }

  private void assertRefused(String what) {
    assertThatThrownBy(() -> SafetensorsFile.open(file).close())
        .as(what)
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(" at byte ");
  }

  /** Opens, and then all of it can be touched; or says which file is wrong. */
  private void opensOrIsRefused(String what) {
    try (SafetensorsFile opened = SafetensorsFile.open(file)) {
      opened
          .names()
          .forEach(name -> assertThat(opened.view(name).mismatch(opened.view(name))).isEqualTo(-1));
    } catch (FileFormatException e) {
      assertThat(e).as(what).hasMessageContaining(file.toString());
      assertThat(e.path()).isEqualTo(file);
    } catch (RuntimeException | Error e) {
      throw new AssertionError(what, e);
    }
  }

  private long allocatedByRefusing() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    assertRefused("before measuring, so that classes are loaded");
    long before = threads.getCurrentThreadAllocatedBytes();
    try (SafetensorsFile opened = SafetensorsFile.open(file)) {
      throw new AssertionError("expected a refusal, got " + opened.names());
    } catch (FileFormatException e) {
      return threads.getCurrentThreadAllocatedBytes() - before;
    }
  }
}
