package dev.loupe.cli;

import dev.loupe.interpret.Scorer;
import dev.loupe.interpret.SurprisalScorer;
import dev.loupe.model.Llama;
import dev.loupe.model.ModelFolder;
import dev.loupe.search.TextEmbedding;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.text.Tokenizer;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Models on this machine that scorers ask, loaded if one of them is wanted. Owns them. */
final class LocalModels implements AutoCloseable {
  private final Optional<TextEmbedding> embedding;
  private final String name;
  private @Nullable Llama model;
  private @Nullable Tokenizer tokenizer;

  /**
   * Loads what scorers need.
   *
   * @param scorers by name
   */
  LocalModels(List<String> scorers, String surprisalModel) {
    this.embedding =
        scorers.contains("embedding") ? Optional.of(TextEmbedding.load()) : Optional.empty();
    this.name = surprisalModel;
    if (scorers.contains("surprisal")) {
      ModelFolder folder = ModelFolder.resolve(surprisalModel);
      tokenizer = Tokenizer.load(folder.directory());
      try {
        model = Llama.load(folder.directory(), DType.F32, Device.CPU);
      } catch (RuntimeException | Error e) {
        tokenizer.close();
        throw e;
      }
    }
  }

  Optional<TextEmbedding> embedding() {
    return embedding;
  }

  /** Empty where it is not wanted. */
  Optional<Scorer> surprisal(long seed) {
    return model == null || tokenizer == null
        ? Optional.empty()
        : Optional.of(new SurprisalScorer(model, tokenizer, name, seed));
  }

  @Override
  public void close() {
    if (model != null) {
      model.close();
    }
    if (tokenizer != null) {
      tokenizer.close();
    }
  }
}
