package dev.loupe.cli;

import java.util.List;
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
      "Over the executors of Apache Spark, built at its first use: ./loupe cluster --help",
      "Exit codes: 0 done; 1 the thing checked does not hold, or the work failed; 2 wrong usage;"
          + " 130 or 143 interrupted and saved."
    },
    synopsisSubcommandLabel = "COMMAND")
public final class Loupe {
  /** In the order of the help. */
  private static final List<Class<?>> COMMANDS =
      List.of(
          DemoCommand.class,
          TrainCommand.class,
          PlanCommand.class,
          EvaluateCommand.class,
          TransferCommand.class,
          AnalyzeCommand.class,
          ProbeCommand.class,
          AbsorptionCommand.class,
          InterpretCommand.class,
          ReplayCommand.class,
          FeaturesCommand.class,
          FeatureCommand.class,
          GeometryCommand.class,
          SplittingCommand.class,
          ReportCommand.class,
          ServeCommand.class,
          ExportCommand.class,
          ImportCommand.class,
          DoctorCommand.class,
          VersionCommand.class,
          TokenizeCommand.class,
          EncodeCommand.class,
          GenerateCommand.class,
          ConvertCommand.class,
          BenchCommand.class,
          CompletionCommand.class,
          CommandLine.HelpCommand.class);

  private Loupe() {}

  public static void main(String[] arguments) {
    run(commandLine(arguments), arguments);
  }

  /**
   * Runs a command that another module brings, as {@code main} runs those of this one.
   *
   * @param command annotated as picocli's, the first of the arguments
   */
  public static void main(Class<?> command, String... arguments) {
    run(commandLine(command), arguments);
  }

  private static void run(CommandLine line, String... arguments) {
    StandardError.restore();
    Interrupts.install();
    int code = line.execute(arguments);
    Interrupts.finish();
    if (!Interrupts.requested()) {
      System.exit(code);
    }
  }

  /**
   * The command line with everything that {@code main} sets, to run without leaving. A command that
   * is named first is the only one in it: to read the options of all takes a third of a second.
   */
  public static CommandLine commandLine(String... arguments) {
    List<Class<?>> named = COMMANDS.stream().filter(each -> isNamed(each, arguments)).toList();
    return commandLine(named.isEmpty() ? COMMANDS : named);
  }

  /** The command line with a command of another module as its only one. */
  public static CommandLine commandLine(Class<?> command) {
    return commandLine(List.of(command));
  }

  private static CommandLine commandLine(List<Class<?>> commands) {
    CommandLine line = new CommandLine(new Loupe());
    commands.forEach(line::addSubcommand);
    return line.setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(Failures::usage)
        .setExecutionExceptionHandler(Failures::execution)
        .registerConverter(Quantity.class, Loupe::quantity);
  }

  /** The command help shows others, so that it never stands alone. */
  private static boolean isNamed(Class<?> command, String... arguments) {
    return arguments.length > 0
        && command != CommandLine.HelpCommand.class
        && command.getAnnotation(Command.class).name().equals(arguments[0]);
  }

  private static Quantity quantity(String text) {
    try {
      return Quantity.parse(text);
    } catch (IllegalArgumentException e) {
      throw new CommandLine.TypeConversionException(e.getMessage());
    }
  }
}
