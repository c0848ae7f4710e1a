package dev.loupe.interpret;

import dev.loupe.store.SampleText;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A piece of text in which a feature fires or does not. A plain value.
 *
 * @param id number within its set, from 0
 * @param text the tokens, in order, and which is the peak
 * @param active whether the feature fires there: at {@link ExampleSets#SHARE} of its maximum or
 *     above
 * @param stratum {@link #TOP}, {@code band_0} (weakest) to {@code band_7}, {@link #RANDOM}, {@link
 *     #NEAR_MISS}, {@link #NEIGHBOUR}
 * @param threshold activation from which a token counts as active
 * @param document hash of the document that it is from
 */
public record Example(
    int id, SampleText text, boolean active, String stratum, float threshold, long document) {
  public static final String TOP = "top";
  public static final String RANDOM = "random";
  public static final String NEAR_MISS = "near_miss";
  public static final String NEIGHBOUR = "neighbour";

  /** The tokens. */
  public List<SampleText.Token> tokens() {
    return text.tokens();
  }

  /** The tokens' texts together. */
  public String plain() {
    return tokens().stream().map(SampleText.Token::text).collect(Collectors.joining());
  }

  /** By token, whether the feature is active on it. */
  public boolean[] activeTokens() {
    boolean[] active = new boolean[tokens().size()];
    IntStream.range(0, active.length).forEach(i -> active[i] = isActive(tokens().get(i)));
    return active;
  }

  boolean isActive(SampleText.Token token) {
    return token.activation() > 0 && token.activation() >= threshold;
  }
}
