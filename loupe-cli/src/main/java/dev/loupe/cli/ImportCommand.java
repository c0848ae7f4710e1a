package dev.loupe.cli;

import picocli.CommandLine.Command;

/** {@code loupe import}: one subcommand for each format. */
@Command(
    name = "import",
    mixinStandardHelpOptions = true,
    description = "Takes dictionaries of other tools into a suite, or what they say of features.",
    footer = {"", "Example: ./loupe import neuronpedia runs/np runs/first L2R-8x"},
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {ImportDictionariesCommand.class, ImportNeuronpediaCommand.class})
final class ImportCommand {}
