package dev.loupe.train;

import dev.loupe.activation.Activations;
import dev.loupe.files.AtomicFile;
import dev.loupe.files.IoFailures;
import dev.loupe.safetensors.SafetensorsWriter;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder {@code incidents} of a suite, for a look at the batches that gave losses that were not
 * finite or far above the usual: {@code step-N/incident.json} with what happened to which
 * dictionary, and {@code step-N/batch.safetensors} with {@code ids}, {@code contexts} (their
 * numbers in the corpus) and {@code positions} of the tokens, and {@code norms.HOOK} of their
 * activations.
 */
final class Incidents {
  /** Steps of which the batches are kept: a run that has more has one cause for them. */
  static final int KEPT = 20;

  private static final Logger LOG = LoggerFactory.getLogger(Incidents.class);

  private final Path folder;
  private int steps;

  /**
   * @param steps with incidents so far
   */
  Incidents(Path suite, int steps) {
    this.folder = suite.resolve("incidents");
    this.steps = steps;
  }

  /** Steps with incidents so far, those that a run stopped at left out: what resuming needs. */
  int steps() {
    return steps;
  }

  /** Tells of a step's incidents and keeps its batch; a batch that cannot be kept is told of. */
  void add(long step, Activations batch, List<Incident> incidents) {
    boolean stops = incidents.stream().anyMatch(i -> i.response() == SpikeRule.Response.STOP);
    if (stops || steps < KEPT) {
      Path place = folder.resolve("step-" + step);
      incidents.forEach(
          incident -> LOG.warn("step {}, {}; the batch is in {}", step, told(incident), place));
      try {
        save(place, step, batch, incidents);
      } catch (UncheckedIOException e) {
        LOG.warn("the batch of step {} is not kept: {}", step, e.getMessage());
      }
    }
    if (!stops && ++steps == KEPT) {
      LOG.warn("{} steps had incidents; of further ones no batch is kept", KEPT);
    }
  }

  private static String told(Incident incident) {
    String done =
        switch (incident.response()) {
          case WARN -> "used all the same";
          case SKIP -> "skipped";
          case STOP -> "stopped before it";
        };
    return incident.dictionary() + ": " + incident.message() + "; " + done;
  }

  private static void save(Path place, long step, Activations batch, List<Incident> incidents) {
    try {
      Files.createDirectories(place);
    } catch (IOException e) {
      throw IoFailures.writing(place, e);
    }
    try (TensorScope _ = TensorScope.open()) {
      SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
      tensors.put("ids", Tensors.of(batch.ids(), batch.tokens()));
      tensors.put("contexts", Tensors.of(batch.contexts(), batch.tokens()));
      tensors.put("positions", Tensors.of(batch.positions(), batch.tokens()));
      batch
          .rows()
          .forEach((hook, rows) ->
              tensors.put(
                  "norms." + hook, Reductions.norm(rows.to(DType.F32), 1).reshape(-1))); // [tokens]
      SafetensorsWriter.write(place.resolve("batch.safetensors"), tensors, Map.of());
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("step", step);
    json.put("incidents", incidents);
    AtomicFile.writeJson(place.resolve("incident.json"), json);
  }
}
