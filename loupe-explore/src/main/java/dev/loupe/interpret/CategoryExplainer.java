package dev.loupe.interpret;

import dev.loupe.store.FeatureRow;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The category of documents that the feature tells, from the ground truth that the corpus carries.
 * Only where it is told by firing, and well: a feature that is silent says little.
 */
public final class CategoryExplainer implements Explainer {
  private static final double LEAST_F1 = 0.3; // at the low end of the interval

  @Override
  public String method() {
    return "category";
  }

  @Override
  public Optional<Explanation> explain(ExampleSets sets, String basis) {
    return sets.stored()
        .feature()
        .category()
        .filter(category -> category.sign() > 0 && category.f1().low() >= LEAST_F1)
        .map(category ->
            new Explanation(
                sets.feature(),
                method(),
                "loupe",
                words(category),
                basis,
                List.of(),
                Optional.empty()));
  }

  /** {@code noun.animal} is an animal: the name after the point. */
  private static String words(FeatureRow.Category category) {
    String name = category.name();
    String kind = name.substring(name.indexOf('.') + 1).replace('_', ' ');
    return String.format(
        Locale.ROOT, "Texts about %s (category %s, F1 %.2f)", kind, name, category.f1().value());
  }
}
