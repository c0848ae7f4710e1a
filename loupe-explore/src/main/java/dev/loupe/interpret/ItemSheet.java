package dev.loupe.interpret;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.dictionary.FeatureName;
import dev.loupe.judge.Answer;
import dev.loupe.judge.AnswerShape;
import dev.loupe.judge.Question;
import dev.loupe.store.SampleKind;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Yes or no about each item, from an explanation: is the feature active in the passage (detection),
 * are the right tokens marked (fuzzing)?
 */
public final class ItemSheet implements Sheet<BinaryScore> {
  private static final int TOKENS_AN_ITEM = 40;

  private static final AnswerShape SHAPE =
      new AnswerShape(
          "items",
          """
          {"type":"object","properties":{"items":{"type":"array","items":{"type":"object",\
          "properties":{"id":{"type":"integer"},"active":{"type":"boolean"},"p":{"type":"number"}},\
          "required":["id","active","p"],"additionalProperties":false}}},\
          "required":["items"],"additionalProperties":false}\
          """);

  private static final String DETECTION =
      """
      You are given a description of when a feature of a language model is active, and passages by \
      number. For each passage say whether the feature is active somewhere in it, going by the \
      description alone, and how likely you think that is, from 0 to 1.

      Answer with one JSON object and nothing else, with every passage by its number: \
      {"items": [{"id": 1, "active": true, "p": 0.9}]}\
      """;

  private static final String FUZZING =
      """
      You are given a description of when a feature of a language model is active, and passages by \
      number, each with some tokens marked «like this». For each passage say whether the marked tokens \
      are those at which the feature is active, going by the description alone, and how likely you \
      think that is, from 0 to 1. The marks are wrong where they are on other tokens, and where the \
      feature is not active in the passage at all.

      Answer with one JSON object and nothing else, with every passage by its number: \
      {"items": [{"id": 1, "active": true, "p": 0.9}]}\
      """;

  private final FeatureName feature;
  private final String stage;
  private final String system;
  private final String explanation;
  private final List<List<Item>> parts;
  private final long seed;

  /**
   * A passage, and the truth about it.
   *
   * @param line as it is shown, with marks where the test has them
   * @param stratum of the example
   * @param active what is right to say
   */
  public record Item(String line, String stratum, boolean active) {}

  private ItemSheet(
      FeatureName feature,
      String stage,
      String system,
      String explanation,
      List<Item> shown,
      long seed) {
    this.feature = feature;
    this.stage = stage;
    this.system = system;
    this.explanation = explanation;
    this.parts = Sheet.parts(shown, MOST);
    this.seed = seed;
  }

  /** Passages as they are. */
  public static ItemSheet detection(
      FeatureName feature, String explanation, List<Example> items, long seed) {
    List<Item> shown =
        items.stream()
            .map(item -> new Item(Marks.plain(item.text()), item.stratum(), item.active()))
            .toList();
    Random random = Sheet.random(seed, feature, "detection");
    return new ItemSheet(
        feature, "detection", DETECTION, explanation, Sheet.shuffled(shown, random), seed);
  }

  /**
   * Passages with marks: where the feature is active, the right ones; every third of them again
   * with as many others (stratum {@code moved}); where it is not, as many as usual anywhere, and
   * where a neighbour is active, on its peak.
   */
  public static ItemSheet fuzzing(
      FeatureName feature, String explanation, List<Example> items, long seed) {
    Random random = Sheet.random(seed, feature, "fuzzing");
    List<Example> active = items.stream().filter(Example::active).toList();
    int usual =
        (int)
            Math.round(
                active.stream()
                    .mapToInt(item -> Marks.active(item.text()).cardinality())
                    .average()
                    .orElse(1));
    List<Item> shown = new ArrayList<>();
    for (Example item : items) {
      BitSet marks =
          item.active() ? Marks.active(item.text()) : wrongMarks(item, Math.max(1, usual), random);
      shown.add(new Item(Marks.marked(item.text(), marks), item.stratum(), item.active()));
    }
    for (int i = 0; i < active.size(); i += 3) {
      Example item = active.get(i);
      BitSet moved = others(item, Marks.active(item.text()).cardinality(), random);
      if (!moved.isEmpty()) { // it may be active everywhere
        shown.add(new Item(Marks.marked(item.text(), moved), "moved", false));
      }
    }
    return new ItemSheet(
        feature, "fuzzing", FUZZING, explanation, Sheet.shuffled(shown, random), seed);
  }

  /** Marks where the feature is silent: where a neighbour is active its peak, else anywhere. */
  static BitSet wrongMarks(Example item, int count, Random random) {
    if (item.text().sample().kind() != SampleKind.NEIGHBOUR) {
      return others(item, count, random);
    }
    BitSet peak = new BitSet();
    peak.set(item.text().peak());
    return peak;
  }

  /** Some tokens on which the feature does not fire, and that can be seen. */
  private static BitSet others(Example item, int count, Random random) {
    List<Integer> silent =
        IntStream.range(0, item.text().tokens().size())
            .filter(i -> item.text().tokens().get(i).activation() == 0)
            .filter(i -> !item.text().tokens().get(i).text().isBlank())
            .boxed()
            .toList();
    BitSet marks = new BitSet();
    Sheet.shuffled(silent, random).stream().limit(count).forEach(marks::set);
    return marks;
  }

  @Override
  public List<Question> questions() {
    return parts.stream().map(this::question).toList();
  }

  private Question question(List<Item> part) {
    String lines = Sheet.numbered(part.stream().map(Item::line).toList());
    String user = "Description: " + explanation + "\n\n" + lines;
    return new Question(system, user, SHAPE, TOKENS_AN_ITEM * part.size(), 0, stage, feature);
  }

  /** What each question shows, in its order. */
  public List<List<Item>> parts() {
    return parts;
  }

  @Override
  public BinaryScore score(List<Answer> answers) {
    List<Verdict> verdicts = new ArrayList<>();
    int failed = 0;
    for (int i = 0; i < parts.size(); i++) {
      for (Optional<Verdict> verdict : verdicts(parts.get(i), answers.get(i))) {
        verdict.ifPresent(verdicts::add);
        failed += verdict.isPresent() ? 0 : 1;
      }
    }
    return BinaryScore.of(verdicts, failed, seed);
  }

  /** What an answer says of each item that its question shows; empty where it says nothing. */
  static List<Optional<Verdict>> verdicts(List<Item> items, Answer answer) {
    Map<Integer, ObjectNode> answered = Sheet.items(answer, items.size());
    return IntStream.range(0, items.size())
        .mapToObj(i ->
            Optional.ofNullable(answered.get(i + 1)).flatMap(said -> verdict(items.get(i), said)))
        .toList();
  }

  /** A judge that gives no probability is sure. */
  private static Optional<Verdict> verdict(Item item, ObjectNode answered) {
    if (!answered.path("active").isBoolean()) {
      return Optional.empty();
    }
    boolean said = answered.path("active").booleanValue();
    double p = answered.path("p").asDouble(said ? 1 : 0);
    return Optional.of(new Verdict(item.stratum(), item.active(), said, Math.clamp(p, 0, 1)));
  }
}
