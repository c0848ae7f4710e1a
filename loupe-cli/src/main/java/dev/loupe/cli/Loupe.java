package dev.loupe.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command {@code loupe}. */
@Command(
    name = "loupe",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description =
        "Trains, evaluates, interprets and shows sparse dictionaries of Llama-family language"
            + " models.",
    footer = {
      "",
      "Example: ./loupe demo",
      "Each command explains itself: ./loupe train --help",
      "Exit codes: 0 done; 1 the thing checked does not hold, or the work failed; 2 wrong usage;"
          + " 130 or 143 interrupted and saved."
    },
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DemoCommand.class,
      TrainCommand.class,
      PlanCommand.class,
      EvaluateCommand.class,
      AnalyzeCommand.class,
      FeaturesCommand.class,
      FeatureCommand.class,
      ServeCommand.class,
      ExportCommand.class,
      DoctorCommand.class,
      TokenizeCommand.class,
      EncodeCommand.class,
      GenerateCommand.class,
      ConvertCommand.class,
      BenchCommand.class,
      CommandLine.HelpCommand.class
    })
public final class Loupe {
  private Loupe() {}

  public static void main(String[] arguments) {
    StandardError.restore();
    Interrupts.install();
    int code = commandLine().execute(arguments);
    Interrupts.finish();
    if (!Interrupts.requested()) {
      System.exit(code);
    }
  }

  /** The command line with everything that {@code main} sets, to run without leaving. */
  static CommandLine commandLine() {
    return new CommandLine(new Loupe())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(Failures::usage)
        .setExecutionExceptionHandler(Failures::execution)
        .registerConverter(Quantity.class, Loupe::quantity);
  }

  private static Quantity quantity(String text) {
    try {
      return Quantity.parse(text);
    } catch (IllegalArgumentException e) {
      throw new CommandLine.TypeConversionException(e.getMessage());
    }
  }
}
