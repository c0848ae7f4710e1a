package dev.loupe.cli;

import dev.loupe.dictionary.Suite;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code loupe serve}. */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Shows an analysed suite in the browser, until Ctrl-C.",
    footer = {
      "",
      "Example: ./loupe serve runs/demo",
      "         ./loupe serve runs/mine --model path/to/llama --port 8000",
      "Only this machine can reach the pages, unless --host says otherwise. Notes can be written"
          + " from the address that is printed, which holds a token; anyone else only reads."
    })
final class ServeCommand implements Callable<Integer> {
  @Parameters(paramLabel = "SUITE", description = "the suite's folder")
  private Path suite = Path.of("");

  @Option(
      names = "--model",
      paramLabel = "M",
      description =
          "the suite's language model, for own texts, prompts and steering: a folder in the Hugging"
              + " Face layout, or demo, demo-chat, demo-random (default: the suite's, where it is"
              + " bundled)")
  private @Nullable String model;

  @Option(names = "--other-model", description = "allow another model than the suite's")
  private boolean otherModel;

  @Mixin private ListenOptions listen = new ListenOptions();
  @Mixin private ComputeOptions compute = new ComputeOptions();

  @Override
  public Integer call() {
    return listen.serve(Suite.open(suite), Optional.ofNullable(model), otherModel, compute, false);
  }
}
