package dev.loupe.cli;

import dev.loupe.text.Split;
import dev.loupe.train.ActivationExport;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code loupe export activations}. */
@Command(
    name = "activations",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Writes what a suite was trained on, or is evaluated on, as safetensors files: the raw"
            + " activations of the counted tokens at its dictionaries' hooks, in the order of the"
            + " run, for other tools to train or to be measured on the same.",
    footer = {
      "",
      "Example: ./loupe export activations runs/first --model demo --corpus demo --split train"
          + " --out exports/train",
      "Each file has, of each hook, float32 [tokens, width], and tokens.context, tokens.position"
          + " and tokens.id; activations.json lists the files."
    })
final class ExportActivationsCommand implements Callable<Integer> {
  @Mixin private SuiteOptions on = new SuiteOptions();
  @Mixin private OnlyOptions only = new OnlyOptions();

  @Option(
      names = "--split",
      paramLabel = "SPLIT",
      defaultValue = "train",
      description =
          "train: in the order of the training steps, from the model in the run's type; held-out:"
              + " in the order of evaluate, in --lm-dtype (default: ${DEFAULT-VALUE})")
  private String split = "train";

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "0",
      description = "how many (default: all of the run; 50k held-out)")
  private Quantity tokens = new Quantity(0);

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "a new or an empty folder to write to")
  private Path out = Path.of("");

  @Mixin private ComputeOptions compute = new ComputeOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  @Override
  public Integer call() {
    Split of = Split.parse(split);
    long wanted = tokens.value() == 0 && of == Split.HELD_OUT ? 50_000 : tokens.value();
    compute.start();
    ActivationExport.Setup setup =
        new ActivationExport.Setup(
            on.suite(),
            on.model(),
            on.corpus(),
            only.names(),
            of,
            wanted,
            on.otherModel(),
            on.skipBadLines(),
            compute.lmDtype(),
            compute.device());
    ActivationExport.Summary written;
    try (ConsoleProgress progress = new ConsoleProgress()) {
      written = ActivationExport.write(setup, out, progress);
      progress.end();
    }
    output.print(
        written,
        () ->
            "%,d %s tokens at %s, float32 of width %d, in %d files in %s"
                .formatted(
                    written.tokens(),
                    written.split(),
                    String.join(", ", written.hooks()),
                    written.width(),
                    written.files().size(),
                    out));
    return 0;
  }
}
