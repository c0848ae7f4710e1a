package dev.loupe.analyze;

import dev.loupe.text.BundledFiles;
import dev.loupe.text.CorpusSpec;
import dev.loupe.text.LongDocuments;
import dev.loupe.text.Progress;
import dev.loupe.text.Split;
import dev.loupe.text.TokenBatch;
import dev.loupe.text.TokenCorpus;
import dev.loupe.text.TokenRequest;
import dev.loupe.text.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Small corpora and hand-made activations. */
final class TestScans {
  private TestScans() {}

  /** The feature activations of a token, by hand. */
  interface Rule {
    float[] activations(TokenBatch batch, int row, int position);
  }

  static Tokenizer demoTokenizer() {
    return Tokenizer.load(BundledFiles.model("demo").orElseThrow());
  }

  /** All contexts of at most 16 ids of these texts, none of which needs escapes in JSON. */
  static TokenCorpus corpus(Path folder, Tokenizer tokenizer, List<String> texts, int epochs) {
    try {
      Path file = folder.resolve("texts.jsonl");
      Files.write(file, texts.stream().map("{\"text\": \"%s\"}"::formatted).toList());
      long tokens = texts.stream().mapToLong(text -> tokenizer.encode(text).length()).sum();
      TokenRequest request =
          new TokenRequest(
              Split.ALL, tokens * epochs, epochs, 16, LongDocuments.SPLIT, 1, 128, false);
      return TokenCorpus.open(CorpusSpec.parse(file.toString()), tokenizer, request, Progress.NONE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static FeatureScan scan(TokenCorpus corpus, int features, Rule rule) {
    return FeatureScan.scan(
        corpus, features, batch -> rows(batch, rule), "scanning", Progress.NONE);
  }

  /** Dense rows [tokens, features] as sparse ones. */
  static SparseRows rows(float[][] dense) {
    int[] offsets = new int[dense.length + 1];
    int[] features = new int[dense.length == 0 ? 0 : dense.length * dense[0].length];
    float[] values = new float[features.length];
    int active = 0;
    for (int t = 0; t < dense.length; t++) {
      for (int f = 0; f < dense[t].length; f++) {
        if (dense[t][f] > 0) {
          features[active] = f;
          values[active++] = dense[t][f];
        }
      }
      offsets[t + 1] = active;
    }
    return new SparseRows(offsets, Arrays.copyOf(features, active), Arrays.copyOf(values, active));
  }

  private static SparseRows rows(TokenBatch batch, Rule rule) {
    float[][] dense = new float[batch.countedTokens()][];
    int token = 0;
    for (int place = 0; place < batch.ids().length; place++) {
      if (batch.counted()[place]) {
        int row = place / batch.positions();
        dense[token++] = rule.activations(batch, row, place % batch.positions());
      }
    }
    return rows(dense);
  }
}
