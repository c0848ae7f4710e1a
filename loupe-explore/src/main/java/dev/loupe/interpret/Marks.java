package dev.loupe.interpret;

import dev.loupe.store.SampleText;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;

/**
 * A sample as a prompt shows it: on one line, {@code ↵} for a new line, tokens that count marked
 * {@code «like this»}, neighbours together. Marks that are in the text are made {@code ‹ ›}.
 */
final class Marks {
  /** Of its own strongest, from which a token is marked. */
  static final double SHARE = 0.3;

  private static final int MOST = 10; // of a scale from 0

  private Marks() {}

  static String plain(SampleText sample) {
    return marked(sample, new BitSet());
  }

  /** With tokens marked; space before a mark stays before it. */
  static String marked(SampleText sample, BitSet marks) {
    StringBuilder line = new StringBuilder();
    List<SampleText.Token> tokens = sample.tokens();
    for (int i = 0; i < tokens.size(); i++) {
      String text = clean(tokens.get(i).text());
      if (marks.get(i) && (i == 0 || !marks.get(i - 1))) {
        int space = text.length() - text.stripLeading().length();
        line.append(text, 0, space).append('«');
        text = text.substring(space);
      }
      line.append(text);
      if (marks.get(i) && !marks.get(i + 1)) {
        line.append('»');
      }
    }
    return line.toString().strip();
  }

  /** Tokens on which the feature fires with a share of the strongest of the sample. */
  static BitSet active(SampleText sample) {
    double strongest = strongest(sample);
    BitSet active = new BitSet();
    for (int i = 0; i < sample.tokens().size(); i++) {
      float activation = sample.tokens().get(i).activation();
      active.set(i, activation > 0 && activation >= SHARE * strongest);
    }
    return active;
  }

  static double strongest(SampleText sample) {
    return sample.tokens().stream().mapToDouble(SampleText.Token::activation).max().orElse(0);
  }

  /** An activation from 0 to 10, 10 being the feature's strongest; 0 only where it is silent. */
  static int scaled(double activation, double maximum) {
    return maximum <= 0 ? 0 : (int) Math.clamp(Math.ceil(MOST * activation / maximum), 0, MOST);
  }

  /** {@code fox 10, dog 3}: the tokens marked, with values. */
  static String values(SampleText sample, double maximum) {
    BitSet active = active(sample);
    List<String> values = new ArrayList<>();
    active.stream()
        .forEach(i -> {
          SampleText.Token token = sample.tokens().get(i);
          values.add(clean(token.text()).strip() + " " + scaled(token.activation(), maximum));
        });
    return String.join(", ", values);
  }

  /** A token a line with its activation to one decimal. */
  static String table(SampleText sample) {
    StringBuilder table = new StringBuilder();
    for (SampleText.Token token : sample.tokens()) {
      table.append(clean(token.text())).append('\t');
      table.append(String.format(Locale.ROOT, "%.1f", token.activation())).append('\n');
    }
    return table.toString();
  }

  static String clean(String text) {
    return text.replace('«', '‹').replace('»', '›').replace("\r", "").replace('\n', '↵');
  }
}
