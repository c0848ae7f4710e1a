package dev.loupe.interpret;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.judge.Answer;
import dev.loupe.judge.AnswerShape;
import dev.loupe.judge.Question;
import dev.loupe.store.LogitsRow;
import dev.loupe.store.SampleText;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Explains a feature by asking a judge once. What a prompt says is part of the method: a changed
 * prompt is another {@link #method}.
 */
public enum JudgeExplainer {
  /** Llama Scope's protocol (its section 4.3): the 20 strongest contexts, and a rubric. */
  PAPER(1) {
    @Override
    String system() {
      return """
      You study features of a language model. A feature is a number of 0 or more that the model \
      computes at each token of a text; it is 0 at most tokens. You are shown passages in which one \
      feature is strongest, each token with the feature's value after a tab.

      Find what the tokens with high values, and what stands around them, have in common, and say it \
      in at most 20 words. Then rate two things from 1 to 5.
      Consistency: 5 - a clear pattern, and every passage fits it; 4 - a clear pattern with one or two \
      exceptions; 3 - a pattern that many passages fit and quite a few do not; 2 - a broad theme only; \
      1 - no pattern.
      Complexity: 5 - an idea that needs the meaning of much text; 3 - a kind of phrase or topic; 1 - a \
      single word or sign.

      Answer with one JSON object and nothing else: \
      {"explanation": "...", "consistency": 1, "complexity": 1}\
      """;
    }

    @Override
    String user(Evidence evidence) {
      StringBuilder text = new StringBuilder();
      List<SampleText> top = evidence.top(PAPER_PASSAGES);
      for (int i = 0; i < top.size(); i++) {
        text.append("Passage ").append(i + 1).append(": <START>\n");
        text.append(Marks.table(top.get(i).around(BEFORE, AFTER))).append("<END>\n\n");
      }
      return text.toString().strip();
    }
  },

  /** Examples of all strengths, near misses, and what the feature makes likelier. */
  HIGHLIGHTS(1) {
    @Override
    String system() {
      return """
      You study features of a language model. A feature is active at some tokens of a text and silent \
      at the others. You are shown passages in which one feature is active, its tokens marked \
      «like this», with strengths from 1 to 10 for some; passages in which it nearly was, but is not; \
      and the tokens that it makes more and less likely to come next.

      Say in at most 20 words when the feature is active: as narrowly as the passages allow, so that \
      somebody who reads only your words can tell passages with it from those without. It may be about \
      the marked tokens, about what comes before them, or about what comes next.

      Answer with one JSON object and nothing else: {"explanation": "..."}\
      """;
    }

    @Override
    String user(Evidence evidence) {
      StringBuilder text = new StringBuilder("Strongest:\n");
      for (SampleText sample : evidence.top(10)) {
        SampleText shown = sample.around(BEFORE, AFTER);
        text.append("- ").append(Marks.marked(shown, Marks.active(shown)));
        text.append("  [").append(Marks.values(shown, evidence.maximum())).append("]\n");
      }
      text.append("\nWeaker, from strong to weak:\n");
      for (SampleText sample : evidence.bands(5, 2)) {
        SampleText shown = sample.around(BEFORE, AFTER);
        text.append("- ").append(Marks.marked(shown, Marks.active(shown))).append('\n');
      }
      text.append("\nNot active:\n");
      for (SampleText sample : evidence.nearMisses(4)) {
        text.append("- ").append(Marks.plain(sample.around(BEFORE, AFTER))).append('\n');
      }
      return text.append('\n').append(logits(evidence.logits(), 8)).toString().strip();
    }
  },

  /** What the feature makes likelier, and nothing else. */
  LOGITS(1) {
    @Override
    String system() {
      return """
      You study features of a language model. A feature that is active makes some tokens more likely \
      to come next, and others less. You are shown those that one feature changes most, with the \
      change of the logit and its distance from the mean in standard deviations.

      Say in at most 20 words what the tokens that become more likely have in common. If they have \
      nothing in common, say which come first.

      Answer with one JSON object and nothing else: {"explanation": "..."}\
      """;
    }

    @Override
    String user(Evidence evidence) {
      return logits(evidence.logits(), 20);
    }
  };

  /** Passages of the paper's protocol. */
  static final int PAPER_PASSAGES = 20;

  private static final int BEFORE = 23;
  private static final int AFTER = 8;
  private static final int MAX_TOKENS = 300;
  private static final int MAX_CHARACTERS = 1_000; // of judges that go on and on

  private static final AnswerShape PLAIN =
      new AnswerShape(
          "explanation",
          """
          {"type":"object","properties":{"explanation":{"type":"string"}},\
          "required":["explanation"],"additionalProperties":false}\
          """);

  private static final AnswerShape RATED =
      new AnswerShape(
          "rated_explanation",
          """
          {"type":"object","properties":{"explanation":{"type":"string"},\
          "consistency":{"type":"integer"},"complexity":{"type":"integer"}},\
          "required":["explanation","consistency","complexity"],"additionalProperties":false}\
          """);

  private final int version;

  JudgeExplainer(int version) {
    this.version = version;
  }

  abstract String system();

  abstract String user(Evidence evidence);

  /** Name of the option and in files. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Name with the version of the prompt. */
  public String method() {
    return label() + "-" + version;
  }

  /** What to ask. */
  public Question question(Evidence evidence) {
    return new Question(
        system(),
        user(evidence),
        this == PAPER ? RATED : PLAIN,
        MAX_TOKENS,
        0,
        "explain-" + label(),
        evidence.feature());
  }

  /** Empty where the judge gave none. */
  public Optional<JudgeExplanation> read(Answer answer) {
    return answer.json().flatMap(JudgeExplainer::explanation);
  }

  private static Optional<JudgeExplanation> explanation(ObjectNode json) {
    String text = json.path("explanation").asText("").replaceAll("\\s+", " ").strip();
    return text.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new JudgeExplanation(
                text.substring(0, Math.min(MAX_CHARACTERS, text.length())),
                rating(json.path("consistency")),
                rating(json.path("complexity"))));
  }

  private static OptionalInt rating(JsonNode value) {
    boolean good = value.isIntegralNumber() && value.intValue() >= 1 && value.intValue() <= 5;
    return good ? OptionalInt.of(value.intValue()) : OptionalInt.empty();
  }

  private static String logits(LogitsRow row, int count) {
    return "More likely next:\n"
        + lines(row.top(), count)
        + "\nLess likely next:\n"
        + lines(row.bottom(), count);
  }

  private static String lines(LogitsRow.Tokens tokens, int count) {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < Math.min(count, tokens.texts().length); i++) {
      lines.append(
          String.format(
              Locale.ROOT,
              "- '%s' %+.2f (%+.1f)\n",
              Marks.clean(tokens.texts()[i]),
              tokens.logits()[i],
              tokens.z()[i]));
    }
    return lines.toString();
  }
}
