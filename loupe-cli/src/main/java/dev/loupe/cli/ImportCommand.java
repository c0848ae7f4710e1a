package dev.loupe.cli;

import picocli.CommandLine.Command;

/** {@code loupe import}: one subcommand for each format. */
@Command(
    name = "import",
    mixinStandardHelpOptions = true,
    description = "Takes what other tools say of features into a suite.",
    footer = {"", "Example: ./loupe import neuronpedia runs/np runs/first L2R-8x"},
    synopsisSubcommandLabel = "COMMAND",
    subcommands = ImportNeuronpediaCommand.class)
final class ImportCommand {}
