package dev.loupe.cli;

import dev.loupe.dictionary.Contract;
import dev.loupe.dictionary.Conversion;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code loupe convert}. */
@Command(
    name = "convert",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Converts a dictionary between formats, and to another gate. The weights are standardised.",
    footer = {"", "Example: ./loupe convert runs/first/L2R-8x exported --format saelens"})
final class ConvertCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      paramLabel = "FROM",
      description = "a dictionary's folder: of a suite, published by Llama Scope, or of SAELens")
  private Path from = Path.of("");

  @Parameters(index = "1", paramLabel = "TO", description = "a new folder")
  private Path to = Path.of("");

  @Option(
      names = "--format",
      paramLabel = "F",
      defaultValue = "llamascope",
      description = "llamascope or saelens (default: ${DEFAULT-VALUE})")
  private String format = "llamascope";

  @Option(names = "--gate", paramLabel = "G", description = "topk or jumprelu (default: as it is)")
  private @Nullable String gate;

  @Option(
      names = "--k",
      paramLabel = "K",
      description = "features per token of the topk gate (default: as trained)")
  private @Nullable Integer k;

  @Mixin private ComputeOptions compute = new ComputeOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  @Override
  public Integer call() {
    Conversion.Format target = Conversion.Format.parse(format);
    Optional<Conversion.GateKind> kind = Optional.ofNullable(gate).map(Conversion.GateKind::parse);
    compute.start();
    Contract contract =
        Conversion.convert(
            from, to, target, kind, k == null ? OptionalInt.empty() : OptionalInt.of(k));
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("dictionary", contract.name());
    json.put("gate", contract.gate());
    json.put("format", format);
    json.put("folder", to.toString());
    output.print(
        json,
        () -> "%s, %s, written to %s".formatted(contract.name(), contract.gate().label(), to));
    return 0;
  }
}
