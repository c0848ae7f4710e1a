package dev.loupe.dictionary;

import dev.loupe.files.AtomicFolder;
import dev.loupe.files.FileFormatException;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Indexing;
import dev.loupe.tensor.Reductions;
import dev.loupe.tensor.SeededRandom;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;

/**
 * Writes a dictionary in another format, with another gate, or in the form on which all readers
 * agree: standardised weights. Reads published and own Llama Scope folders and SAELens folders.
 */
public final class Conversion {
  private Conversion() {}

  /** What to write. */
  public enum Format {
    LLAMASCOPE,
    SAELENS;

    public static Format parse(String name) {
      return Conversion.parse(Format.class, name, "a format");
    }
  }

  /** The gates to choose from. */
  public enum GateKind {
    TOPK,
    JUMPRELU;

    public static GateKind parse(String name) {
      return Conversion.parse(GateKind.class, name, "a gate");
    }
  }

  private static <E extends Enum<E>> E parse(Class<E> type, String name, String what) {
    for (E value : type.getEnumConstants()) {
      if (value.name().equals(name.toUpperCase(Locale.ROOT))) {
        return value;
      }
    }
    throw new IllegalArgumentException(
        "expected %s of %s, got '%s'"
            .formatted(
                what,
                String.join(
                    " or ",
                    Arrays.stream(type.getEnumConstants())
                        .map(value -> value.name().toLowerCase(Locale.ROOT))
                        .toList()),
                name));
  }

  /**
   * Converts a folder.
   *
   * @param to a new or an empty folder; appears whole or not at all
   * @param gate empty to keep the dictionary's
   * @param k for the gate topk, in place of the one that the folder names
   * @return the contract of what was written
   * @throws IllegalArgumentException if {@code to} holds anything, or for arguments that do not go
   *     together
   * @throws FileFormatException if the source is damaged, does not know the gate's threshold or K,
   *     or cannot be said in the format
   */
  public static Contract convert(
      Path from, Path to, Format format, Optional<GateKind> gate, OptionalInt k) {
    return convert(from, to, format, gate, k, UnaryOperator.identity());
  }

  /**
   * As {@link #convert(Path, Path, Format, Optional, OptionalInt)}.
   *
   * @param known adds what is known of the dictionary beside its files
   */
  static Contract convert(
      Path from,
      Path to,
      Format format,
      Optional<GateKind> gate,
      OptionalInt k,
      UnaryOperator<Contract> known) {
    if (k.isPresent() && gate.filter(GateKind.TOPK::equals).isEmpty()) {
      throw new IllegalArgumentException(
          "expected a K only with the gate topk, got " + k.getAsInt());
    }
    AtomicFolder.requireFree(to);
    boolean saeLens = SaeLensFiles.isDictionary(from);
    try (Dictionary stored = saeLens ? SaeLensFiles.open(from) : DictionaryFolder.open(from)) {
      Gates gates =
          Gates.of(stored.contract().gate(), saeLens ? Optional.empty() : Optional.of(from));
      Gate chosen = gate.map(kind -> gates.choose(kind, k, from)).orElse(gates.own());
      String model = saeLens ? SaeLensFiles.readModel(from) : LlamaScopeFiles.readModel(from);
      try (Dictionary written =
          standardised(stored, contract -> known.apply(contract.withGate(chosen)))) {
        Source source = new Source(from, stored.contract(), model);
        AtomicFolder.write(
            to, folder -> write(folder, format, source, written, gates.beside(chosen)));
        return format == Format.LLAMASCOPE ? DictionaryFolder.readContract(to) : written.contract();
      }
    }
  }

  private static Dictionary standardised(Dictionary stored, UnaryOperator<Contract> change) {
    if (stored.contract().form() == Contract.Form.STANDARDISED) {
      return stored.withContract(change.apply(stored.contract())); // every bit as it is
    }
    try (Dictionary standard = stored.standardised()) {
      return standard.withContract(change.apply(standard.contract()));
    }
  }

  /** Whether a folder is a dictionary's, of any format that can be read. */
  static boolean isDictionary(Path folder) {
    return DictionaryFolder.isDictionary(folder) || SaeLensFiles.isDictionary(folder);
  }

  /**
   * What a dictionary's settings say of it; the weights are not read.
   *
   * @param width of the activations that it reads
   * @param modelFingerprint of the model that it was trained on; empty where unknown
   */
  record Described(DictionaryName name, int width, String modelFingerprint) {
    static Described of(Path folder) {
      if (SaeLensFiles.isDictionary(folder)) {
        return SaeLensFiles.describe(folder);
      }
      Contract contract = DictionaryFolder.readContract(folder);
      return new Described(
          contract.name(), LlamaScopeFiles.readWidth(folder), contract.modelFingerprint());
    }
  }

  /**
   * @param contract of the dictionary as it is stored
   * @param model the language model's name
   */
  private record Source(Path folder, Contract contract, String model) {
    boolean isStandardised() {
      return contract.form() == Contract.Form.STANDARDISED;
    }
  }

  private static void write(
      Path folder, Format format, Source source, Dictionary dictionary, Optional<Gate> other) {
    switch (format) {
      case SAELENS -> SaeLensFiles.write(folder, dictionary, source.model());
      case LLAMASCOPE -> {
        DictionaryFolder.copyRaw(source.folder(), folder, source.contract().form());
        // rounding newly computed weights to bfloat16 would change what they compute
        DType dtype = source.isStandardised() ? DType.parse(source.contract().dtype()) : DType.F32;
        try (TensorScope _ = TensorScope.open();
            DictionaryProbe probe =
                DictionaryProbe.of(dictionary, probeRows(source.folder(), dictionary))) {
          DictionaryFolder.write(folder, dictionary, dtype, source.model(), probe, other);
        }
      }
    }
  }

  /** The rows of the source's own probe, else seeded ones. */
  private static Tensor probeRows(Path from, Dictionary dictionary) {
    return DictionaryFolder.probeRows(from).orElseGet(() -> seededRows(dictionary));
  }

  /**
   * Random directions of the mean norm that training measured, each leaning to one feature's
   * encoder row, so that features fire.
   */
  private static Tensor seededRows(Dictionary dictionary) {
    SeededRandom random = new SeededRandom(0, "probe " + dictionary.name());
    int d = Math.toIntExact(dictionary.weights().inputSize());
    Tensor noise = random.directions(DictionaryProbe.ROWS, d, 1);
    long[] features = new long[DictionaryProbe.ROWS];
    for (int i = 0; i < features.length; i++) {
      features[i] = Math.floorMod(random.bits(i) >>> 1, dictionary.features());
    }
    Tensor rows =
        Indexing.rows(dictionary.weights().encoder(), Tensors.of(features, features.length));
    Tensor sum = Arithmetic.add(noise, unit(rows));
    return Arithmetic.multiply(unit(sum), dictionary.contract().trainedScale().normIn());
  }

  private static Tensor unit(Tensor rows) {
    return Arithmetic.divide(rows, Arithmetic.clampMin(Reductions.norm(rows, 1), 1e-30));
  }

  /**
   * The gates that a folder knows: its own and, as published ones do, the other's number beside it.
   */
  private record Gates(Gate own, Optional<Gate> topK, Optional<Gate> jumpRelu) {
    static Gates of(Gate own, Optional<Path> llamaScope) {
      return new Gates(
          own,
          own instanceof Gate.TopK
              ? Optional.of(own)
              : llamaScope.flatMap(LlamaScopeFiles::readTopK),
          own instanceof Gate.JumpRelu
              ? Optional.of(own)
              : llamaScope.flatMap(LlamaScopeFiles::readJumpRelu));
    }

    /** The gate to name beside the chosen one, so that a later conversion can go back. */
    Optional<Gate> beside(Gate chosen) {
      return switch (chosen) {
        case Gate.TopK _ -> jumpRelu;
        case Gate.JumpRelu _ -> topK;
        case Gate.Relu _ -> Optional.empty();
      };
    }

    Gate choose(GateKind kind, OptionalInt k, Path from) {
      return switch (kind) {
        case TOPK ->
            k.isPresent()
                ? new Gate.TopK(k.getAsInt())
                : topK.orElseThrow(() -> unknown(from, "top_k", "name a K"));
        case JUMPRELU ->
            jumpRelu.orElseThrow(() ->
                unknown(
                    from,
                    "jump_relu_threshold",
                    "a threshold comes from calibration on activations, which train does"));
      };
    }
  }

  private static FileFormatException unknown(Path from, String key, String next) {
    return new FileFormatException(from, "expected a " + key + " for the gate, got none", next);
  }
}
