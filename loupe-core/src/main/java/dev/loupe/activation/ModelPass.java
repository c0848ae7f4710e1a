package dev.loupe.activation;

import dev.loupe.model.Hook;
import dev.loupe.model.LlamaConfig;
import dev.loupe.model.ModelOnDemand;
import dev.loupe.tensor.Device;
import dev.loupe.text.TokenCorpus;
import java.util.Set;

/**
 * Activations from a pass of the model over each batch that is asked for. Borrows both, and loads
 * the model with the first batch.
 */
public record ModelPass(ModelOnDemand language, TokenCorpus corpus, Set<Hook> hooks)
    implements ActivationSource {
  public ModelPass {
    hooks = Set.copyOf(hooks);
  }

  @Override
  public LlamaConfig model() {
    return language.config();
  }

  @Override
  public Device device() {
    return language.device();
  }

  @Override
  public Activations read(int batch) {
    return Capturing.activations(language.get(), corpus.batch(batch), hooks);
  }

  @Override
  public boolean isStored(int batch) {
    return false;
  }
}
