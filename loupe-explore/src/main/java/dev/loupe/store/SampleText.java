package dev.loupe.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A sample with the text around it, token by token: its window and the two around it, as far as
 * they are of the same context.
 *
 * @param window that has the peak: where the text is from
 * @param tokens in order; their texts together are the text, without gaps
 * @param peak index among them
 */
public record SampleText(SampleRow sample, WindowRow window, List<Token> tokens, int peak) {
  /**
   * A token of a sample.
   *
   * @param position in its context
   * @param text what it adds to the text before it: of tokens that are parts of one character the
   *     first has the character, the others nothing
   * @param activation of the feature, 0 where it does not fire
   * @param loss of the token after it; NaN where there is none
   */
  public record Token(int id, int position, String text, float activation, float loss) {}

  public SampleText {
    tokens = List.copyOf(tokens);
  }

  /** Numbers of the windows that a sample's text can be in, without regard to its context. */
  public static Stream<Integer> windows(SampleRow sample) {
    return IntStream.rangeClosed(sample.window() - 1, sample.window() + 1).boxed();
  }

  /**
   * Puts a sample together.
   *
   * @param windows by number, those of {@link #windows} that the store has
   */
  public static SampleText of(SampleRow sample, Map<Integer, WindowRow> windows) {
    WindowRow own = windows.get(sample.window());
    if (own == null) {
      throw new IllegalArgumentException(
          "expected window %d of the sample, got %s".formatted(sample.window(), windows.keySet()));
    }
    List<Token> tokens = new ArrayList<>();
    int end = -1; // of the text so far
    int firing = 0;
    for (int number : windows(sample).toList()) {
      WindowRow window = windows.get(number);
      if (window == null || window.context() != own.context()) {
        continue;
      }
      int[] text = window.text().codePoints().toArray();
      int offset = window.starts()[0];
      for (int i = 0; i < window.ids().length; i++) {
        int position = window.firstPosition() + i;
        int from = Math.max(end < 0 ? window.starts()[i] : end, offset);
        int to = Math.max(from, window.ends()[i]);
        while (firing < sample.positions().length && sample.positions()[firing] < position) {
          firing++;
        }
        boolean fires =
            firing < sample.positions().length && sample.positions()[firing] == position;
        tokens.add(
            new Token(
                window.ids()[i],
                position,
                new String(text, from - offset, to - from),
                fires ? sample.activations()[firing] : 0,
                window.losses()[i]));
        end = to;
      }
    }
    int peak = sample.position() - tokens.getFirst().position();
    return new SampleText(sample, own, tokens, peak);
  }

  /** The tokens around the peak, so many before and after as there are. */
  public SampleText around(int before, int after) {
    int from = Math.max(0, peak - before);
    int to = Math.min(tokens.size(), peak + after + 1);
    return new SampleText(sample, window, tokens.subList(from, to), peak - from);
  }
}
