package dev.loupe.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.UsageMessageSpec;

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
    commandListHeading = "",
    synopsisSubcommandLabel = "COMMAND")
public final class Loupe {
  /** By what they are for, in the order of the help. */
  private static final Map<String, List<Class<?>>> COMMANDS = new LinkedHashMap<>();

  static {
    COMMANDS.put("Begin here", List.of(DemoCommand.class));
    COMMANDS.put("Train", List.of(PlanCommand.class, TrainCommand.class));
    COMMANDS.put(
        "Measure",
        List.of(
            EvaluateCommand.class,
            TransferCommand.class,
            GeometryCommand.class,
            SplittingCommand.class,
            ProbeCommand.class,
            AbsorptionCommand.class,
            ReportCommand.class));
    COMMANDS.put(
        "Interpret", List.of(AnalyzeCommand.class, InterpretCommand.class, ReplayCommand.class));
    COMMANDS.put(
        "Look",
        List.of(
            ServeCommand.class,
            FeaturesCommand.class,
            FeatureCommand.class,
            EncodeCommand.class,
            TokenizeCommand.class,
            GenerateCommand.class));
    COMMANDS.put(
        "Other tools", List.of(ImportCommand.class, ExportCommand.class, ConvertCommand.class));
    COMMANDS.put(
        "This machine",
        List.of(
            DoctorCommand.class,
            VersionCommand.class,
            BenchCommand.class,
            CompletionCommand.class,
            CommandLine.HelpCommand.class));
  }

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
    int code = arguments.length == 0 ? help(line) : line.execute(arguments);
    Interrupts.finish();
    if (!Interrupts.requested()) {
      System.exit(code);
    }
  }

  /** Of somebody who does not know yet what to type. */
  private static int help(CommandLine line) {
    line.usage(System.err);
    return CommandLine.ExitCode.USAGE;
  }

  /**
   * The command line with everything that {@code main} sets, to run without leaving. A command that
   * is named first is the only one in it: to read the options of all takes a third of a second.
   */
  public static CommandLine commandLine(String... arguments) {
    List<Class<?>> all = COMMANDS.values().stream().flatMap(List::stream).toList();
    List<Class<?>> named = all.stream().filter(each -> isNamed(each, arguments)).toList();
    return commandLine(named.isEmpty() ? all : named);
  }

  /** The command line with a command of another module as its only one. */
  public static CommandLine commandLine(Class<?> command) {
    return commandLine(List.of(command));
  }

  private static CommandLine commandLine(List<Class<?>> commands) {
    CommandLine line = new CommandLine(new Loupe());
    commands.forEach(line::addSubcommand);
    HelpText.install(line);
    line.getHelpSectionMap()
        .put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST, HelpText.commands(COMMANDS));
    return line.setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(Failures::usage)
        .setExecutionExceptionHandler(Failures::execution)
        .registerConverter(Quantity.class, Loupe::quantity);
  }

  /** The command help shows others, so that it never stands alone. */
  private static boolean isNamed(Class<?> command, String... arguments) {
    return arguments.length > 0
        && command != CommandLine.HelpCommand.class
        && name(command).equals(arguments[0]);
  }

  static String name(Class<?> command) {
    return command.getAnnotation(Command.class).name();
  }

  private static Quantity quantity(String text) {
    try {
      return Quantity.parse(text);
    } catch (IllegalArgumentException e) {
      throw new CommandLine.TypeConversionException(e.getMessage());
    }
  }
}
