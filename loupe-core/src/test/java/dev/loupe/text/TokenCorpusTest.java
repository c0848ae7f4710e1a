package dev.loupe.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class TokenCorpusTest {
  private static Tokenizer tokenizer;

  @TempDir private Path folder;

  @BeforeAll
  static void open() {
    tokenizer = TestCorpora.demoTokenizer();
  }

  @AfterAll
  static void close() {
    tokenizer.close();
  }

  @Test
  void everyContextOnceAnEpochEachInItsOwnOrder() {
    List<String> texts = TestCorpora.documents(5, 300, 200);
    CorpusSpec corpus = TestCorpora.corpus(folder.resolve("a.jsonl"), texts);
    long all = countedTokens(texts);
    TokenRequest request =
        new TokenRequest(Split.ALL, 3 * all, 3, 64, LongDocuments.SPLIT, 1, 2048, false);
    try (TokenCorpus tokens = open(corpus, request)) {
      assertThat(tokens.countedTokens()).isEqualTo(3 * all);
      int epoch = tokens.contexts() / 3;
      List<List<String>> orders = new ArrayList<>();
      for (int e = 0; e < 3; e++) {
        List<String> order = new ArrayList<>();
        for (int c = e * epoch; c < (e + 1) * epoch; c++) {
          order.add(tokens.document(c).row() + " " + tokens.start(c));
        }
        assertThat(order).doesNotHaveDuplicates();
        orders.add(order);
      }
      assertThat(orders.get(1)).containsExactlyInAnyOrderElementsOf(orders.get(0));
      assertThat(orders.get(1)).isNotEqualTo(orders.get(0)).isNotEqualTo(orders.get(2));
    }
  }

  @ParameterizedTest
  @EnumSource(LongDocuments.class)
  void contextsAreTheDocumentsTokens(LongDocuments longDocuments) {
    List<String> texts = TestCorpora.documents(6, 200, 150);
    CorpusSpec corpus = TestCorpora.corpus(folder.resolve("a.jsonl"), texts);
    TokenRequest request = new TokenRequest(Split.ALL, 3000, 1, 32, longDocuments, 1, 256, false);
    try (TokenCorpus tokens = open(corpus, request)) {
      Set<Integer> seen = new HashSet<>();
      for (int b = 0; b < tokens.batches(); b++) {
        TokenBatch batch = tokens.batch(b);
        assertThat(batch.ids().length).isLessThanOrEqualTo(256);
        assertThat(tokens.countedTokens(b)).isEqualTo(batch.countedTokens());
        for (int d = 0; d < batch.documents(); d++) {
          int context = batch.contexts()[d];
          assertThat(seen.add(context)).isTrue();
          assertContext(tokens, context, row(batch, d), texts, longDocuments);
        }
      }
      assertThat(seen).hasSize(tokens.contexts());
    }
  }

  private static void assertContext(
      TokenCorpus tokens, int context, int[] row, List<String> texts, LongDocuments longDocuments) {
    int start = tokens.start(context);
    int[] whole = tokenizer.encode(texts.get((int) tokens.document(context).row())).ids();
    int[] expected = Arrays.copyOfRange(whole, start, Math.min(whole.length, start + 31));
    assertThat(row[0]).isEqualTo(tokenizer.special().documentStart());
    assertThat(Arrays.copyOfRange(row, 1, row.length)).isEqualTo(expected);
    switch (longDocuments) {
      case TRUNCATE -> assertThat(start).isZero();
      case SPLIT -> assertThat(start % 31).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({"TRUNCATE, 100000", "SPLIT, 600000"}) // truncated chapters are few
  void littleOfTheDemoCorpusIsPadding(LongDocuments longDocuments, long wanted) {
    TokenRequest request =
        new TokenRequest(Split.TRAIN, wanted, 1, 256, longDocuments, 0, 8192, false);
    try (TokenCorpus tokens = open(CorpusSpec.parse("demo"), request)) {
      TokenCounts counts = tokens.counts();
      long used = counts.countedTokens() + counts.excludedFirst() + counts.excludedSpecial();
      assertThat((double) counts.padded() / (used + counts.padded())).isLessThan(0.1);
    }
  }

  @Test
  void drawnDocumentsAreTheFirstOfTheHashOrderWhateverTheEstimate() {
    // few words a character and many: the estimate is far off in both directions
    List<String> texts = new ArrayList<>(TestCorpora.documents(7, 400, 30));
    texts.replaceAll(text -> text.length() % 2 == 0 ? text : "7 ! ? 8 \u4E2D\u6587 ".repeat(20));
    CorpusSpec corpus = TestCorpora.corpus(folder.resolve("a.jsonl"), texts);
    for (long wanted : new long[] {1, 10, 500, 5000, 20000}) {
      try (TokenStore store = TokenStore.create()) {
        TokenRequest request =
            new TokenRequest(Split.ALL, wanted, 1, 4096, LongDocuments.TRUNCATE, 1, 8192, false);
        CorpusDraw draw = new CorpusDraw(corpus, tokenizer, request);
        Contexts contexts = draw.draw(store, Progress.NONE);
        List<Long> rows = new ArrayList<>();
        for (int c = 0; c < contexts.size(); c++) {
          rows.add(draw.drawn().reference(contexts.document(c)).row());
        }
        assertThat(rows.stream().distinct().toList()).isEqualTo(expectedRows(texts, wanted, 1));
      }
    }
  }

  @Test
  void splitDocumentsAreDrawnFromWidely() {
    List<String> texts = TestCorpora.documents(9, 40, 4000);
    CorpusSpec corpus = TestCorpora.corpus(folder.resolve("a.jsonl"), texts);
    long longest =
        texts.stream().mapToLong(text -> countedTokens(List.of(text))).max().orElseThrow();
    try (TokenCorpus tokens = open(corpus, TestCorpora.request(longest))) {
      long documents =
          IntStream.range(0, tokens.contexts()).mapToObj(tokens::document).distinct().count();
      assertThat(documents).isGreaterThanOrEqualTo(4);
      assertThat(tokens.countedTokens()).isBetween(longest, longest + 64);
    }
  }

  private static List<Long> expectedRows(List<String> texts, long wanted, long seed) {
    int[] order =
        HashOrder.sorted(texts.size(), i -> SourceDraw.key(seed, new DocumentReference(0, 0, i)));
    List<Long> rows = new ArrayList<>();
    long left = wanted;
    for (int i = 0; i < order.length && left > 0; i++) {
      rows.add((long) order[i]);
      left -= countedTokens(List.of(texts.get(order[i])));
    }
    return rows;
  }

  @Test
  void sameSeedSameIdsOtherSeedOtherOrder() {
    CorpusSpec corpus =
        TestCorpora.corpus(folder.resolve("a.jsonl"), TestCorpora.documents(8, 500, 50));
    TokenRequest request = TestCorpora.request(4000);
    TokenRequest other =
        new TokenRequest(Split.ALL, 4000, 1, 64, LongDocuments.SPLIT, 2, 2048, false);
    try (TokenCorpus a = open(corpus, request);
        TokenCorpus b = open(corpus, request);
        TokenCorpus c = open(corpus, other)) {
      assertThat(ids(a)).isEqualTo(ids(b)).isNotEqualTo(ids(c));
      assertThat(a.fingerprint()).isEqualTo(b.fingerprint()).isNotEqualTo(c.fingerprint());
      assertThat(a.fingerprint()).hasSize(64);
    }
  }

  @Test
  void endAndBeginIdsInTheTextDoNotCount() {
    CorpusSpec corpus =
        TestCorpora.corpus(
            folder.resolve("a.jsonl"),
            List.of("one<|end_of_text|>two", "<|begin_of_text|>", "<|end_of_text|>", ""));
    int words = tokenizer.encode("one").length() + tokenizer.encode("two").length();
    try (TokenCorpus tokens = open(corpus, TestCorpora.request(words))) {
      assertThat(tokens.counts()).isEqualTo(new TokenCounts(1, words, 1, 1, 0, 0, 1));
      TokenBatch batch = tokens.batch(0);
      assertThat(batch.positions()).isEqualTo(words + 2);
      assertThat(batch.countedTokens()).isEqualTo(words);
    }
  }

  @Test
  void mixtureIsByTokensAndEvenAllAlong() {
    CorpusSpec demo = CorpusSpec.parse("demo");
    TokenRequest request =
        new TokenRequest(Split.TRAIN, 300_000, 1, 256, LongDocuments.SPLIT, 1, 4096, false);
    try (TokenCorpus tokens = open(demo, request)) {
      assertThat(tokens.countedTokens()).isBetween(300_000L, 300_255L);
      assertThat(share(tokens, 0, tokens.contexts())).isBetween(0.693, 0.707);
      for (int quarter = 0; quarter < 4; quarter++) {
        int from = tokens.contexts() / 4 * quarter;
        assertThat(share(tokens, from, from + tokens.contexts() / 4)).isBetween(0.62, 0.78);
      }
      TokenCounts counts = tokens.counts();
      long ids = counts.countedTokens() + counts.excludedFirst() + counts.excludedSpecial();
      assertThat(counts.padded()).isLessThan(ids / 10);
    }
  }

  /** Share of source 0 in the counted tokens of some contexts. */
  private static double share(TokenCorpus tokens, int from, int to) {
    Map<Integer, Integer> counted = new HashMap<>();
    for (int b = 0; b < tokens.batches(); b++) {
      TokenBatch batch = tokens.batch(b);
      for (int d = 0; d < batch.documents(); d++) {
        counted.put(batch.contexts()[d], batch.lengths()[d] - 1);
      }
    }
    long[] sums = new long[2];
    for (int c = from; c < to; c++) {
      sums[tokens.document(c).source()] += counted.getOrDefault(c, 0);
    }
    return (double) sums[0] / (sums[0] + sums[1]);
  }

  @Test
  void splitsAreDisjoint() {
    List<String> texts = TestCorpora.documents(9, 2000, 10);
    CorpusSpec corpus = TestCorpora.corpus(folder.resolve("a.jsonl"), texts);
    Set<Long> train;
    Set<Long> heldOut;
    try (TokenCorpus tokens = open(corpus, split(Split.TRAIN, 10_000))) {
      train = rows(tokens);
    }
    try (TokenCorpus tokens = open(corpus, split(Split.HELD_OUT, 500))) {
      heldOut = rows(tokens);
    }
    assertThat(train).hasSizeGreaterThan(500).doesNotContainAnyElementsOf(heldOut);
    assertThat(heldOut).hasSizeGreaterThan(20);
  }

  private static TokenRequest split(Split split, long tokens) {
    return new TokenRequest(split, tokens, 1, 64, LongDocuments.SPLIT, 1, 2048, false);
  }

  @Test
  void runningOutSaysHowMuchThereIs() {
    List<String> texts = TestCorpora.documents(10, 50, 20);
    CorpusSpec corpus = TestCorpora.corpus(folder.resolve("a.jsonl"), texts);
    long all = countedTokens(texts);
    TokenRequest request =
        new TokenRequest(Split.ALL, 5 * all, 2, 64, LongDocuments.SPLIT, 1, 2048, false);
    assertThatThrownBy(() -> open(corpus, request))
        .isInstanceOf(CorpusException.class)
        .hasMessageContaining("expected %,d counted tokens, got %,d".formatted(5 * all, 2 * all))
        .hasMessageContaining("the all split of a.jsonl in 2 epoch(s) of %,d".formatted(all))
        .hasMessageEndingWith("lower --tokens by %,d or raise --epochs to 5".formatted(3 * all));
  }

  @Test
  void runningOutOfTruncatedDocumentsSaysWhatWasCutOff() {
    List<String> texts = TestCorpora.documents(10, 50, 200);
    CorpusSpec corpus = TestCorpora.corpus(folder.resolve("a.jsonl"), texts);
    long all = countedTokens(texts);
    long kept = texts.stream().mapToLong(text -> Math.min(63, countedTokens(List.of(text)))).sum();
    TokenRequest request =
        new TokenRequest(Split.ALL, all, 1, 64, LongDocuments.TRUNCATE, 1, 2048, false);
    assertThatThrownBy(() -> open(corpus, request))
        .isInstanceOf(CorpusException.class)
        .hasMessageContaining("--long-documents truncate cut %,d off".formatted(all - kept));
    TokenRequest lower =
        new TokenRequest(Split.ALL, kept, 1, 64, LongDocuments.TRUNCATE, 1, 2048, false);
    try (TokenCorpus tokens = open(corpus, lower)) {
      assertThat(tokens.countedTokens()).isEqualTo(kept);
    }
  }

  @ParameterizedTest
  @CsvSource({"''", "<|end_of_text|>"})
  void corpusWithoutTextIsNamed(String text) {
    CorpusSpec corpus = TestCorpora.corpus(folder.resolve("a.jsonl"), List.of(text));
    assertThatThrownBy(() -> open(corpus, TestCorpora.request(10)))
        .isInstanceOf(CorpusException.class)
        .hasMessageContaining("no counted token in the all split of a.jsonl");
  }

  @Test
  void badLinesAreCountedOnce() {
    List<String> lines = new ArrayList<>(List.of("bad", "{}"));
    TestCorpora.documents(11, 50, 20).forEach(text -> lines.add(TestCorpora.json(text)));
    Path file = TestCorpora.write(folder.resolve("a.jsonl"), lines);
    CorpusSpec corpus = CorpusSpec.parse(file.toString());
    assertThatThrownBy(() -> open(corpus, TestCorpora.request(100)))
        .hasMessageContaining(file + ":1");
    TokenRequest skipping =
        new TokenRequest(Split.ALL, 100, 1, 64, LongDocuments.SPLIT, 1, 2048, true);
    try (TokenCorpus tokens = open(corpus, skipping)) {
      assertThat(tokens.counts().badLines()).isEqualTo(2);
    }
  }

  @Test
  void useAfterCloseFails() {
    CorpusSpec corpus =
        TestCorpora.corpus(folder.resolve("a.jsonl"), TestCorpora.documents(12, 5, 20));
    TokenCorpus tokens = open(corpus, TestCorpora.request(10));
    tokens.close();
    tokens.close();
    assertThatThrownBy(() -> tokens.batch(0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  private static TokenCorpus open(CorpusSpec corpus, TokenRequest request) {
    return TokenCorpus.open(corpus, tokenizer, request, Progress.NONE);
  }

  private static long countedTokens(List<String> texts) {
    return tokenizer.encode(texts).stream()
        .flatMapToInt(encoding -> Arrays.stream(encoding.ids()))
        .filter(id -> !tokenizer.special().contains(id))
        .count();
  }

  private static Set<Long> rows(TokenCorpus tokens) {
    Set<Long> rows = new HashSet<>();
    for (int c = 0; c < tokens.contexts(); c++) {
      rows.add(tokens.document(c).row());
    }
    return rows;
  }

  private static int[] row(TokenBatch batch, int document) {
    int offset = document * batch.positions();
    return Arrays.copyOfRange(batch.ids(), offset, offset + batch.lengths()[document]);
  }

  private static List<List<Integer>> ids(TokenCorpus tokens) {
    List<List<Integer>> ids = new ArrayList<>();
    for (int b = 0; b < tokens.batches(); b++) {
      ids.add(Arrays.stream(tokens.batch(b).ids()).boxed().toList());
    }
    return ids;
  }
}
