package dev.loupe.model;

import dev.loupe.files.FileFormatException;
import dev.loupe.safetensors.Comparison;
import dev.loupe.safetensors.SafetensorsFile;
import dev.loupe.safetensors.TensorSource;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Recomputes what another program says a model computes. The reference file holds {@code input_ids}
 * [batch, positions] and any of {@code logits}, {@code nll} [batch, positions − 1], and hooks by
 * name [batch, positions, D].
 */
public final class ModelDoctor {
  private ModelDoctor() {}

  /** One comparison for each tensor of the reference, in its order. */
  public static List<Comparison> check(Llama model, Path reference) {
    try (TensorScope _ = TensorScope.open();
        TensorSource source = SafetensorsFile.open(reference)) {
      Set<Hook> hooks = hooks(source, model.config());
      Tensor ids = source.read("input_ids").to(DType.I64);
      try (Capture capture = new Capture(hooks)) {
        Tensor residual = model.forward(ids, model.config().layers(), capture);
        List<Comparison> found = new ArrayList<>();
        for (String name : source.names()) {
          switch (name) {
            case "input_ids" -> {}
            case "logits" ->
                found.add(Comparison.of(name, model.logits(residual), source.read(name)));
            case "nll" ->
                found.add(
                    Comparison.of(name, NextToken.losses(model, residual, ids), source.read(name)));
            default ->
                found.add(Comparison.of(name, capture.get(Hook.parse(name)), source.read(name)));
          }
        }
        return found;
      }
    }
  }

  private static Set<Hook> hooks(TensorSource source, LlamaConfig config) {
    Set<Hook> hooks = new TreeSet<>();
    for (String name : source.names()) {
      if (name.startsWith("blocks.")) {
        Hook hook = Hook.parse(name);
        if (hook.layer() >= config.layers()) {
          throw new FileFormatException(
              source.path(),
              "expected hooks of a model of " + config.layers() + " layers, got " + name);
        }
        hooks.add(hook);
      } else if (!Set.of("input_ids", "logits", "nll").contains(name)) {
        throw new FileFormatException(
            source.path(), "expected input_ids, logits, nll or hooks, got a tensor " + name);
      }
    }
    return hooks;
  }
}
