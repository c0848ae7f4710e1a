package dev.loupe.cli;

import picocli.CommandLine.Command;

/** {@code loupe bench}: one subcommand for each thing that is timed. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = "Measures how fast this machine is.",
    footer = {"", "Example: ./loupe bench step --d-model 1024 --features 16384"},
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      BenchForwardCommand.class,
      BenchStepCommand.class,
      BenchRanksCommand.class,
      BenchScreeningCommand.class,
      BenchAnalyzeCommand.class
    })
final class BenchCommand {}
