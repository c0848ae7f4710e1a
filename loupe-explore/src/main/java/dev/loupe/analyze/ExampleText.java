package dev.loupe.analyze;

import dev.loupe.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Writes an example for a terminal, on one line. Tokens that are parts of one character are written
 * together, as a run. Line ends are shown as ⏎ and other control characters as their pictures, so
 * that no text of a corpus can steer the terminal. Borrows the tokenizer; as thread-safe as it.
 */
public final class ExampleText {
  /**
   * Backgrounds from weak to strong, of the 256 colours of terminals: each darker than the one
   * before, all with a contrast to black of 5 or more. Both colours are always set, so that the
   * text is legible whatever the terminal's own are.
   */
  static final int[] RAMP = {230, 222, 215, 208, 202, 196};

  static final int INK = 16; // black that no terminal's theme changes
  private static final String RESET = "\u001B[0m";

  private final Tokenizer tokenizer;
  private final boolean coloured;

  private ExampleText(Tokenizer tokenizer, boolean coloured) {
    this.tokenizer = tokenizer;
    this.coloured = coloured;
  }

  /** Without colour, for files and pipes: the run with the peak is put in «guillemets». */
  public static ExampleText plain(Tokenizer tokenizer) {
    return new ExampleText(tokenizer, false);
  }

  /** Each run coloured by its strongest activation, the one with the peak also bold. */
  public static ExampleText coloured(Tokenizer tokenizer) {
    return new ExampleText(tokenizer, true);
  }

  /**
   * The line of an example, without a line end.
   *
   * @param maximum the feature's largest activation, which has the strongest colour
   */
  public String line(Example example, float maximum) {
    if (!(maximum > 0)) {
      throw new IllegalArgumentException("expected a maximum above 0, got " + maximum);
    }
    StringBuilder line = new StringBuilder();
    for (Run run : runs(example.ids())) {
      boolean peak = run.from() <= example.peak() && example.peak() < run.to();
      line.append(
          coloured
              ? coloured(run, strongest(example.activations(), run) / maximum, peak)
              : peak ? "«" + run.text() + "»" : run.text());
    }
    return line.toString();
  }

  private static String coloured(Run run, float share, boolean peak) {
    if (!(share > 0)) {
      return run.text();
    }
    int level = Math.min(RAMP.length - 1, (int) (share * RAMP.length));
    return "\u001B[%s38;5;%d;48;5;%dm%s%s"
        .formatted(peak ? "1;" : "", INK, RAMP[level], run.text(), RESET);
  }

  private static float strongest(float[] activations, Run run) {
    float strongest = 0;
    for (int i = run.from(); i < run.to(); i++) {
      strongest = Math.max(strongest, activations[i]);
    }
    return strongest;
  }

  /**
   * Cuts the text of the ids between those tokens where it can be cut: where the text of the tokens
   * up to there is how the whole begins. Bytes of a character that is not complete yet decode to
   * U+FFFD, which the whole does not have there. Tokens that add nothing belong to the run before.
   */
  private List<Run> runs(int[] ids) {
    String whole = tokenizer.decode(ids);
    List<Run> runs = new ArrayList<>();
    int from = 0;
    int begin = 0;
    int end = ids.length == 0 ? 0 : end(ids, 1, whole);
    for (int to = 1; to <= ids.length; to++) {
      int next = to == ids.length ? whole.length() + 1 : end(ids, to + 1, whole);
      if (end >= 0 && next != end) {
        runs.add(new Run(from, to, visible(whole.substring(begin, end))));
        from = to;
        begin = end;
      }
      end = next;
    }
    return runs;
  }

  /** Length of the text of the first ids, -1 where the whole does not begin so. */
  private int end(int[] ids, int count, String whole) {
    if (count == ids.length) {
      return whole.length();
    }
    String text = tokenizer.decode(Arrays.copyOf(ids, count));
    return whole.startsWith(text) ? text.length() : -1;
  }

  private static String visible(String text) {
    StringBuilder visible = new StringBuilder();
    text.replace("\r\n", "\n")
        .codePoints()
        .map(ExampleText::picture)
        .forEach(visible::appendCodePoint);
    return visible.toString();
  }

  private static int picture(int character) {
    if (character == '\n' || character == 0x2028 || character == 0x2029) {
      return '⏎';
    }
    if (character < 0x20) {
      return 0x2400 + character;
    }
    boolean control = character >= 0x7F && character < 0xA0;
    return control ? 0xFFFD : character;
  }

  /**
   * Tokens that make whole characters together.
   *
   * @param from index of the first
   * @param to index after the last
   */
  private record Run(int from, int to, String text) {}
}
