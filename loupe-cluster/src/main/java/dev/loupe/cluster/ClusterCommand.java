package dev.loupe.cluster;

import picocli.CommandLine.Command;

/** {@code loupe cluster}: one subcommand for each kind of work. */
@Command(
    name = "cluster",
    mixinStandardHelpOptions = true,
    description = "Work over the executors of Apache Spark.",
    footer = {
      "",
      "Example: ./loupe cluster count --master local-cluster[2,1,1024] --model demo --corpus demo"
    },
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      ClusterTrainCommand.class,
      ClusterAnalyzeCommand.class,
      ClusterEvaluateCommand.class,
      ClusterCountCommand.class
    })
final class ClusterCommand {}
