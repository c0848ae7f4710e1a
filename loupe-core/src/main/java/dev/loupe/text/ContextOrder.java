package dev.loupe.text;

import java.util.Arrays;

/** In which order contexts are used: epoch after epoch, each in an order of its own. */
final class ContextOrder {
  private ContextOrder() {}

  /** Indices of contexts, up to and including the one that reaches the wanted counted tokens. */
  static int[] of(Contexts contexts, DrawnDocuments drawn, TokenRequest request) {
    int[] order = new int[0];
    long left = request.tokens();
    for (int epoch = 0; epoch < request.epochs() && left > 0; epoch++) {
      int[] next = epoch(contexts, drawn, request.seed(), epoch);
      int used = 0;
      while (used < next.length && left > 0) {
        left -= contexts.counted(next[used++]);
      }
      int before = order.length;
      order = Arrays.copyOf(order, Math.addExact(before, used));
      System.arraycopy(next, 0, order, before, used);
    }
    return order;
  }

  private static int[] epoch(Contexts contexts, DrawnDocuments drawn, long seed, int epoch) {
    return HashOrder.sorted(
        contexts.size(),
        i -> {
          DocumentReference document = drawn.reference(contexts.document(i));
          return HashOrder.key(
              seed,
              'c',
              epoch,
              document.source(),
              document.file(),
              document.row(),
              contexts.start(i));
        });
  }
}
