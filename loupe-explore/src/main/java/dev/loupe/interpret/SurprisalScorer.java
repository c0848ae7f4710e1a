package dev.loupe.interpret;

import dev.loupe.model.Llama;
import dev.loupe.text.Tokenizer;

/**
 * Tests explanations by what they tell a language model on this machine. One at a time, as the
 * model needs it. Borrows model and tokenizer.
 */
public final class SurprisalScorer implements Scorer {
  private final Surprisal surprisal;
  private final String model;
  private final String fingerprint;
  private final long seed;

  /**
   * A scorer.
   *
   * @param name of the model
   * @param seed of the intervals' resampling
   */
  public SurprisalScorer(Llama model, Tokenizer tokenizer, String name, long seed) {
    this.surprisal = new Surprisal(model, tokenizer);
    this.model = name;
    this.fingerprint = model.fingerprint();
    this.seed = seed;
  }

  @Override
  public String name() {
    return "surprisal";
  }

  @Override
  public String author() {
    return model;
  }

  @Override
  public String settings() {
    return fingerprint;
  }

  @Override
  public synchronized Outcome score(Explanation explanation, ExampleSets sets) {
    return Outcome.of(
        surprisal
            .score(explanation.text(), ScoreChoice.of(sets), seed + sets.feature())
            .measured());
  }
}
