package dev.loupe.interpret;

import dev.loupe.dictionary.FeatureName;
import dev.loupe.judge.Answer;
import dev.loupe.judge.AnswerShape;
import dev.loupe.judge.Question;
import dev.loupe.store.SampleText;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Which of five passages does not belong: four are of the feature, one is not. Needs no
 * explanation: it shows how far a feature can be told at all. The intruder is marked as the others
 * are, on as many tokens.
 */
public final class IntruderSheet implements Sheet<IntruderSheet.Score> {
  private static final int GROUP = 5;
  private static final int MAX_TOKENS = 60;

  private static final AnswerShape SHAPE =
      new AnswerShape(
          "intruder",
          """
          {"type":"object","properties":{"intruder":{"type":"integer"}},\
          "required":["intruder"],"additionalProperties":false}\
          """);

  private static final String SYSTEM =
      """
      You are given five passages by number, each with tokens marked «like this». In four of them the \
      marks show where one feature of a language model is active, so the marked tokens, or what stands \
      around them, have something in common. One passage is an intruder, with marks that mean nothing. \
      Find the intruder.

      Answer with one JSON object and nothing else: {"intruder": 1}\
      """;

  /**
   * How often the intruder was found; by chance it is 0.2.
   *
   * @param accuracy share of the answered groups, with Wilson's interval
   * @param groups answered
   * @param failed groups without an answer of use
   */
  public record Score(Interval accuracy, int groups, int failed) {
    /** What guessing gives. */
    public static final double CHANCE = 1.0 / GROUP;

    /** As it is kept; every group has active passages and one that is not. */
    Measured measured() {
      return new Measured("accuracy", accuracy.kept(), groups, groups, failed, List.of());
    }
  }

  private record Group(List<String> lines, int intruder) {}

  private final FeatureName feature;
  private final List<Group> groups;

  private IntruderSheet(FeatureName feature, List<Group> groups) {
    this.feature = feature;
    this.groups = groups;
  }

  /** As many groups as the items allow: each is used once. */
  public static IntruderSheet of(FeatureName feature, List<Example> items, long seed) {
    Random random = Sheet.random(seed, feature, "intruder");
    List<Example> active = Sheet.shuffled(items.stream().filter(Example::active).toList(), random);
    List<Example> silent =
        Sheet.shuffled(items.stream().filter(item -> !item.active()).toList(), random);
    List<Group> groups = new ArrayList<>();
    int others = GROUP - 1;
    for (int i = 0; i < silent.size() && (i + 1) * others <= active.size(); i++) {
      groups.add(group(active.subList(i * others, (i + 1) * others), silent.get(i), random));
    }
    return new IntruderSheet(feature, groups);
  }

  private static Group group(List<Example> active, Example silent, Random random) {
    List<String> lines = new ArrayList<>();
    int marks = 0;
    for (Example item : active) {
      SampleText shown = item.text();
      lines.add(Marks.marked(shown, Marks.active(shown)));
      marks += Marks.active(shown).cardinality();
    }
    int usual = Math.max(1, Math.round((float) marks / active.size()));
    int place = random.nextInt(GROUP);
    lines.add(place, Marks.marked(silent.text(), ItemSheet.wrongMarks(silent, usual, random)));
    return new Group(List.copyOf(lines), place + 1);
  }

  @Override
  public List<Question> questions() {
    return groups.stream().map(this::question).toList();
  }

  private Question question(Group group) {
    String user = Sheet.numbered(group.lines());
    return new Question(SYSTEM, user, SHAPE, MAX_TOKENS, 0, "intruder", feature);
  }

  @Override
  public Score score(List<Answer> answers) {
    int found = 0;
    int answered = 0;
    for (int i = 0; i < groups.size(); i++) {
      int said = answers.get(i).json().map(json -> json.path("intruder").asInt(0)).orElse(0);
      if (said >= 1 && said <= GROUP) {
        answered++;
        found += said == groups.get(i).intruder() ? 1 : 0;
      }
    }
    return new Score(Numbers.share(found, answered), answered, groups.size() - answered);
  }
}
