package dev.loupe.probing;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.loupe.files.AtomicFile;
import dev.loupe.files.Json;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * How far features of first letters are absorbed: {@code reports/absorption.json}. Intervals are
 * over resampled words, since a letter belongs to a word, wherever it stands.
 *
 * @param format version of this file's form
 * @param command the command line; empty for a run without one
 * @param model its name
 * @param modelFingerprint of what was run
 * @param corpus names of the sources
 * @param wordsFingerprint of the contexts and the places of words in them
 * @param documents that the words were found in
 * @param tokens counted tokens that words were looked for among
 * @param trainWords that probes were fitted on
 * @param testWords others, that probes and dictionaries were tested on: what is resampled
 * @param places where these words stand, all together
 * @param bootstrapSamples resamples behind each interval
 * @param seed of the choice of words and places, and of the resampling
 * @param rule what counts
 * @param measurable whether any letter of any hook can be told
 * @param hooks for each hook that a dictionary writes, how well letters can be told there
 * @param dictionaries what was found of each
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record AbsorptionReport(
    int format,
    List<String> command,
    String model,
    String modelFingerprint,
    List<String> corpus,
    String wordsFingerprint,
    long documents,
    long tokens,
    int trainWords,
    int testWords,
    int places,
    int bootstrapSamples,
    long seed,
    Rule rule,
    boolean measurable,
    SequencedMap<String, OfHook> hooks,
    SequencedMap<String, OfDictionary> dictionaries) {
  public static final int FORMAT = 1;

  public AbsorptionReport {
    if (format != FORMAT) {
      throw new IllegalArgumentException(
          "expected an absorption report of format " + FORMAT + ", got " + format);
    }
  }

  /**
   * The bounds of the measure.
   *
   * @param leastF1 of the dense probe of a letter that is measured
   * @param leastTrainWords of a letter for which a probe is fitted
   * @param leastTestWords likewise
   * @param placesOfAWord the most
   * @param fullCosine least cosine with the probe of a feature that absorbs in full
   * @param fractionCosine least cosine of one that absorbs a fraction
   * @param share of the probe's projection that absorbers must reach
   * @param mostAbsorbers of a fraction
   * @param mostMainFeatures of a letter
   * @param jump of F1 that one more main feature must bring
   * @param penalties that each probe chooses among
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Rule(
      double leastF1,
      int leastTrainWords,
      int leastTestWords,
      int placesOfAWord,
      double fullCosine,
      double fractionCosine,
      double share,
      int mostAbsorbers,
      int mostMainFeatures,
      double jump,
      List<Double> penalties) {
    static Rule used() {
      return new Rule(
          LetterProbe.LEAST_F1,
          LetterProbe.LEAST_TRAIN_WORDS,
          LetterProbe.LEAST_TEST_WORDS,
          Words.PLACES,
          AbsorptionRule.FULL_COSINE,
          AbsorptionRule.FRACTION_COSINE,
          AbsorptionRule.SHARE,
          AbsorptionRule.MOST_ABSORBERS,
          MainFeatures.MOST,
          MainFeatures.JUMP,
          LinearProbe.PENALTIES);
    }
  }

  /** Letters at a hook, and how many of them can be measured. */
  public record OfHook(int measurable, List<Letter> letters) {}

  /**
   * How well a letter can be told.
   *
   * @param f1 of the dense probe on the test words; empty where there are too few words
   * @param measurable whether it is high enough
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Letter(
      String letter, int trainWords, int testWords, Optional<Score> f1, boolean measurable) {}

  /**
   * A dictionary.
   *
   * @param hook that it writes, whose activations the probes read
   * @param full share of places with full absorption, mean over letters; empty where no letter can
   *     be measured
   * @param fraction absorption fraction, mean over places and then letters; likewise
   * @param letters those measured
   */
  public record OfDictionary(
      String hook,
      long features,
      Optional<Score> full,
      Optional<Score> fraction,
      SequencedMap<String, OfLetter> letters) {}

  /**
   * A letter of a dictionary.
   *
   * @param mainFeatures that the letter is split into
   * @param mainF1 of a probe of these, on the words that were fitted on
   * @param words tested, where the dense probe is right
   * @param places of these words
   * @param full share of the places
   * @param fraction mean over the places
   * @param absorbers of full absorption, the most frequent first
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record OfLetter(
      List<Integer> mainFeatures,
      double mainF1,
      int words,
      int places,
      Score full,
      Score fraction,
      List<Absorber> absorbers) {}

  /** A feature and the places where it absorbs in full. */
  public record Absorber(int feature, int places) {}

  /** Writes the file whole or not at all. */
  public void write(Path file) {
    AtomicFile.writeJson(file, this);
  }

  /** Reads what {@link #write} wrote; FileFormatException where it is something else. */
  public static AbsorptionReport read(Path file) {
    return Json.read(file, AbsorptionReport.class);
  }
}
