package dev.loupe.geometry;

import dev.loupe.activation.Activations;
import dev.loupe.activation.CorpusContexts;
import dev.loupe.activation.OrderedPass;
import dev.loupe.dictionary.Codes;
import dev.loupe.dictionary.Dictionary;
import dev.loupe.kernel.CodeRows;
import dev.loupe.model.Llama;
import dev.loupe.text.Progress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * The codes of two dictionaries of one site on the same counted tokens.
 *
 * @param contexts the context of each token, ascending // [tokens]
 * @param ids of each token // [tokens]
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier of columns; never compared
record PairCodes(FiringLists narrow, FiringLists wide, int[] contexts, int[] ids) {
  /** Tokens that are encoded at a time. */
  private static final int PART = 4_096;

  /** Bytes of an activation: twice while lists are made, once more by token. */
  private static final long ACTIVATION_BYTES = 20;

  /**
   * One pass of the model over the corpus.
   *
   * @param stop asked before each part; once true, CancellationException
   */
  static PairCodes read(
      Llama model,
      CorpusContexts contexts,
      Dictionary narrow,
      Dictionary wide,
      Progress progress,
      BooleanSupplier stop) {
    OrderedPass pass = new OrderedPass(model, contexts, Set.of(narrow.contract().hookIn()), false);
    Collected collected = new Collected();
    long total = contexts.countedTokens(0, contexts.size());
    int to;
    for (int from = 0; from < contexts.size(); from = to) {
      progress.report("encoding (tokens)", collected.tokens, total);
      if (stop.getAsBoolean()) {
        throw new CancellationException("splitting was stopped; nothing was written");
      }
      to = contexts.reach(from, PART);
      try (Activations found = pass.read(from, to)) {
        collected.add(found, rows(narrow, found), rows(wide, found));
      }
    }
    progress.report("encoding (tokens)", total, total);
    return collected.codes(narrow, wide);
  }

  private static CodeRows rows(Dictionary dictionary, Activations found) {
    try (Codes codes = dictionary.encode(found.at(dictionary.contract().hookIn()))) {
      return codes.rows();
    }
  }

  /** Refuses more tokens than the heap has room for. */
  static void checkMemory(long tokens, int l0) {
    long bytes = 2 * tokens * l0 * ACTIVATION_BYTES;
    long room = Runtime.getRuntime().maxMemory() * 3 / 4;
    if (bytes > room) {
      throw new IllegalArgumentException(
          "expected at most %,d tokens for a heap of %,d MB, got %,d; take fewer --tokens or set"
                  .formatted(
                      room / (2L * l0 * ACTIVATION_BYTES),
                      Runtime.getRuntime().maxMemory() >> 20,
                      tokens)
              + " LOUPE_JAVA_OPTS=-Xmx...");
    }
  }

  /** What has been read so far. */
  private static final class Collected {
    private final List<CodeRows> narrow = new ArrayList<>();
    private final List<CodeRows> wide = new ArrayList<>();
    private final List<int[]> contexts = new ArrayList<>();
    private final List<int[]> ids = new ArrayList<>();
    private long tokens;

    void add(Activations found, CodeRows ofNarrow, CodeRows ofWide) {
      narrow.add(ofNarrow);
      wide.add(ofWide);
      contexts.add(found.contexts());
      ids.add(found.ids());
      tokens += found.tokens();
    }

    PairCodes codes(Dictionary ofNarrow, Dictionary ofWide) {
      return new PairCodes(
          FiringLists.of(narrow, Math.toIntExact(ofNarrow.features())),
          FiringLists.of(wide, Math.toIntExact(ofWide.features())),
          contexts.stream().flatMapToInt(Arrays::stream).toArray(),
          ids.stream().flatMapToInt(Arrays::stream).toArray());
    }
  }
}
