package dev.loupe.train;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.loupe.dictionary.DictionaryName;
import java.util.List;
import java.util.Optional;

/**
 * What a run of training will need, before anything of it is loaded.
 *
 * @param model name of the language model
 * @param tokens to train on
 * @param steps of training
 * @param threads that compute
 * @param memory items at the largest moment of the largest pass
 * @param peakBytes their sum
 * @param freeBytes memory that can be had
 * @param disk items at the fullest moment
 * @param diskBytes their sum
 * @param freeDiskBytes what the disk of the suite has left
 * @param fits whether memory and disk suffice
 * @param time items, empty without a calibration
 * @param seconds their sum
 * @param tokensPerSecond of the whole run
 * @param passes of the language model over the corpus, each for some of the dictionaries
 * @param dictionaries all of them, in the order that was asked for
 * @param advice the smallest changes, each enough alone unless it says otherwise, where it does not
 *     fit; or what is poor about a plan that does
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record Plan(
    String model,
    long tokens,
    long steps,
    int threads,
    List<Item> memory,
    long peakBytes,
    long freeBytes,
    List<Item> disk,
    long diskBytes,
    long freeDiskBytes,
    boolean fits,
    List<Duration> time,
    Optional<Double> seconds,
    Optional<Double> tokensPerSecond,
    List<Pass> passes,
    List<Trained> dictionaries,
    List<String> advice) {

  /**
   * Something that takes memory or disk.
   *
   * @param how it was reckoned
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Item(String what, long bytes, String how) {}

  /**
   * Something that takes time.
   *
   * @param how it was reckoned
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Duration(String what, double seconds, String how) {}

  /**
   * A dictionary.
   *
   * @param weightsBytes in memory
   * @param optimizerBytes Adam's two moments
   * @param stepSeconds of one step on all threads, a mean over the schedule
   * @param pass in which it is trained, from 1
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Trained(
      DictionaryName name,
      long dIn,
      long dOut,
      long features,
      long weightsBytes,
      long optimizerBytes,
      Optional<Double> stepSeconds,
      int pass) {}

  /**
   * One pass of the language model over the corpus.
   *
   * @param pass its number, from 1
   * @param dictionaries that it trains
   * @param hooks places in the model that it carries
   * @param bufferTokens of the shuffle buffer
   * @param peakBytes of memory
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Pass(
      int pass,
      List<DictionaryName> dictionaries,
      int hooks,
      int bufferTokens,
      long peakBytes,
      Optional<Double> seconds) {}
}
