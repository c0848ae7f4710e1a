package dev.loupe.evaluate;

import dev.loupe.activation.CorpusContexts;
import dev.loupe.text.TokenBatch;
import java.util.Arrays;

/**
 * The positions of a batch that some loss is averaged over.
 *
 * @param places in the batch read row by row
 * @param targets the next ids; 0 where the next position does not count
 * @param input which positions count themselves
 * @param target of which positions the next one counts
 * @param documents the number of each position's document
 */
@SuppressWarnings("ArrayRecordComponent") // a plain carrier of columns; never compared
record LossRows(long[] places, long[] targets, boolean[] input, boolean[] target, int[] documents) {

  static LossRows of(TokenBatch batch, CorpusContexts contexts) {
    int n = 0;
    int size = batch.ids().length;
    long[] places = new long[size];
    for (int place = 0; place < size; place++) {
      if (batch.counted()[place] || targetCounts(batch, place)) {
        places[n++] = place;
      }
    }
    LossRows rows =
        new LossRows(
            Arrays.copyOf(places, n), new long[n], new boolean[n], new boolean[n], new int[n]);
    for (int i = 0; i < n; i++) {
      rows.fill(i, batch, contexts);
    }
    return rows;
  }

  private void fill(int i, TokenBatch batch, CorpusContexts contexts) {
    int place = (int) places[i];
    input[i] = batch.counted()[place];
    target[i] = targetCounts(batch, place);
    targets[i] = target[i] ? batch.ids()[place + 1] : 0;
    documents[i] = contexts.document(batch.contexts()[place / batch.positions()]);
  }

  private static boolean targetCounts(TokenBatch batch, int place) {
    return place % batch.positions() + 1 < batch.positions() && batch.counted()[place + 1];
  }

  int size() {
    return places.length;
  }
}
