package dev.loupe.text;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * How much text there is. Counts of parts add up to those of the whole, exactly.
 *
 * @param documents that can be read
 * @param heldOutDocuments of them, those that {@link Split} holds out
 * @param characters code points of all
 * @param tokens ids of all, without those that a model begins or ends a text with
 * @param heldOutTokens of them, those of held-out documents
 * @param longest tokens of the longest document
 * @param badLines that are none
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record CorpusCount(
    long documents,
    long heldOutDocuments,
    long characters,
    long tokens,
    long heldOutTokens,
    long longest,
    long badLines)
    implements Serializable {
  public static final CorpusCount NOTHING = new CorpusCount(0, 0, 0, 0, 0, 0, 0);

  /** Characters of documents that are tokenized at once. */
  private static final int BATCH_CHARACTERS = 1 << 20;

  /** Both. */
  public CorpusCount plus(CorpusCount other) {
    return new CorpusCount(
        documents + other.documents,
        heldOutDocuments + other.heldOutDocuments,
        characters + other.characters,
        tokens + other.tokens,
        heldOutTokens + other.heldOutTokens,
        Math.max(longest, other.longest),
        badLines + other.badLines);
  }

  /**
   * Reads files and counts; holds some documents at a time.
   *
   * @param tokenizer borrowed
   * @param skipBadLines whether they are counted instead of refused
   */
  public static CorpusCount of(List<CorpusFile> files, Tokenizer tokenizer, boolean skipBadLines) {
    Counting counting = new Counting(tokenizer);
    DocumentReader reader =
        new DocumentReader(new CorpusSpec(List.of(new Source("", files, 1))), skipBadLines);
    reader.forEach(0, counting::add);
    counting.flush();
    return counting.sum.plus(new CorpusCount(0, 0, 0, 0, 0, 0, reader.badLines()));
  }

  private static final class Counting {
    private final Tokenizer tokenizer;
    private final List<Document> batch = new ArrayList<>();
    private int batchCharacters;
    private CorpusCount sum = NOTHING;

    Counting(Tokenizer tokenizer) {
      this.tokenizer = tokenizer;
    }

    void add(Document document) {
      batch.add(document);
      batchCharacters += document.text().length();
      if (batchCharacters >= BATCH_CHARACTERS) {
        flush();
      }
    }

    void flush() {
      List<Encoding> encodings = tokenizer.encode(batch.stream().map(Document::text).toList());
      for (int i = 0; i < encodings.size(); i++) {
        sum = sum.plus(one(batch.get(i), encodings.get(i).length()));
      }
      batch.clear();
      batchCharacters = 0;
    }

    private static CorpusCount one(Document document, int tokens) {
      boolean heldOut = Split.HELD_OUT.accepts(document);
      return new CorpusCount(
          1,
          heldOut ? 1 : 0,
          document.text().codePointCount(0, document.text().length()),
          tokens,
          heldOut ? tokens : 0,
          tokens,
          0);
    }
  }
}
