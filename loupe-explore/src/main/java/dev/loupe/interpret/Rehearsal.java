package dev.loupe.interpret;

import dev.loupe.analyze.Analysis;
import dev.loupe.judge.Answer;
import dev.loupe.judge.AnswerCache;
import dev.loupe.judge.Judge;
import dev.loupe.judge.Outcome;
import dev.loupe.judge.Question;
import dev.loupe.store.FeatureStore;
import dev.loupe.store.StoredFeature;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a run would ask its judge, of a sample of its features: the real prompts, with a made-up
 * explanation as long as the longest asked for. Asks and writes nothing. A judge for the setup of
 * the rehearsal, not of the run. One thread at a time.
 */
public final class Rehearsal implements Judge {
  /** Features of a dictionary whose questions are made. */
  public static final int SAMPLE = 20;

  private static final String WORDS =
      "a feature of some twenty words, which is as long as an explanation is asked to be, and no"
          + " judge says much more";

  private final Map<String, Question> asked = new LinkedHashMap<>(); // each once, as in a run

  /**
   * The questions about some features of a dictionary.
   *
   * @param features that the run would be about
   * @param questions of each feature of the sample
   */
  public record Questions(int features, List<List<Question>> questions) {
    public Questions {
      questions = List.copyOf(questions);
    }
  }

  /** Notes the question; the answer is made up. */
  @Override
  public Answer ask(Question question) {
    String key = AnswerCache.key("", question);
    asked.put(key, question);
    return new Answer(Outcome.ANSWERED, "{\"explanation\":\"" + WORDS + "\"}", key);
  }

  /**
   * Goes through the sample.
   *
   * @param setup whose explainers and scorers ask this judge
   */
  public Questions of(InterpretSetup setup) {
    try (FeatureStore store = Analysis.open(setup.suite(), setup.name())) {
      FeatureChoice choice = FeatureChoice.of(setup, store.columns());
      List<List<Question>> questions = new ArrayList<>();
      for (StoredFeature stored : store.read(choice.sample(SAMPLE), ExampleSets.KINDS)) {
        asked.clear();
        rehearse(setup, ExampleSets.of(stored));
        questions.add(List.copyOf(asked.values()));
      }
      return new Questions(choice.chosen().size(), questions);
    }
  }

  private static void rehearse(InterpretSetup setup, ExampleSets sets) {
    for (Explainer explainer : setup.explainers()) {
      explainer
          .explain(sets, "")
          .ifPresent(explanation -> {
            for (Scorer scorer : setup.scorers()) {
              if (scorer.tests(explanation)) {
                scorer.score(explanation, sets);
                if (scorer.hasBaseline()) {
                  scorer.score(other(explanation), sets);
                }
              }
            }
          });
    }
  }

  /** Another feature's words. */
  private static Explanation other(Explanation explanation) {
    return new Explanation(
        explanation.feature(),
        explanation.method(),
        explanation.author(),
        "other: " + explanation.text(),
        "",
        List.of(),
        explanation.rules());
  }
}
