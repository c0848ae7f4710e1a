package dev.loupe.activation;

import dev.loupe.model.Hook;
import dev.loupe.model.LlamaConfig;
import dev.loupe.tensor.Device;
import dev.loupe.text.TokenCorpus;
import java.util.Set;

/**
 * Activations at some hooks of a model, batch by batch of a corpus, each time the same. Several
 * threads may read at once.
 */
public sealed interface ActivationSource permits ModelPass, ActivationCache {
  /** The batches, borrowed. */
  TokenCorpus corpus();

  Set<Hook> hooks();

  /** Shape of the model. */
  LlamaConfig model();

  /** Where the activations are wanted. */
  Device device();

  /** Activations of the counted tokens of a batch, in its order, on any device; the caller's. */
  Activations read(int batch);

  /** Whether a batch will likely be read from disk; otherwise the model runs. */
  boolean isStored(int batch);
}
