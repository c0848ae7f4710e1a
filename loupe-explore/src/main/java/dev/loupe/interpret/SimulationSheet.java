package dev.loupe.interpret;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.dictionary.FeatureName;
import dev.loupe.judge.Answer;
import dev.loupe.judge.AnswerShape;
import dev.loupe.judge.Question;
import dev.loupe.store.SampleText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The judge foretells, from the explanation, how strong the feature is at each token, from 0 to 10;
 * the score is the correlation with what it was (Bills et al. 2023, whole numbers in place of the
 * expectation over likely answers, which most endpoints do not give).
 */
public final class SimulationSheet implements Sheet<SimulationSheet.Score> {
  private static final int PASSAGES = 5; // in a question
  private static final int TOKENS_A_PASSAGE = 250;

  private static final AnswerShape SHAPE =
      new AnswerShape(
          "simulation",
          """
          {"type":"object","properties":{"items":{"type":"array","items":{"type":"object",\
          "properties":{"id":{"type":"integer"},"tokens":{"type":"array","items":{"type":"object",\
          "properties":{"n":{"type":"integer"},"value":{"type":"integer"}},\
          "required":["n","value"],"additionalProperties":false}}},\
          "required":["id","tokens"],"additionalProperties":false}}},\
          "required":["items"],"additionalProperties":false}\
          """);

  private static final String SYSTEM =
      """
      You are given a description of when a feature of a language model is active, and passages by \
      number, token by token. For each passage say how strong the feature is at its tokens, going by \
      the description alone, from 0 (silent) to 10 (as strong as anywhere). Name only tokens that are \
      not 0; a passage without any has an empty list.

      Answer with one JSON object and nothing else, with every passage by its number and tokens by \
      theirs: {"items": [{"id": 1, "tokens": [{"n": 7, "value": 10}]}, {"id": 2, "tokens": []}]}\
      """;

  /**
   * How well activations were foretold.
   *
   * @param correlation Pearson's r over all tokens, with an interval from 1,000 resamples of the
   *     passages; NaN where the judge said the same of all
   * @param active answered passages in which the feature fires
   * @param silent answered passages in which it does not
   * @param failed passages without an answer of use
   */
  public record Score(Interval correlation, int active, int silent, int failed) {
    /** As it is kept. */
    Measured measured() {
      return new Measured("correlation", correlation.kept(), active, silent, failed, List.of());
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Foretold(double[] said, double[] was) {
    boolean isActive() {
      return Arrays.stream(was).anyMatch(activation -> activation > 0);
    }
  }

  private final FeatureName feature;
  private final String explanation;
  private final List<List<SampleText>> parts;
  private final long seed;

  private SimulationSheet(
      FeatureName feature, String explanation, List<List<SampleText>> parts, long seed) {
    this.feature = feature;
    this.explanation = explanation;
    this.parts = parts;
    this.seed = seed;
  }

  public static SimulationSheet of(
      FeatureName feature, String explanation, List<Example> items, long seed) {
    List<SampleText> passages = items.stream().map(Example::text).toList();
    List<SampleText> shuffled = Sheet.shuffled(passages, Sheet.random(seed, feature, "simulation"));
    return new SimulationSheet(feature, explanation, Sheet.parts(shuffled, PASSAGES), seed);
  }

  @Override
  public List<Question> questions() {
    return parts.stream().map(this::question).toList();
  }

  private Question question(List<SampleText> part) {
    StringBuilder user = new StringBuilder("Description: ").append(explanation).append('\n');
    for (int i = 0; i < part.size(); i++) {
      user.append("\nPassage ").append(i + 1).append(":\n");
      List<SampleText.Token> tokens = part.get(i).tokens();
      for (int n = 0; n < tokens.size(); n++) {
        user.append(n + 1).append('\t').append(Marks.clean(tokens.get(n).text())).append('\n');
      }
    }
    return new Question(
        SYSTEM, user.toString(), SHAPE, TOKENS_A_PASSAGE * part.size(), 0, "simulation", feature);
  }

  @Override
  public Score score(List<Answer> answers) {
    List<Foretold> foretold = new ArrayList<>();
    int failed = 0;
    for (int i = 0; i < parts.size(); i++) {
      List<SampleText> part = parts.get(i);
      Map<Integer, ObjectNode> items = Sheet.items(answers.get(i), part.size());
      for (int id = 1; id <= part.size(); id++) {
        ObjectNode item = items.get(id);
        if (item != null && item.path("tokens").isArray()) {
          foretold.add(foretold(part.get(id - 1), item.path("tokens")));
        } else {
          failed++;
        }
      }
    }
    Interval correlation =
        foretold.isEmpty()
            ? new Interval(Double.NaN, -1, 1)
            : Numbers.bootstrap(
                foretold.toArray(Foretold[]::new), SimulationSheet::correlation, seed);
    int active = (int) foretold.stream().filter(Foretold::isActive).count();
    return new Score(correlation, active, foretold.size() - active, failed);
  }

  private static Foretold foretold(SampleText passage, JsonNode tokens) {
    double[] was = passage.tokens().stream().mapToDouble(SampleText.Token::activation).toArray();
    double[] said = new double[was.length];
    for (JsonNode token : tokens) {
      int n = token.path("n").asInt(0);
      if (n >= 1 && n <= said.length) {
        said[n - 1] = Math.clamp(token.path("value").asDouble(0), 0, 10);
      }
    }
    return new Foretold(said, was);
  }

  private static double correlation(Foretold[] all) {
    return Numbers.correlation(joined(all, true), joined(all, false));
  }

  private static double[] joined(Foretold[] all, boolean said) {
    return Stream.of(all)
        .flatMapToDouble(one -> Arrays.stream(said ? one.said() : one.was()))
        .toArray();
  }
}
