package dev.loupe.train;

import dev.loupe.activation.ActivationStream;
import dev.loupe.activation.Activations;
import dev.loupe.dictionary.Calibration;
import dev.loupe.dictionary.Contract;
import dev.loupe.dictionary.Dictionary;
import dev.loupe.dictionary.DictionaryFolder;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.DictionaryProbe;
import dev.loupe.dictionary.ExpectedSums;
import dev.loupe.dictionary.Gate;
import dev.loupe.dictionary.Scale;
import dev.loupe.dictionary.Suite;
import dev.loupe.dictionary.Weights;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Team;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.text.Progress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * After training: standardise, calibrate the threshold with the weights as rounded for the file,
 * measure what the contract expects, write. All dictionaries share the same tokens, next in the
 * stream.
 */
final class Finishing {
  private static final int BATCH = 2_048;

  private final TrainingRequest request;
  private final Suite.Manifest manifest;
  private final ActivationStream stream;

  Finishing(TrainingRequest request, Suite.Manifest manifest, ActivationStream stream) {
    this.request = request;
    this.manifest = manifest;
    this.stream = stream;
  }

  /**
   * @param steps of each dictionary; of a rank that only reads its part of the stream, none
   */
  void write(
      Path directory,
      SequencedMap<DictionaryName, TrainingStep> steps,
      Map<DictionaryName, Scale> scales,
      Progress progress) {
    Map<DictionaryName, Subject> subjects = new TreeMap<>();
    try {
      steps.forEach((name, step) -> subjects.put(name, new Subject(name, step, scales.get(name))));
      calibrate(subjects, progress);
      measure(subjects, progress);
      long written = 0;
      for (Subject subject : subjects.values()) {
        progress.report("writing", written++, subjects.size());
        subject.write(directory);
      }
      progress.report("writing", written, subjects.size());
    } finally {
      subjects.values().forEach(Subject::close);
    }
  }

  /** Finds the thresholds of TopK dictionaries. */
  private void calibrate(Map<DictionaryName, Subject> subjects, Progress progress) {
    if (request.names().stream().noneMatch(name -> request.recipes().of(name).isTopK())) {
      return;
    }
    int total = request.recipe().calibrationTokens();
    Map<DictionaryName, Calibration> calibrations = new TreeMap<>();
    try {
      subjects.forEach((name, subject) -> {
        if (subject.recipe.isTopK()) {
          calibrations.put(name, new Calibration(subject.dictionary, subject.recipe.k(), total));
        }
      });
      forTokens(
          total,
          "calibrating",
          progress,
          batch ->
              Team.forEach(
                  List.copyOf(calibrations.keySet()),
                  name -> calibrations.get(name).add(batch.at(name.site().hookIn(name.layer())))));
      calibrations.forEach((name, calibration) ->
          subjects.get(name).useGate(new Gate.JumpRelu(calibration.threshold())));
    } finally {
      calibrations.values().forEach(Calibration::close);
    }
  }

  private void measure(Map<DictionaryName, Subject> subjects, Progress progress) {
    forTokens(
        TrainingRequest.EXPECTED_TOKENS,
        "measuring",
        progress,
        batch -> Team.forEach(List.copyOf(subjects.values()), subject -> subject.measure(batch)));
  }

  private void forTokens(int tokens, String what, Progress progress, Consumer<Activations> action) {
    for (int done = 0; done < tokens; ) {
      progress.report(what, done, tokens);
      try (TensorScope _ = TensorScope.open();
          Activations batch = stream.next(Math.min(BATCH, tokens - done))) {
        action.accept(batch);
        done += batch.tokens();
      }
    }
    progress.report(what, tokens, tokens);
  }

  private Contract contract(DictionaryName name, Scale scale, String dtype) {
    return new Contract(
        Contract.FORMAT,
        name,
        List.of(name.site().hookIn(name.layer())),
        List.of(name.site().hookOut(name.layer())),
        Contract.Form.AS_TRAINED,
        scale,
        scale,
        new Gate.Relu(),
        true,
        dtype,
        manifest.tokenPolicy(),
        manifest.modelFingerprint(),
        manifest.tokenizerFingerprint(),
        "",
        Optional.empty());
  }

  /** A dictionary on its way from training to disk. */
  private final class Subject implements AutoCloseable {
    private final Recipe recipe;
    private final DType dtype;
    private final TrainingStep step;
    private Dictionary dictionary;
    private DictionaryProbe probe;
    private final ExpectedSums sums = new ExpectedSums();

    Subject(DictionaryName name, TrainingStep step, Scale scale) {
      this.recipe = request.recipes().of(name);
      this.dtype = DType.parse(recipe.fileDtype());
      this.step = step;
      Weights raw = step.weights().rounded(DType.F32);
      try (Dictionary trained = new Dictionary(raw, contract(name, scale, dtype.torchName()));
          Dictionary standard = trained.standardised()) {
        dictionary = new Dictionary(standard.weights().rounded(dtype), standard.contract());
      }
    }

    void useGate(Gate gate) {
      Dictionary old = dictionary;
      dictionary = old.withGate(gate);
      old.close();
    }

    void measure(Activations batch) {
      try (TensorScope _ = TensorScope.open()) {
        Tensor x = batch.at(dictionary.contract().hookIn());
        sums.add(dictionary, x, batch.at(dictionary.contract().hookOut()));
        if (probe == null) {
          probe =
              DictionaryProbe.of(
                  dictionary, x.narrow(0, 0, Math.min(DictionaryProbe.ROWS, x.size(0))));
        }
      }
    }

    void write(Path directory) {
      Path folder = directory.resolve(dictionary.name().toString());
      DictionaryFolder.writeRaw(folder, step.weights(), dtype);
      Contract.Expected expected = sums.means(request.recipe().context());
      try (Dictionary whole =
          new Dictionary(
              dictionary.weights().rounded(DType.F32),
              dictionary.contract().withExpected(expected))) {
        DictionaryFolder.write(folder, whole, dtype, manifest.model(), probe, trainedGate());
      }
    }

    /** The gate that training used, where it is another than the one for inference. */
    private Optional<Gate> trainedGate() {
      return recipe.isTopK() ? Optional.of(new Gate.TopK(recipe.k())) : Optional.empty();
    }

    @Override
    public void close() {
      dictionary.close();
      if (probe != null) {
        probe.close();
      }
    }
  }
}
