package dev.loupe.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A text as the model reads it.
 *
 * @param batch of one context, the begin id first
 * @param texts of each token; that of the begin id first. Together, without it, they are the text:
 *     of tokens that are parts of one character the first has the character, the others nothing
 */
public record TextTokens(TokenBatch batch, List<String> texts) {
  public TextTokens {
    texts = List.copyOf(texts);
  }

  /**
   * Tokens of a text.
   *
   * @param most tokens, with the begin id; IllegalArgumentException for more
   */
  public static TextTokens of(Tokenizer tokenizer, String text, int most) {
    Encoding encoding = tokenizer.encode(text);
    if (encoding.length() == 0) {
      throw new IllegalArgumentException("expected a text, got none");
    }
    if (encoding.length() + 1 > most) {
      throw new IllegalArgumentException(
          "expected a text of at most %d tokens, got %d; shorten it"
              .formatted(most - 1, encoding.length()));
    }
    int begin = tokenizer.special().documentStart();
    int[] row = new int[encoding.length() + 1];
    row[0] = begin;
    System.arraycopy(encoding.ids(), 0, row, 1, encoding.length());
    List<String> texts = new ArrayList<>();
    texts.add(tokenizer.piece(begin));
    int[] characters = text.codePoints().toArray();
    int end = 0;
    for (int i = 0; i < encoding.length(); i++) {
      int to = i == encoding.length() - 1 ? characters.length : Math.max(end, encoding.ends()[i]);
      texts.add(new String(characters, end, to - end));
      end = to;
    }
    return new TextTokens(TokenBatch.of(new int[][] {row}, tokenizer.special()), texts);
  }

  /** The same with ids that were generated after it. */
  public TextTokens with(Tokenizer tokenizer, int[] generated) {
    int[] row = Arrays.copyOf(ids(), ids().length + generated.length);
    System.arraycopy(generated, 0, row, ids().length, generated.length);
    List<String> all = new ArrayList<>(texts);
    for (int id : generated) {
      all.add(tokenizer.piece(id));
    }
    return new TextTokens(TokenBatch.of(new int[][] {row}, tokenizer.special()), all);
  }

  /** Ids of all tokens. */
  public int[] ids() {
    return batch.ids();
  }

  /** Tokens, with the begin id. */
  public int length() {
    return batch.positions();
  }

  /** Which of them count, see {@link TokenBatch}. */
  public boolean[] counted() {
    return batch.counted();
  }
}
