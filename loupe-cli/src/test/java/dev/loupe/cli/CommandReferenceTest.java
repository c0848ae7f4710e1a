package dev.loupe.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/**
 * The guide's reference is what the commands say of themselves; {@code -Dreference=write} writes
 * it.
 */
final class CommandReferenceTest {
  private static final Path PAGE = Path.of("../docs/guide/commands.md");
  private static final int WIDTH = 110;

  @Test
  void thePageIsWhatTheCommandsSay() throws IOException {
    MadeFile.isUpToDate(PAGE, page(), CommandReferenceTest.class, "reference");
  }

  private static String page() {
    StringBuilder page =
        new StringBuilder(
            """
            # All commands and options

            What `./loupe COMMAND --help` prints, made from the code. [More than one machine](cluster.md) has those of
            `./loupe cluster`.

            """);
    List<CommandLine> all = new ArrayList<>();
    collect(Loupe.commandLine(), all);
    for (CommandLine each : all) {
      String name = name(each);
      page.append("* [`%s`](#%s)\n".formatted(name, name.replace(' ', '-')));
    }
    for (CommandLine each : all) {
      String help = each.setUsageHelpWidth(WIDTH).getUsageMessage(Ansi.OFF);
      page.append("\n## ").append(name(each)).append("\n\n```text\n");
      help.lines().map(String::stripTrailing).forEach(line -> page.append(line).append('\n'));
      page.append("```\n");
    }
    return page.toString();
  }

  private static String name(CommandLine command) {
    return command.getCommandSpec().qualifiedName().replaceFirst("^loupe ", "");
  }

  /** In the order of the help, each with those below it. */
  private static void collect(CommandLine of, List<CommandLine> all) {
    for (CommandLine each : of.getSubcommands().values()) {
      if (!each.getCommandSpec().userObject().getClass().equals(CommandLine.HelpCommand.class)
          && !all.contains(each)) {
        all.add(each);
        collect(each, all);
      }
    }
  }
}
