package dev.loupe.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Turns text into the ids of a model and back, exactly as Hugging Face's tokenizers do (it is the
 * same native library). No truncation, no padding, and no special tokens but those that the text
 * spells out. Opens no socket. Owns native memory: close it. Safe for use by several threads, as
 * long as none closes it meanwhile.
 */
public final class Tokenizer implements AutoCloseable {
  static {
    keepOffline();
  }

  private static final Map<String, String> AS_IS =
      Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false");

  private final Path file;
  private final HuggingFaceTokenizer tokenizer;
  private final String[] pieces;
  private final SpecialTokens special;
  private volatile boolean closed;

  private Tokenizer(
      Path file, HuggingFaceTokenizer tokenizer, Vocabulary vocabulary, SpecialTokens special) {
    this.file = file;
    this.tokenizer = tokenizer;
    this.pieces = vocabulary.pieces();
    this.special = special;
  }

  /**
   * Keeps DJL, whose natives this uses, from reporting its use to a server and from looking for
   * GPUs and newer natives. For others that use it, before they do.
   */
  public static void keepOffline() {
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("OPT_OUT_TRACKING", "true");
    System.setProperty("RUST_FLAVOR", "cpu");
  }

  /**
   * Loads tokenizer.json of a model directory, and its special tokens (see {@link SpecialTokens}).
   * The caller closes the result. CorpusException where the file is missing or invalid.
   */
  public static Tokenizer load(Path modelDirectory) {
    Path file = modelDirectory.resolve("tokenizer.json");
    if (!Files.isRegularFile(file)) {
      throw new CorpusException(
          "expected tokenizer.json, got no such file in %s; is it a model directory in the Hugging"
                  .formatted(modelDirectory)
              + " Face layout?");
    }
    try {
      byte[] json = Files.readAllBytes(file);
      Vocabulary vocabulary = Vocabulary.parse(json, file);
      SpecialTokens special = SpecialTokens.read(modelDirectory, vocabulary);
      return new Tokenizer(file, open(json, file), vocabulary, special);
    } catch (IOException e) {
      throw new CorpusException("cannot read %s: %s".formatted(file, e), e);
    }
  }

  /** The tokens of one text. A surrogate without its pair counts as the replacement character. */
  public Encoding encode(String text) {
    return toEncoding(open().encode(wellFormed(text), false, false));
  }

  /** The tokens of each text, computed in parallel. */
  public List<Encoding> encode(List<String> texts) {
    if (texts.isEmpty()) {
      return List.of();
    }
    String[] inputs = texts.stream().map(Tokenizer::wellFormed).toArray(String[]::new);
    return Arrays.stream(open().batchEncode(inputs, false, false))
        .map(Tokenizer::toEncoding)
        .toList();
  }

  /**
   * The text of the ids, special tokens included. Bytes that are no full character become U+FFFD.
   */
  public String decode(int... ids) {
    Arrays.stream(ids).forEach(this::check);
    return open().decode(Arrays.stream(ids).asLongStream().toArray(), false);
  }

  /** The text of one token, for instance " the"; U+FFFD for bytes that are no full character. */
  public String piece(int id) {
    check(id);
    return pieces[id].isEmpty() ? decode(id) : pieces[id];
  }

  /** Number of ids: the largest + 1. */
  public int size() {
    return pieces.length;
  }

  /** The begin and end ids of the model. */
  public SpecialTokens special() {
    return special;
  }

  @Override
  public void close() {
    closed = true;
    tokenizer.close();
  }

  private static HuggingFaceTokenizer open(byte[] json, Path file) throws IOException {
    try {
      return HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json), AS_IS);
    } catch (RuntimeException e) { // what the native library throws for any fault
      throw new CorpusException(
          "expected a Hugging Face tokenizer.json, got %s in %s".formatted(e.getMessage(), file),
          e);
    }
  }

  private HuggingFaceTokenizer open() {
    if (closed) {
      throw new IllegalStateException("the tokenizer of " + file + " is closed");
    }
    return tokenizer;
  }

  private void check(int id) {
    if (id < 0 || id >= pieces.length) {
      throw new IllegalArgumentException(
          "expected an id from 0 to %d, got %d; tokenizer %s"
              .formatted(pieces.length - 1, id, file));
    }
  }

  private static Encoding toEncoding(ai.djl.huggingface.tokenizers.Encoding encoding) {
    int[] ids = Arrays.stream(encoding.getIds()).mapToInt(Math::toIntExact).toArray();
    CharSpan[] spans = encoding.getCharTokenSpans(); // in code points, as the native library counts
    int[] starts = new int[ids.length];
    int[] ends = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      starts[i] = spans[i].getStart();
      ends[i] = spans[i].getEnd();
    }
    return new Encoding(ids, starts, ends);
  }

  /**
   * The native side turns a lone surrogate into three characters, which would shift all offsets.
   */
  private static String wellFormed(String text) {
    if (text.chars().noneMatch(c -> Character.isSurrogate((char) c))) {
      return text;
    }
    int[] codePoints =
        text.codePoints().map(c -> c >= 0xD800 && c <= 0xDFFF ? 0xFFFD : c).toArray();
    return new String(codePoints, 0, codePoints.length);
  }
}
