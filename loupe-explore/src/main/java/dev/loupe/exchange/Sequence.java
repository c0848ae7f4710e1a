package dev.loupe.exchange;

import dev.loupe.store.SampleKind;
import dev.loupe.store.SampleText;
import dev.loupe.store.StoredFeature;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** A sample of a feature as both formats hold it: tokens with a value each. */
record Sequence(SampleText text, ActivationBin bin) {
  /** What the formats have a place for. */
  static final Set<SampleKind> KINDS = Set.copyOf(EnumSet.of(SampleKind.TOP, SampleKind.BAND));

  private static final Comparator<SampleText> STRONGEST_FIRST =
      Comparator.comparing((SampleText text) -> text.sample().kind())
          .thenComparingInt(text -> -text.sample().band())
          .thenComparingInt(text -> text.sample().rank());

  /**
   * The strongest samples, then the bands from high to low.
   *
   * @param tokens that were counted
   */
  static List<Sequence> of(StoredFeature stored, long tokens) {
    return stored.samples().stream()
        .filter(text -> KINDS.contains(text.sample().kind()))
        .sorted(STRONGEST_FIRST)
        .map(text -> new Sequence(text, bin(stored, text, tokens)))
        .toList();
  }

  private static ActivationBin bin(StoredFeature stored, SampleText text, long tokens) {
    return text.sample().kind() == SampleKind.TOP
        ? ActivationBin.top(stored.feature())
        : ActivationBin.band(stored, text.sample().band(), tokens);
  }

  List<String> tokens() {
    return text.tokens().stream().map(SampleText.Token::text).toList();
  }

  List<Double> values() {
    return text.tokens().stream().map(token -> Decimals.five(token.activation())).toList();
  }

  /** Of the token after each; 0 where it is not known. */
  List<Double> losses() {
    return text.tokens().stream()
        .map(token -> Float.isNaN(token.loss()) ? 0 : Decimals.five(token.loss()))
        .toList();
  }
}
