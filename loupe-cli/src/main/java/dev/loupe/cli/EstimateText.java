package dev.loupe.cli;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.judge.CostEstimate;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;

/** What a judge would cost, in words. */
final class EstimateText {
  private EstimateText() {}

  static String of(Map<DictionaryName, CostEstimate> estimates) {
    StringBuilder text = new StringBuilder();
    estimates.forEach((name, e) ->
        text.append(
            "%s: about %,d questions about %,d features, %,d tokens to read and %,d to write: %s, at most %s%n"
                .formatted(
                    name,
                    e.calls(),
                    e.features(),
                    e.promptTokens(),
                    e.completionTokens(),
                    money(e.likely()),
                    money(e.most()))));
    return text
        + "Answers that are in the cache cost nothing and are not left out here. A token counts as"
        + " four characters.";
  }

  static String money(BigDecimal amount) {
    return amount.setScale(4, RoundingMode.HALF_UP).toPlainString();
  }
}
