package dev.loupe.interpret;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the few rules that tell best where a feature fires, in the examples to explain from: the
 * best alone first, then, as long as it helps, the one that adds most. Best is the F1 over tokens;
 * rules on words of a passage compete by the F1 over passages.
 */
final class RuleSearch {
  private static final int MOST = 6; // rules together
  private static final double LEAST_GAIN = 0.02; // of F1, to be worth another rule
  private static final double VAGUE = 0.5; // F1 of rules that do not find the tokens themselves
  private static final int BACK = 3; // tokens of an n-gram
  private static final int LONGEST = 24; // characters of one
  private static final int TRIED = 400; // candidates after the first look
  private static final Pattern WORD = Pattern.compile("\\p{L}{4,}");

  private final List<Rule.Passage> passages = new ArrayList<>();
  private final BitSet active = new BitSet(); // by token, all passages in a row
  private final BitSet activePassages = new BitSet();
  private final List<Integer> starts = new ArrayList<>();

  private RuleSearch(List<Example> examples) {
    int at = 0;
    for (Example example : examples) {
      starts.add(at);
      boolean[] fires = example.activeTokens();
      for (boolean each : fires) {
        active.set(at++, each && example.active());
      }
      activePassages.set(passages.size(), example.active());
      passages.add(new Rule.Passage(example.tokens()));
    }
  }

  /** The best rules; none where no rule finds anything. */
  static List<Rule> find(List<Example> examples) {
    RuleSearch search = new RuleSearch(examples);
    Found tokens = search.best(search.tokenRules(), search.active, false);
    Found words = search.best(search.wordRules(), search.activePassages, true);
    double byTokens = f1(search.passagesOf(tokens.rules), search.activePassages);
    // words must earn it: they are many, so that some fit by chance
    boolean better = words.f1 > byTokens + 0.1;
    boolean asGood = words.f1 >= byTokens && tokens.f1 < VAGUE;
    return better || asGood ? words.rules : tokens.rules;
  }

  private record Found(List<Rule> rules, double f1) {}

  private Found best(Set<Rule> candidates, BitSet truth, boolean wholePassages) {
    Map<Rule, BitSet> holds = new LinkedHashMap<>();
    for (Rule rule : candidates) {
      holds.put(rule, wholePassages ? passagesOf(List.of(rule)) : tokensOf(rule));
    }
    List<Rule> tried =
        candidates.stream()
            .sorted(Comparator.comparingDouble((Rule rule) -> -f1(holds.get(rule), truth)))
            .limit(TRIED)
            .toList();
    List<Rule> chosen = new ArrayList<>();
    BitSet covered = new BitSet();
    double reached = 0;
    while (chosen.size() < MOST) {
      Rule next = null;
      double most = reached + (chosen.isEmpty() ? 0 : LEAST_GAIN);
      for (Rule rule : tried) {
        BitSet both = (BitSet) covered.clone();
        both.or(holds.get(rule));
        double f1 = f1(both, truth);
        if (f1 > most) {
          most = f1;
          next = rule;
        }
      }
      if (next == null) {
        break;
      }
      chosen.add(next);
      covered.or(holds.get(next));
      reached = most;
    }
    return new Found(chosen, reached);
  }

  /**
   * Rules that hold of an active token, the simple ones first, which win where others are as good.
   */
  private Set<Rule> tokenRules() {
    Set<Rule> rules = new LinkedHashSet<>();
    for (Rule.Shape shape : Rule.Shape.values()) {
      rules.add(new Rule(Rule.Kind.SHAPE, shape.name()));
    }
    for (int back = 0; back < BACK; back++) {
      for (int p = 0; p < passages.size(); p++) {
        Rule.Passage passage = passages.get(p);
        for (int i = back; i < passage.size(); i++) {
          if (active.get(starts.get(p) + i)) {
            add(
                rules,
                Rule.Kind.ENDS,
                passage.text().substring(passage.start(i - back), passage.end(i)));
            if (back > 0) {
              add(
                  rules,
                  Rule.Kind.AFTER,
                  passage.text().substring(passage.start(i - back), passage.start(i)));
            } else {
              String token = Rule.lower(passage.token(i)).strip();
              for (int length = 2; length <= Math.min(4, token.length() - 1); length++) {
                add(rules, Rule.Kind.BEGINS, token.substring(0, length));
              }
            }
          }
        }
      }
    }
    return rules;
  }

  private static void add(Set<Rule> rules, Rule.Kind kind, String text) {
    if (!text.isEmpty() && text.length() <= LONGEST) {
      rules.add(new Rule(kind, text));
    }
  }

  /** Rules on words that two active passages have. */
  private Set<Rule> wordRules() {
    Map<String, Integer> counts = new LinkedHashMap<>();
    activePassages.stream()
        .forEach(p -> {
          Set<String> words = new LinkedHashSet<>();
          Matcher matcher = WORD.matcher(passages.get(p).text());
          while (matcher.find()) {
            words.add(matcher.group());
          }
          words.forEach(word -> counts.merge(word, 1, Integer::sum));
        });
    Set<Rule> rules = new LinkedHashSet<>();
    counts.forEach((word, count) -> {
      if (count >= 2) {
        rules.add(new Rule(Rule.Kind.MENTIONS, word));
      }
    });
    return rules;
  }

  private BitSet tokensOf(Rule rule) {
    BitSet holds = new BitSet();
    for (int p = 0; p < passages.size(); p++) {
      for (int i = 0; i < passages.get(p).size(); i++) {
        holds.set(starts.get(p) + i, rule.holds(passages.get(p), i));
      }
    }
    return holds;
  }

  private BitSet passagesOf(List<Rule> rules) {
    BitSet holds = new BitSet();
    for (int p = 0; p < passages.size(); p++) {
      holds.set(p, Rule.anyHolds(rules, passages.get(p)));
    }
    return holds;
  }

  private static double f1(BitSet said, BitSet truth) {
    BitSet both = (BitSet) said.clone();
    both.and(truth);
    int hits = both.cardinality();
    return hits == 0 ? 0 : 2.0 * hits / (said.cardinality() + truth.cardinality());
  }
}
