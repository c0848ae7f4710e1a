package dev.loupe.cli;

import dev.loupe.store.SampleText;
import java.util.List;

/**
 * Writes a sample for a terminal, on one line. Tokens that are parts of one character are written
 * together, as a run. Line ends are shown as ⏎ and other control characters as their pictures, so
 * that no text of a corpus can steer the terminal. Immutable.
 */
final class SampleLine {
  /**
   * Backgrounds from weak to strong, of the 256 colours of terminals: each darker than the one
   * before, all with a contrast to black of 5 or more. Both colours are always set, so that the
   * text is legible whatever the terminal's own are.
   */
  static final int[] RAMP = {230, 222, 215, 208, 202, 196};

  static final int INK = 16; // black that no terminal's theme changes
  private static final String RESET = "\u001B[0m";

  private final boolean coloured;

  private SampleLine(boolean coloured) {
    this.coloured = coloured;
  }

  /** Without colour, for files and pipes: the run with the peak is put in «guillemets». */
  static SampleLine plain() {
    return new SampleLine(false);
  }

  /** Each run coloured by its strongest activation, the one with the peak also bold. */
  static SampleLine coloured() {
    return new SampleLine(true);
  }

  /**
   * The line of a sample, without a line end.
   *
   * @param maximum the feature's largest activation, which has the strongest colour
   */
  String of(SampleText sample, float maximum) {
    StringBuilder line = new StringBuilder();
    List<SampleText.Token> tokens = sample.tokens();
    for (int from = 0; from < tokens.size(); ) {
      int to = from + 1;
      while (to < tokens.size() && tokens.get(to).text().isEmpty()) {
        to++;
      }
      String text = visible(tokens.get(from).text());
      boolean peak = from <= sample.peak() && sample.peak() < to;
      float share = strongest(tokens.subList(from, to)) / maximum;
      line.append(coloured ? coloured(text, share, peak) : peak ? "«" + text + "»" : text);
      from = to;
    }
    return line.toString();
  }

  private static String coloured(String text, float share, boolean peak) {
    if (!(share > 0)) {
      return peak ? "\u001B[1;4m" + text + RESET : text;
    }
    int level = Math.min(RAMP.length - 1, (int) (share * RAMP.length));
    return "\u001B[%s38;5;%d;48;5;%dm%s%s"
        .formatted(peak ? "1;" : "", INK, RAMP[level], text, RESET);
  }

  private static float strongest(List<SampleText.Token> tokens) {
    float strongest = 0;
    for (SampleText.Token token : tokens) {
      strongest = Math.max(strongest, token.activation());
    }
    return strongest;
  }

  /** A token in quotes, as it is shown. */
  static String quoted(String token) {
    return "'" + visible(token) + "'";
  }

  private static String visible(String text) {
    StringBuilder visible = new StringBuilder();
    text.replace("\r\n", "\n")
        .codePoints()
        .map(SampleLine::picture)
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
}
