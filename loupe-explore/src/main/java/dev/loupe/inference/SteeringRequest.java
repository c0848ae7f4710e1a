package dev.loupe.inference;

import dev.loupe.model.GenerationRequest;
import java.util.List;

/**
 * What to change while the model writes, and what to find out about it.
 *
 * @param dose what every change is multiplied by; 0 changes nothing
 * @param doses for which to measure how far the model moves
 * @param target a token whose probability after the prompt is measured for each dose; may be empty
 */
public record SteeringRequest(
    String prompt,
    List<Edit> edits,
    double dose,
    GenerationRequest generation,
    List<Double> doses,
    String target) {
  private static final int MOST_EDITS = 20;
  private static final int MOST_DOSES = 25;
  private static final int MOST_NEW_TOKENS = 200;

  public SteeringRequest {
    edits = List.copyOf(edits);
    doses = List.copyOf(doses);
    atMost("edits", edits.size(), MOST_EDITS);
    atMost("doses", doses.size(), MOST_DOSES);
    atMost("max_tokens", generation.maxTokens(), MOST_NEW_TOKENS);
    if (!Double.isFinite(dose) || !doses.stream().allMatch(Double::isFinite)) {
      throw new IllegalArgumentException("expected finite doses, got " + dose + ", " + doses);
    }
  }

  private static void atMost(String what, int got, int most) {
    if (got > most) {
      throw new IllegalArgumentException(
          "expected at most %d in %s, got %d".formatted(most, what, got));
    }
  }
}
