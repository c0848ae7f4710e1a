package dev.loupe.analyze;

import dev.loupe.activation.CorpusContexts;
import dev.loupe.tensor.SeededRandom;
import dev.loupe.text.DocumentReference;
import dev.loupe.text.TokenCorpus;
import java.util.BitSet;

/**
 * What an analysis knows of its tokens, whatever the dictionary: numbers of windows, halves, counts
 * by id and position. Holds 8 bytes a context, a window and an id; borrows the corpus. Read by
 * several threads once made.
 */
final class AnalysedTokens {
  private final TokenCorpus corpus;
  private final CorpusContexts contexts;
  private final int[] firstWindows; // [contexts + 1]
  private final long[] windowKeys; // [windows]
  private final BitSet inHalfB = new BitSet(); // contexts
  private final int[] countsA; // [ids]
  private final int[] countsB; // [ids]
  private final long[] positionTokens; // by bucket
  private final SeededRandom random;
  private long tokensA;
  private long tokensB;
  private long unseenB;

  /**
   * @param ids number of ids that the tokenizer has
   */
  AnalysedTokens(TokenCorpus corpus, CorpusContexts contexts, int ids, long seed) {
    this.corpus = corpus;
    this.contexts = contexts;
    this.random = new SeededRandom(seed, "windows");
    this.firstWindows = new int[contexts.size() + 1];
    this.countsA = new int[ids];
    this.countsB = new int[ids];
    this.positionTokens = new long[bucket(contexts.longest() - 1) + 1];
    for (int context = 0; context < contexts.size(); context++) {
      inHalfB.set(context, Halves.isInHalfB(corpus.document(context)));
      int windows = Place.block(contexts.length(context) - 1) + 1;
      firstWindows[context + 1] = Math.addExact(firstWindows[context], windows);
    }
    this.windowKeys = new long[windows()];
    for (int context = 0; context < contexts.size(); context++) {
      long key = key(corpus.document(context), corpus.start(context));
      for (int window = firstWindows[context]; window < firstWindows[context + 1]; window++) {
        windowKeys[window] = random.bits(key + window - firstWindows[context]);
      }
    }
  }

  /** The same wherever the context stands in the corpus that was drawn. */
  private long key(DocumentReference document, int start) {
    long key = random.bits(document.source());
    key = random.bits(key ^ document.file());
    key = random.bits(key ^ document.row());
    return random.bits(key ^ start);
  }

  /** Counts all tokens of the corpus: to be called once, before what follows is asked for. */
  void count(CodeFiles files) {
    files.forEach(piece -> count(CodeFiles.tokens(piece)));
    for (int id = 0; id < countsA.length; id++) {
      unseenB += countsA[id] == 0 ? countsB[id] : 0;
    }
  }

  private void count(TokenColumns tokens) {
    for (int t = 0; t < tokens.size(); t++) {
      boolean b = isInHalfB(tokens.context(t));
      (b ? countsB : countsA)[tokens.ids()[t]]++;
      tokensA += b ? 0 : 1;
      tokensB += b ? 1 : 0;
      positionTokens[bucket(tokens.position(t))]++;
    }
  }

  /** Positions 1, 2-3, 4-7, ... */
  static int bucket(int position) {
    return 31 - Integer.numberOfLeadingZeros(Math.max(1, position));
  }

  int buckets() {
    return positionTokens.length;
  }

  long[] positionTokens() {
    return positionTokens.clone();
  }

  TokenCorpus corpus() {
    return corpus;
  }

  CorpusContexts contexts() {
    return contexts;
  }

  boolean isInHalfB(int context) {
    return inHalfB.get(context);
  }

  long tokens() {
    return tokensA + tokensB;
  }

  long tokensA() {
    return tokensA;
  }

  long tokensB() {
    return tokensB;
  }

  /** Tokens of half B whose id half A lacks. */
  long unseenB() {
    return unseenB;
  }

  int[] countsA() {
    return countsA;
  }

  int[] countsB() {
    return countsB;
  }

  /** Windows of all contexts. */
  int windows() {
    return firstWindows[firstWindows.length - 1];
  }

  /** The number of the window that has a position of a context. */
  int window(int context, int position) {
    return firstWindows[context] + Place.block(position);
  }

  /**
   * The number of the first window of a context; of {@code contexts.size()} that of all windows.
   */
  int firstWindow(int context) {
    return firstWindows[context];
  }

  /** The context that has a window. */
  int contextOf(int window) {
    int low = 0;
    int high = firstWindows.length - 1;
    while (high - low > 1) {
      int middle = (low + high) >>> 1;
      if (firstWindows[middle] <= window) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** 64 bits that follow from the window's document and place in it, and from the seed. */
  long windowKey(int context, int position) {
    return windowKeys[window(context, position)];
  }
}
