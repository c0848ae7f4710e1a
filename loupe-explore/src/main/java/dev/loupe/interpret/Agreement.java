package dev.loupe.interpret;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.loupe.store.FeatureRow;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * How far people agree with each other's judge: on the passages of which both said something.
 *
 * @param ratings sheets that people filled in
 * @param passages of which people said something
 * @param both of those, the judge too
 * @param person balanced accuracy of people on all passages
 * @param judge balanced accuracy of the judge on those of which both spoke
 * @param agreed share of those of which both said the same
 * @param kappa that share beyond what their habits of saying yes give by chance (Cohen 1960), its
 *     interval by resampling sheets; empty where one of them always says the same
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record Agreement(
    int ratings,
    int passages,
    int both,
    Optional<FeatureRow.Interval> person,
    Optional<FeatureRow.Interval> judge,
    Optional<FeatureRow.Interval> agreed,
    Optional<FeatureRow.Interval> kappa) {

  /** Of some ratings of one test. */
  public static Agreement of(List<Rating> ratings) {
    List<Rating.Item> all = ratings.stream().flatMap(rating -> rating.items().stream()).toList();
    List<Rating.Item> both = all.stream().filter(item -> item.judged().isPresent()).toList();
    int same = (int) both.stream().filter(Agreement::isSame).count();
    return new Agreement(
        ratings.size(),
        all.size(),
        both.size(),
        balanced(all, Rating.Item::said).kept(),
        balanced(both, item -> item.judged().orElseThrow()).kept(),
        Numbers.share(same, both.size()).kept(),
        kappaInterval(ratings));
  }

  private static boolean isSame(Rating.Item item) {
    return item.judged().orElseThrow() == item.said();
  }

  private static Interval balanced(List<Rating.Item> items, Function<Rating.Item, Boolean> says) {
    int[] hits = new int[2];
    int[] tries = new int[2];
    for (Rating.Item item : items) {
      int side = item.active() ? 0 : 1;
      tries[side]++;
      hits[side] += says.apply(item) == item.active() ? 1 : 0;
    }
    return Numbers.meanOfShares(hits[0], tries[0], hits[1], tries[1]);
  }

  private static Optional<FeatureRow.Interval> kappaInterval(List<Rating> ratings) {
    Rating[] sheets = ratings.toArray(Rating[]::new);
    return sheets.length == 0 || Double.isNaN(kappa(sheets))
        ? Optional.empty()
        : Numbers.bootstrap(sheets, Agreement::kappa, 0).kept();
  }

  /** (p_o - p_e) / (1 - p_e); NaN where nothing is left to agree on beyond chance. */
  static double kappa(Rating... sheets) {
    int both = 0;
    int same = 0;
    int personYes = 0;
    int judgeYes = 0;
    for (Rating sheet : sheets) {
      for (Rating.Item item : sheet.items()) {
        if (item.judged().isPresent()) {
          both++;
          same += isSame(item) ? 1 : 0;
          personYes += item.said() ? 1 : 0;
          judgeYes += item.judged().get() ? 1 : 0;
        }
      }
    }
    double person = personYes / (double) both;
    double judge = judgeYes / (double) both;
    double chance = person * judge + (1 - person) * (1 - judge);
    return chance < 1 ? (same / (double) both - chance) / (1 - chance) : Double.NaN;
  }
}
