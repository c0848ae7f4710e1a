package dev.loupe.analyze;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loupe.model.ModelFolder;
import dev.loupe.text.CorpusSpec;
import dev.loupe.text.LongDocuments;
import dev.loupe.text.Progress;
import dev.loupe.text.Split;
import dev.loupe.text.TokenCorpus;
import dev.loupe.text.TokenRequest;
import dev.loupe.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NearDuplicatesTest {
  private static final int PEAK = 10;

  @TempDir private Path folder;

  /**
   * Contexts of twenty tokens: the first twice, then with so many of the 16 around the peak other.
   */
  @Test
  void foldsTheSameTextAndTextWithUpToAFifthDifferent() throws IOException {
    String base = " the of and to in he was that his it with as for had at by on her not be";
    List<String> texts =
        List.of(
            base,
            base,
            base.replace(" the of", " so of"), // farther than eight tokens away
            base.replace(" and to in", " so up if"), // 13 of 16 the same
            base.replace(" and to in he", " so up if me"), // 12 of 16
            base.replace(" it", " so"), // another token at the peak
            " the of and to in he was that his it"); // ends at the peak: 8 of 16
    StringBuilder lines = new StringBuilder();
    texts.forEach(text -> lines.append("{\"text\": \"%s\"}%n".formatted(text.strip())));
    Path file = Files.writeString(folder.resolve("texts.jsonl"), lines);
    try (Tokenizer tokenizer = Tokenizer.load(ModelFolder.resolve("demo").directory());
        TokenCorpus corpus =
            TokenCorpus.open(
                CorpusSpec.parse(file.toString()),
                tokenizer,
                new TokenRequest(Split.ALL, 130, 1, 64, LongDocuments.TRUNCATE, 0, 64, false),
                Progress.NONE)) {
      Pool.Entry[] entries =
          IntStream.range(0, texts.size())
              .mapToObj(row -> new Pool.Entry(row, Place.of(context(corpus, row), PEAK), 9 - row))
              .toArray(Pool.Entry[]::new);
      assertThat(corpus.length(context(corpus, 0))).as("one token a word").isEqualTo(21);
      List<NearDuplicates.Kept> kept = new NearDuplicates(corpus).fold(entries, 20);
      assertThat(kept)
          .containsExactly(
              new NearDuplicates.Kept(entries[0].place(), 9, 3),
              new NearDuplicates.Kept(entries[4].place(), 5, 0),
              new NearDuplicates.Kept(entries[5].place(), 4, 0),
              new NearDuplicates.Kept(entries[6].place(), 3, 0));
      assertThat(new NearDuplicates(corpus).fold(entries, 2)).isEqualTo(kept.subList(0, 2));
    }
  }

  private static int context(TokenCorpus corpus, int row) {
    return IntStream.range(0, corpus.contexts())
        .filter(context -> corpus.document(context).row() == row)
        .findFirst()
        .orElseThrow();
  }
}
