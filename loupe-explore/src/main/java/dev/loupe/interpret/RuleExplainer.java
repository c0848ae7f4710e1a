package dev.loupe.interpret;

import java.util.List;
import java.util.Optional;

/** Rules on tokens and words, found by {@link RuleSearch}; needs no language model. */
public final class RuleExplainer implements Explainer {
  static final String METHOD = "rules";

  @Override
  public String method() {
    return METHOD;
  }

  @Override
  public Optional<Explanation> explain(ExampleSets sets, String basis) {
    List<Rule> rules = RuleSearch.find(sets.explain());
    return rules.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Explanation(
                sets.feature(),
                method(),
                "loupe",
                Rule.words(rules),
                basis,
                List.of(),
                Optional.of(Rule.format(rules))));
  }
}
