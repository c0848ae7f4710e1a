package dev.loupe.model;

import dev.loupe.tensor.Tensor;

/**
 * Sees every activation as the model computes it, and says with what the model goes on: the same
 * tensor, or another of its shape and type in its place.
 */
@FunctionalInterface
public interface Probe {
  /** Looks at nothing and changes nothing. */
  Probe NONE = (_, activation) -> activation;

  /**
   * Sees one activation and gives the one to go on with.
   *
   * @param activation float32 [batch, positions, d], borrowed: it dies with its block. A tensor
   *     returned in its place belongs to the innermost scope.
   */
  Tensor at(Hook hook, Tensor activation);
}
