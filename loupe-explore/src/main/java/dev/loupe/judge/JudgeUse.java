package dev.loupe.judge;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.math.BigDecimal;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a ledger sums up to, by who was asked what. A plain value.
 *
 * @param lines by model, then stage
 */
public record JudgeUse(List<Line> lines) {
  public JudgeUse {
    lines = List.copyOf(lines);
  }

  /**
   * The calls of one stage to one model.
   *
   * @param calls questions that went out
   * @param cacheHits questions that had been answered before
   * @param failed questions without an answer of use
   * @param price in the currency of the price that was given
   * @param medianMillis of the calls that went out; 0 where there are none
   * @param slowMillis what 95 % of them were quicker than
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Line(
      String model,
      String stage,
      long calls,
      long cacheHits,
      long failed,
      long promptTokens,
      long completionTokens,
      BigDecimal price,
      long medianMillis,
      long slowMillis) {}

  private record Kind(String model, String stage) {}

  /** Sums up lines of a ledger. */
  public static JudgeUse of(List<LedgerLine> ledger) {
    Map<Kind, List<LedgerLine>> kinds =
        ledger.stream().collect(Collectors.groupingBy(l -> new Kind(l.model(), l.stage())));
    return new JudgeUse(
        kinds.entrySet().stream()
            .map(kind -> line(kind.getKey(), kind.getValue()))
            .sorted(Comparator.comparing(Line::model).thenComparing(Line::stage))
            .toList());
  }

  private static Line line(Kind kind, List<LedgerLine> of) {
    Spending sum = Spending.NONE;
    for (LedgerLine each : of) {
      sum = sum.plus(each);
    }
    long[] millis =
        of.stream()
            .filter(each -> !each.cacheHit())
            .mapToLong(LedgerLine::latencyMillis)
            .sorted()
            .toArray();
    return new Line(
        kind.model(),
        kind.stage(),
        sum.calls(),
        sum.cacheHits(),
        sum.failed(),
        sum.promptTokens(),
        sum.completionTokens(),
        sum.price(),
        rank(millis, 0.5),
        rank(millis, 0.95));
  }

  private static long rank(long[] sorted, double share) {
    return sorted.length == 0 ? 0 : sorted[(int) Math.ceil(share * sorted.length) - 1];
  }
}
