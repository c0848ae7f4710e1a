package dev.loupe.model;

import dev.loupe.files.AtomicFile;
import dev.loupe.files.IoFailures;
import dev.loupe.safetensors.SafetensorsWriter;
import dev.loupe.safetensors.TensorSource;
import dev.loupe.tensor.SeededRandom;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * A model of which only the statistics are left: every tensor is drawn anew from a normal
 * distribution with that tensor's mean and standard deviation. What a dictionary finds in it, no
 * training put there.
 */
final class RandomWeights {
  private static final long SEED = 0;
  private static final String WEIGHTS = "model.safetensors";

  private RandomWeights() {}

  /**
   * Makes sure that a folder holds the re-drawn model. Several processes may do so at once: all
   * write the same bytes, each file is renamed into place, and the weights, which tell that the
   * folder is complete, come last.
   *
   * @return the target
   */
  static Path write(Path model, Path target) {
    if (Files.isRegularFile(target.resolve(WEIGHTS))) {
      return target;
    }
    try {
      Files.createDirectories(target);
    } catch (IOException e) {
      throw IoFailures.writing(target, e);
    }
    for (String file : List.of("config.json", "tokenizer.json", "tokenizer_config.json")) {
      AtomicFile.write(target.resolve(file), out -> Files.copy(model.resolve(file), out));
    }
    try (TensorScope _ = TensorScope.open();
        TensorSource source = TensorSource.openModel(model)) {
      SequencedMap<String, Tensor> drawn = new LinkedHashMap<>();
      source.names().forEach(name -> drawn.put(name, draw(name, source.read(name))));
      SafetensorsWriter.write(target.resolve(WEIGHTS), drawn, Map.of("format", "pt"));
    }
    return target;
  }

  private static Tensor draw(String name, Tensor like) {
    try (TensorScope scope = TensorScope.open()) {
      double[] values = like.doubles();
      double mean = Arrays.stream(values).average().orElse(0);
      double variance = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).average().orElse(0);
      SeededRandom random = new SeededRandom(SEED, "demo-random " + name);
      Arrays.setAll(values, i -> mean + Math.sqrt(variance) * random.normal(i));
      return scope.keep(Tensors.of(values, like.shape()).to(like.dtype()));
    }
  }
}
