package dev.loupe.train;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Suite;
import dev.loupe.files.AtomicFile;
import dev.loupe.files.FileFormatException;
import dev.loupe.files.Json;
import dev.loupe.model.Hook;
import dev.loupe.safetensors.SafetensorsFile;
import dev.loupe.safetensors.SafetensorsWriter;
import dev.loupe.safetensors.TensorSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The folder {@code resume}: everything that a stopped run needs beside model and corpus. {@code
 * state.json} is written last and names the folder of tensors that belongs to it, so that a kill at
 * any moment leaves the state before or the state after, whole.
 */
final class ResumeState {
  private static final String STATE = "state.json";

  private ResumeState() {}

  /**
   * Where a run stopped.
   *
   * @param step number of the next step
   * @param manifest of the run, which a resumed one must share
   * @param meanNorms measured before the first step, by hook
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  record State(long step, Suite.Manifest manifest, Map<String, Double> meanNorms) {
    Map<Hook, Double> norms() {
      Map<Hook, Double> norms = new TreeMap<>();
      meanNorms.forEach((hook, norm) -> norms.put(Hook.parse(hook), norm));
      return norms;
    }
  }

  static boolean exists(Path suite) {
    return Files.isRegularFile(suite.resolve("resume").resolve(STATE));
  }

  static void write(Path suite, State state, Map<DictionaryName, ? extends TrainingStep> steps) {
    Path folder = suite.resolve("resume");
    String tensors = "step-" + state.step();
    try {
      Files.createDirectories(folder.resolve(tensors));
      steps.forEach((name, step) ->
          SafetensorsWriter.write(
              folder.resolve(tensors).resolve(name + ".safetensors"), step.state(), Map.of()));
      AtomicFile.writeJson(folder.resolve(STATE), state);
      try (Stream<Path> old = Files.list(folder)) {
        old.filter(path -> Files.isDirectory(path) && !path.endsWith(tensors))
            .forEach(ResumeState::delete);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + folder, e);
    }
  }

  static State read(Path suite) {
    Path file = suite.resolve("resume").resolve(STATE);
    if (!Files.isRegularFile(file)) {
      throw new FileFormatException(
          suite, "nothing to resume: no resume/state.json; leave --resume out to start");
    }
    return Json.read(file, State.class);
  }

  /** Refuses to go on with something else than was begun, and says what differs. */
  static void checkSame(Suite.Manifest begun, Suite.Manifest now) {
    List<String> differences =
        Stream.of(
                difference("model", begun.modelFingerprint(), now.modelFingerprint()),
                difference("tokenizer", begun.tokenizerFingerprint(), now.tokenizerFingerprint()),
                difference("corpus", begun.corpusFingerprint(), now.corpusFingerprint()),
                difference("recipe", begun.recipe(), now.recipe()),
                difference("tokens", begun.tokens(), now.tokens()),
                difference("seed", begun.seed(), now.seed()),
                difference("lm dtype", begun.lmDtype(), now.lmDtype()),
                difference("threads", begun.threads(), now.threads()),
                difference("machine", begun.machine(), now.machine()),
                difference("dictionaries", begun.dictionaries(), now.dictionaries()))
            .filter(text -> !text.isEmpty())
            .toList();
    if (!differences.isEmpty()) {
      throw new IllegalArgumentException(
          "expected to resume what was begun, got " + String.join("; ", differences));
    }
  }

  private static String difference(String what, Object begun, Object now) {
    return Objects.equals(begun, now)
        ? ""
        : "another " + what + " (" + now + ", was " + begun + ")";
  }

  static void restore(Path suite, State state, DictionaryName name, TorchStep step, long tokens) {
    Path file =
        suite.resolve("resume").resolve("step-" + state.step()).resolve(name + ".safetensors");
    try (TensorSource source = SafetensorsFile.open(file)) {
      step.restore(source::read, tokens);
    }
  }

  /** Removes the folder after a finished run. */
  static void clear(Path suite) {
    Path folder = suite.resolve("resume");
    if (Files.isDirectory(folder)) {
      delete(folder);
    }
  }

  private static void delete(Path folder) {
    try (Stream<Path> walk = Files.walk(folder)) {
      for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + folder, e);
    }
  }
}
