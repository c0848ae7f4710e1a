package dev.loupe.interpret;

import dev.loupe.store.SampleKind;
import dev.loupe.store.SampleText;
import dev.loupe.store.StoredFeature;
import dev.loupe.store.WindowRow;
import dev.loupe.tensor.SeededRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Examples of a feature from its store, in two sets that have no document in common: one to explain
 * from, one to test on. A document belongs to a set by a hash of where it is in the corpus, for all
 * features alike.
 *
 * <p>An example is active where its peak has at least {@link #SHARE} of the feature's largest
 * activation. Strongest windows and bands give active ones; weaker windows of the bands are left
 * out, because near-misses, which are weaker still or as weak, count as not active. Random windows
 * in which the feature is active are left out, too.
 *
 * @param stored all of the feature
 * @param explain active ones first, each stratum in the store's order
 * @param score likewise
 */
public record ExampleSets(StoredFeature stored, List<Example> explain, List<Example> score) {
  /** Of the largest activation: what counts as active. */
  public static final float SHARE = 0.3f;

  /** Samples that the sets are made from. */
  public static final Set<SampleKind> KINDS = EnumSet.allOf(SampleKind.class);

  private static final int BEFORE = 20;
  private static final int AFTER = 11;
  private static final SeededRandom DOCUMENTS = new SeededRandom(0, "documents of interpretations");

  public ExampleSets {
    explain = List.copyOf(explain);
    score = List.copyOf(score);
  }

  /**
   * Parts a feature's samples. Of texts that are (nearly) the same one is kept, if possible to
   * explain from, so that no test is of a text that the explanation was made from.
   *
   * @param stored with samples of all {@link #KINDS}
   */
  public static ExampleSets of(StoredFeature stored) {
    float threshold = SHARE * stored.feature().maximum();
    List<SampleText> samples =
        stored.samples().stream()
            .filter(sample -> isExample(sample, threshold))
            .sorted(Comparator.comparing(sample -> !isPositive(sample)))
            .toList();
    NearTexts seen = new NearTexts();
    Set<Integer> windows = new HashSet<>();
    List<Example> explain = new ArrayList<>();
    List<Example> score = new ArrayList<>();
    for (boolean explained : new boolean[] {true, false}) {
      List<Example> set = explained ? explain : score;
      for (SampleText sample : samples) {
        long document = document(sample.window());
        if (isExplained(document) == explained
            && windows.add(sample.window().window())
            && seen.add(sample)) {
          SampleText cut = sample.around(BEFORE, AFTER);
          set.add(
              new Example(
                  set.size(), cut, isPositive(sample), stratum(sample), threshold, document));
        }
      }
    }
    return new ExampleSets(stored, explain, score);
  }

  /** Whether it is clear that the feature is active there, or that it is not. */
  private static boolean isExample(SampleText sample, float threshold) {
    return isPositive(sample)
        ? sample.sample().activation() >= threshold
        : isSilent(sample, threshold);
  }

  private static boolean isPositive(SampleText text) {
    return text.sample().kind().isOfFirings();
  }

  /**
   * In the tokens around the peak, which are shown, and in the whole window, which is embedded: a
   * random window begins at its peak, so that the two have little in common.
   */
  private static boolean isSilent(SampleText sample, float threshold) {
    int first = sample.window().firstPosition();
    int end = first + sample.window().ids().length;
    return Stream.concat(
            sample.around(BEFORE, AFTER).tokens().stream(),
            sample.tokens().stream().filter(t -> t.position() >= first && t.position() < end))
        .noneMatch(token -> token.activation() > 0 && token.activation() >= threshold);
  }

  private static String stratum(SampleText text) {
    return switch (text.sample().kind()) {
      case TOP -> Example.TOP;
      case BAND -> "band_" + text.sample().band();
      case RANDOM -> Example.RANDOM;
      case NEAR_MISS -> Example.NEAR_MISS;
      case NEIGHBOUR -> Example.NEIGHBOUR;
    };
  }

  /** A hash of the document that a window is from. */
  static long document(WindowRow window) {
    long place = (window.source() + "\n" + window.file()).hashCode();
    return DOCUMENTS.bits(place * 0x9E3779B97F4A7C15L + window.row());
  }

  /** Whether a document is one to explain from: five of ten are. */
  static boolean isExplained(long document) {
    return Long.remainderUnsigned(document, 10) < 5;
  }

  /** The feature's number. */
  public int feature() {
    return stored.feature().feature();
  }

  /** Examples to explain from on which the feature fires. */
  public List<Example> explained() {
    return explain.stream().filter(Example::active).toList();
  }
}
