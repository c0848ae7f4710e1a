package dev.loupe.cli;

import dev.loupe.dictionary.ScreeningCheck;
import dev.loupe.dictionary.Suite;
import dev.loupe.evaluate.SuiteEvaluation;
import dev.loupe.model.ModelFolder;
import dev.loupe.text.CorpusSpec;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code loupe bench screening}. */
@Command(
    name = "screening",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Counts how often screening leads to the features that a dense float32 product selects, on"
            + " real activations.",
    footer = {"", "Example: ./loupe bench screening runs/first --model demo --corpus demo"})
final class BenchScreeningCommand implements Callable<Integer> {
  @Mixin private SuiteOptions on = new SuiteOptions();
  @Mixin private OnlyOptions only = new OnlyOptions();

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "20k",
      description = "tokens to encode (default: ${DEFAULT-VALUE})")
  private Quantity tokens = new Quantity(20_000);

  @Mixin private ComputeOptions compute = new ComputeOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  @Override
  public Integer call() {
    Suite opened = on.suite();
    ModelFolder folder = on.model();
    CorpusSpec texts = on.corpus();
    compute.start();
    SuiteEvaluation.Setup setup =
        new SuiteEvaluation.Setup(
            opened,
            folder,
            texts,
            only.names(),
            tokens.value(),
            0,
            0,
            0,
            Set.of(),
            on.otherModel(),
            on.skipBadLines(),
            compute.lmDtype(),
            compute.device());
    List<ScreeningCheck.Agreement> found;
    try (ConsoleProgress progress = new ConsoleProgress()) {
      found = SuiteEvaluation.screening(setup, progress);
    }
    output.print(found, () -> found.stream().map(this::text).collect(Collectors.joining("\n")));
    return 0;
  }

  private String text(ScreeningCheck.Agreement found) {
    return "%-12s %,d of %,d the same (%.5f %%), K %d of %,d features, %,d tokens, %s"
        .formatted(
            found.name(),
            found.same(),
            found.selected(),
            100 * found.share(),
            found.k(),
            found.features(),
            found.tokens(),
            found.screening());
  }
}
