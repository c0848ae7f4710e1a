package dev.loupe.cli;

import picocli.CommandLine.Command;

/** {@code loupe export}: one subcommand for each format. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description =
        "Writes the features of an analysed dictionary as files of other tools or as a page, or the"
            + " activations that a suite learnt from.",
    footer = {"", "Example: ./loupe export saedashboard runs/first L2R-8x --out runs/sd"},
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      ExportSaedashboardCommand.class,
      ExportNeuronpediaCommand.class,
      ExportHtmlCommand.class,
      ExportActivationsCommand.class
    })
final class ExportCommand {}
