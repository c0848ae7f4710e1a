package dev.loupe.train;

import dev.loupe.dictionary.Scale;
import dev.loupe.dictionary.Weights;

/** Which implementation of a step a run uses. */
@FunctionalInterface
interface StepFactory {
  /**
   * A step that takes over the initial weights; the caller closes it.
   *
   * @param scale mean norms by which raw rows are scaled
   */
  TrainingStep create(Recipe recipe, Scale scale, Weights initial);
}
