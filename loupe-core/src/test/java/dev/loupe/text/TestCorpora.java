package dev.loupe.text;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.luben.zstd.ZstdOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.GZIPOutputStream;

/** Corpora, tokenizers and requests that the tests of this package share. */
final class TestCorpora {
  static final Path SMOLLM2 = Path.of("src/test/resources/smollm2-135m-instruct");
  static final Path SMOLLM2_GOLDEN = Path.of("src/test/resources/golden/smollm2/tokens.json");

  private TestCorpora() {}

  static Tokenizer demoTokenizer() {
    return Tokenizer.load(BundledFiles.model("demo").orElseThrow());
  }

  static TokenRequest request(long tokens) {
    return new TokenRequest(Split.ALL, tokens, 1, 64, LongDocuments.SPLIT, 1, 2048, false);
  }

  static String json(String text) {
    return Json.MAPPER.createObjectNode().put("text", text).toString();
  }

  static String json(String text, String split) {
    ObjectNode row = Json.MAPPER.createObjectNode().put("text", text);
    row.putObject("meta").put("split", split);
    return row.toString();
  }

  /** Writes lines, compressed as the name says. */
  static Path write(Path file, List<String> lines) {
    try (OutputStream out = compress(file, Files.newOutputStream(file))) {
      for (String line : lines) {
        out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
      }
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Seeded documents of 1 to {@code longest} words. */
  static List<String> documents(long seed, int count, int longest) {
    SplittableRandom random = new SplittableRandom(seed);
    String[] words = {
      "river", "the", "of", "stone", "walks", "and", "light", "a", "house", "seven"
    };
    List<String> documents = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      StringBuilder text = new StringBuilder("document " + i);
      int length = 1 + random.nextInt(longest);
      for (int w = 0; w < length; w++) {
        text.append(' ').append(words[random.nextInt(words.length)]);
      }
      documents.add(text.toString());
    }
    return documents;
  }

  static CorpusSpec corpus(Path file, List<String> texts) {
    write(file, texts.stream().map(TestCorpora::json).toList());
    return CorpusSpec.parse(file.toString());
  }

  static List<Document> read(CorpusSpec corpus) {
    List<Document> documents = new ArrayList<>();
    DocumentReader reader = new DocumentReader(corpus, false);
    for (int s = 0; s < corpus.sources().size(); s++) {
      reader.forEach(s, documents::add);
    }
    return documents;
  }

  private static OutputStream compress(Path file, OutputStream out) throws IOException {
    if (file.toString().endsWith(".gz")) {
      return new GZIPOutputStream(out);
    }
    return file.toString().endsWith(".zst") ? new ZstdOutputStream(out) : out;
  }
}
