package dev.loupe.analyze;

import dev.loupe.tensor.SeededRandom;
import dev.loupe.text.DocumentReference;
import dev.loupe.text.TokenBatch;
import dev.loupe.text.TokenCorpus;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * The counted tokens of a corpus in the order of its batches, in columns: 16 bytes a token. Those
 * of one context follow one another.
 *
 * @param ids // [tokens]
 * @param contexts // [tokens]
 * @param positions in the context // [tokens]
 * @param documents numbers of different documents, from 0 // [tokens]
 * @param inHalfB documents on which predictions are judged; the others are half A
 * @param batches batch of each context // [contexts]
 * @param starts where in its document each context starts // [contexts]
 */
@SuppressWarnings("ArrayRecordComponent") // a plain carrier of columns; never compared
record ScannedTokens(
    int[] ids,
    int[] contexts,
    int[] positions,
    int[] documents,
    BitSet inHalfB,
    int[] batches,
    int[] starts) {

  static ScannedTokens read(TokenCorpus corpus) {
    int n = count(corpus);
    ScannedTokens tokens =
        new ScannedTokens(
            new int[n],
            new int[n],
            new int[n],
            new int[n],
            new BitSet(),
            new int[corpus.contexts()],
            new int[corpus.contexts()]);
    Map<DocumentReference, Integer> numbers = new HashMap<>();
    int token = 0;
    for (int b = 0; b < corpus.batches(); b++) {
      TokenBatch batch = corpus.batch(b);
      for (int row = 0; row < batch.documents(); row++) {
        int context = batch.contexts()[row];
        tokens.batches[context] = b;
        tokens.starts[context] = corpus.start(context);
        int document = tokens.number(corpus.document(context), numbers);
        token = tokens.fill(token, batch, row, document);
      }
    }
    return tokens;
  }

  /** Half of the documents, the same whenever and in whatever order they are met. */
  static boolean isInHalfB(DocumentReference document) {
    String file = "half of a document in " + document.source() + "/" + document.file();
    return new SeededRandom(0, file).bits(document.row()) < 0;
  }

  int size() {
    return ids.length;
  }

  boolean isInHalfB(int token) {
    return inHalfB.get(documents[token]);
  }

  /** Number of different documents. */
  int documentCount() {
    return Arrays.stream(documents).max().orElse(-1) + 1;
  }

  /** The text that a token's context is from: the same for each epoch of the context. */
  long passage(int token) {
    return (long) documents[token] << 32 | starts[contexts[token]];
  }

  private static int count(TokenCorpus corpus) {
    long counted = corpus.countedTokens();
    if (counted > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "expected at most %d tokens to scan, got %d".formatted(Integer.MAX_VALUE - 8, counted));
    }
    return (int) counted;
  }

  private int number(DocumentReference document, Map<DocumentReference, Integer> numbers) {
    Integer known = numbers.get(document);
    if (known != null) {
      return known;
    }
    int number = numbers.size();
    numbers.put(document, number);
    inHalfB.set(number, isInHalfB(document));
    return number;
  }

  private int fill(int from, TokenBatch batch, int row, int document) {
    int token = from;
    for (int position = 0; position < batch.lengths()[row]; position++) {
      int place = row * batch.positions() + position;
      if (batch.counted()[place]) {
        ids[token] = batch.ids()[place];
        contexts[token] = batch.contexts()[row];
        positions[token] = position;
        documents[token++] = document;
      }
    }
    return token;
  }
}
