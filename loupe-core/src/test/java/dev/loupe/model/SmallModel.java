package dev.loupe.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.files.AtomicFile;
import dev.loupe.files.Json;
import dev.loupe.safetensors.SafetensorsWriter;
import dev.loupe.safetensors.TensorSource;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.text.BundledFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * The corner of the bundled model's weights: three blocks of a quarter of the width, with its
 * tokenizer. It predicts nothing well, and runs thirty times as fast, for tests of what is done
 * with a model, whatever the model knows.
 */
public final class SmallModel {
  private static final int NARROWER = 4;
  private static final int LAYERS = 3;

  private SmallModel() {}

  /** That of {@code demo}. */
  public static ModelFolder folder() {
    return folder("demo");
  }

  /** Makes it on first use, beside the bundled one, whose folder is named by its content. */
  public static synchronized ModelFolder folder(String bundled) {
    Path whole = BundledFiles.model(bundled).orElseThrow();
    Path folder = whole.resolveSibling("corner-%d-%d-of-%s".formatted(LAYERS, NARROWER, bundled));
    if (!Files.exists(folder.resolve("model.safetensors"))) {
      write(whole, folder);
    }
    return ModelFolder.resolve(folder.toString());
  }

  private static void write(Path whole, Path folder) {
    try {
      Files.createDirectories(folder);
      for (String file : List.of("tokenizer.json", "tokenizer_config.json")) {
        AtomicFile.write(folder.resolve(file), out -> Files.copy(whole.resolve(file), out));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    ObjectNode config = Json.read(whole.resolve("config.json"), ObjectNode.class);
    for (String size :
        List.of("hidden_size", "intermediate_size", "num_attention_heads", "num_key_value_heads")) {
      config.put(size, config.get(size).intValue() / NARROWER);
    }
    config.put("num_hidden_layers", LAYERS);
    AtomicFile.writeJson(folder.resolve("config.json"), config);
    try (TensorScope _ = TensorScope.open();
        TensorSource source = TensorSource.openModel(whole)) {
      SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
      source.names().stream()
          .filter(name -> !name.matches("model\\.layers\\.[%d-9]\\..*".formatted(LAYERS)))
          .forEach(name -> tensors.put(name, corner(name, source.read(name))));
      SafetensorsWriter.write(folder.resolve("model.safetensors"), tensors, Map.of("format", "pt"));
    }
  }

  private static Tensor corner(String name, Tensor whole) {
    boolean vocabulary = name.contains("embed_tokens");
    Tensor rows = vocabulary ? whole : whole.narrow(0, 0, whole.size(0) / NARROWER);
    boolean vector = whole.shape().length == 1;
    return (vector ? rows : rows.narrow(1, 0, whole.size(1) / NARROWER)).contiguous();
  }
}
