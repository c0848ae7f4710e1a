package dev.loupe.train;

import dev.loupe.dictionary.Scale;

/** Which implementation of a step a run uses. */
@FunctionalInterface
interface StepFactory {
  /**
   * A step that takes over the beginning; the caller closes it.
   *
   * @param scale mean norms by which raw rows are scaled
   */
  TrainingStep create(Recipe recipe, Scale scale, Initial initial);
}
