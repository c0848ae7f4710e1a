package dev.loupe.interpret;

import dev.loupe.store.FeatureRow;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The tokens with most of the feature's activation, and those that it makes likely. */
public final class TokenExplainer implements Explainer {
  private static final int FIRES = 8;
  private static final int LIKELY = 6;

  @Override
  public String method() {
    return "tokens";
  }

  @Override
  public Optional<Explanation> explain(ExampleSets sets, String basis) {
    FeatureRow row = sets.stored().feature();
    String fires = words(row.tokens().texts(), FIRES);
    String likely = words(sets.stored().logits().top().texts(), LIKELY);
    if (fires.isEmpty() || likely.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Explanation(
            sets.feature(),
            method(),
            "loupe",
            "Fires on %s; makes likely %s".formatted(fires, likely),
            basis,
            List.of(),
            Optional.empty()));
  }

  /** Each once, whatever its case. */
  private static String words(String[] texts, int most) {
    Map<String, String> words = new LinkedHashMap<>();
    for (String text : texts) {
      String shown = text.replace("\n", "↵").strip();
      if (!shown.isEmpty() && words.size() < most) {
        words.putIfAbsent(shown.toLowerCase(Locale.ROOT), shown);
      }
    }
    return String.join(", ", words.values());
  }
}
