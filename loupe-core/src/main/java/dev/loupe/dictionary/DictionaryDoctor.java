package dev.loupe.dictionary;

import dev.loupe.files.FileFormatException;
import dev.loupe.safetensors.Comparison;
import dev.loupe.safetensors.SafetensorsFile;
import dev.loupe.safetensors.TensorSource;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Recomputes what another program says a dictionary computes. The reference file holds raw inputs
 * {@code x} [n, D], targets {@code y} for a transcoder, and any of the tensors of {@link #compute}.
 */
public final class DictionaryDoctor {
  private static final List<String> OF_TOP_K =
      List.of("topk.features", "topk.reconstruction", "calibrated_threshold", "loss");

  private DictionaryDoctor() {}

  /** Compares a folder's checksums and its probe, where it has them. */
  public static void verify(Path folder) {
    try (Dictionary dictionary = DictionaryFolder.open(folder)) {
      DictionaryFolder.verify(folder, dictionary);
    }
  }

  /** One comparison for each tensor of the reference but the inputs, in its order. */
  public static List<Comparison> check(Path folder, Path reference) {
    try (TensorScope _ = TensorScope.open();
        TensorSource source = SafetensorsFile.open(reference);
        Dictionary stored = DictionaryFolder.open(folder);
        Dictionary standard = stored.standardised();
        Dictionary topK = stored.withGate(topK(folder, source))) {
      Tensor x = source.read("x").to(DType.F32);
      Tensor y = source.has("y") ? source.read("y").to(DType.F32) : x;
      Subject subject = new Subject(stored, standard, topK, x, y);
      List<Comparison> found = new ArrayList<>();
      for (String name : source.names()) {
        if (!name.equals("x") && !name.equals("y")) {
          Tensor expected = source.read(name);
          found.add(Comparison.of(name, compute(subject, name, expected, reference), expected));
        }
      }
      return found;
    }
  }

  /** The gate of training; any one where the reference holds nothing that depends on it. */
  private static Gate topK(Path folder, TensorSource reference) {
    return LlamaScopeFiles.readTopK(folder)
        .orElseGet(() -> {
          for (String name : OF_TOP_K) {
            if (reference.has(name)) {
              throw new FileFormatException(
                  folder.resolve("hyperparams.json"),
                  "expected a top_k, without which " + name + " cannot be recomputed, got none");
            }
          }
          return new Gate.TopK(1);
        });
  }

  /**
   * @param stored as on disk
   * @param topK as on disk, with the gate of training
   */
  private record Subject(
      Dictionary stored, Dictionary standard, Dictionary topK, Tensor x, Tensor y) {}

  private static Tensor compute(Subject subject, String name, Tensor expected, Path file) {
    return switch (name) {
      case "topk.features" -> features(subject.topK, subject.x, expected.size(0));
      case "topk.reconstruction" ->
          Arithmetic.multiply(
              reconstruct(subject.topK, subject.x.narrow(0, 0, expected.size(0))),
              factorOut(subject.stored));
      case "jumprelu.features" -> features(subject.standard, subject.x, expected.size(0));
      case "jumprelu.reconstruction" ->
          reconstruct(subject.standard, subject.x.narrow(0, 0, expected.size(0)));
      case "standard.encoder.weight" -> subject.standard.weights().encoder();
      case "standard.encoder.bias" -> subject.standard.weights().encoderBias();
      case "standard.decoder.weight" -> subject.standard.weights().decoder().transpose(0, 1);
      case "standard.decoder.bias" -> subject.standard.weights().decoderBias();
      case "calibrated_threshold" -> one(threshold(subject));
      case "loss" -> one(loss(subject));
      case "l0" -> one(l0(subject));
      case "explained_variance" -> one(explainedVariance(subject));
      case "explained_variance_centred" -> one(explainedVarianceCentred(subject));
      default ->
          throw new FileFormatException(
              file, "expected tensors that doctor can recompute, got " + name);
    };
  }

  private static double factorOut(Dictionary dictionary) {
    return dictionary.contract().scale().factorOut(dictionary.weights().outputSize());
  }

  private static Tensor one(double value) {
    return Tensors.of(new double[] {value}, 1);
  }

  private static Tensor features(Dictionary dictionary, Tensor x, long rows) {
    try (Codes codes = dictionary.encode(x.narrow(0, 0, rows))) {
      return codes.dense();
    }
  }

  private static Tensor reconstruct(Dictionary dictionary, Tensor x) {
    try (Codes codes = dictionary.encode(x)) {
      return dictionary.decode(codes);
    }
  }

  private static double threshold(Subject subject) {
    int k = ((Gate.TopK) subject.topK.contract().gate()).k();
    try (Calibration calibration = new Calibration(subject.standard, k, subject.x.size(0))) {
      calibration.add(subject.x);
      return calibration.threshold();
    }
  }

  private static double loss(Subject subject) {
    double factor = factorOut(subject.stored);
    Tensor target = Arithmetic.multiply(subject.y, factor);
    Tensor found = Arithmetic.multiply(reconstruct(subject.topK, subject.x), factor);
    return ReconstructionLoss.value(
        Arithmetic.subtract(found, target), ReconstructionLoss.scales(target));
  }

  private static double l0(Subject subject) {
    try (Codes codes = subject.standard.encode(subject.x)) {
      return (double) codes.active() / codes.tokens();
    }
  }

  private static double explainedVariance(Subject subject) {
    Tensor ratios = Arithmetic.divide(errors(subject), squares(subject.y));
    return 1 - Reductions.total(ratios) / ratios.elements();
  }

  private static double explainedVarianceCentred(Subject subject) {
    Tensor y = subject.y.to(DType.F64);
    double variance = Reductions.totalOfSquares(Arithmetic.subtract(y, Reductions.mean(y, 0)));
    return 1 - Reductions.total(errors(subject)) / variance;
  }

  private static Tensor errors(Subject subject) {
    return squares(Arithmetic.subtract(subject.y, reconstruct(subject.standard, subject.x)));
  }

  private static Tensor squares(Tensor rows) {
    return Reductions.sumDouble(Arithmetic.square(rows.to(DType.F64)), 1);
  }
}
