package dev.loupe.cli;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Column;
import picocli.CommandLine.Help.TextTable;
import picocli.CommandLine.IHelpSectionRenderer;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/**
 * How the help of commands looks: what must be given in the first line, options under the {@link
 * Heading} of the class that declares them, and commands by what they are for.
 */
final class HelpText {
  private static final int NARROWEST = 60;
  private static final int WIDEST = 110;
  private static final int LONG_OPTIONS = 24;
  private static final String USAGE = "Usage: ";

  private HelpText() {}

  /** For a command and all below it. */
  static void install(CommandLine line) {
    Map<String, IHelpSectionRenderer> sections = new LinkedHashMap<>(line.getHelpSectionMap());
    sections.put(UsageMessageSpec.SECTION_KEY_SYNOPSIS_HEADING, _ -> "");
    sections.put(UsageMessageSpec.SECTION_KEY_SYNOPSIS, HelpText::synopsis);
    sections.put(UsageMessageSpec.SECTION_KEY_PARAMETER_LIST, HelpText::parameters);
    sections.put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, HelpText::options);
    line.setHelpSectionMap(sections);
    line.setUsageHelpWidth(width(System.getenv().getOrDefault("LOUPE_COLUMNS", "")));
  }

  /** Of the terminal that the launcher found, within what reads well; 80 where there is none. */
  private static int width(String columns) {
    return columns.matches("\\d{1,4}")
        ? Math.clamp(Integer.parseInt(columns), NARROWEST, WIDEST)
        : 80;
  }

  /** The command list of the first command: those that it has, under headings. */
  static IHelpSectionRenderer commands(Map<String, List<Class<?>>> groups) {
    return help -> {
      StringBuilder text = new StringBuilder();
      groups.forEach((heading, commands) -> {
        Map<String, String> rows = new LinkedHashMap<>();
        for (Class<?> command : commands) {
          Help of = help.subcommands().get(Loupe.name(command));
          if (of != null) {
            String name = of.commandSpec().name();
            rows.put(
                "%-12s".formatted(name),
                String.join(" ", of.commandSpec().usageMessage().description()));
          }
        }
        if (!rows.isEmpty()) {
          text.append(heading(help, heading)).append(help.createTextTable(rows));
        }
      });
      return text.toString();
    };
  }

  private static String heading(Help help, String text) {
    return help.createHeading("%n@|bold " + text + "|@%n");
  }

  private static String synopsis(Help help) {
    String name = USAGE + help.commandSpec().qualifiedName();
    List<String> words = new ArrayList<>(List.of("[options]"));
    for (OptionSpec option : help.commandSpec().options()) {
      if (option.required() && !option.hidden()) {
        words.add(option.longestName() + "=" + option.paramLabel());
      }
    }
    for (PositionalParamSpec parameter : help.commandSpec().positionalParameters()) {
      words.add(
          help.parameterLabelRenderer()
              .renderParameterLabel(parameter, help.ansi(), List.of())
              .toString());
    }
    if (!help.subcommands().isEmpty()) {
      words.add("COMMAND");
    }
    TextTable table =
        TextTable.forColumns(
            help.colorScheme(),
            new Column(name.length() + 1, 0, Column.Overflow.TRUNCATE),
            new Column(
                help.commandSpec().usageMessage().width() - name.length() - 1,
                0,
                Column.Overflow.WRAP));
    table.addRowValues(name, String.join(" ", words));
    return table.toString();
  }

  private static String parameters(Help help) {
    Help.Layout layout = layout(help);
    layout.addAllPositionalParameters(
        help.commandSpec().positionalParameters(), help.parameterLabelRenderer());
    return layout.toString();
  }

  private static String options(Help help) {
    Map<String, List<OptionSpec>> groups = new LinkedHashMap<>();
    groups.put("", new ArrayList<>()); // the command's own come first
    for (OptionSpec option : help.commandSpec().options()) {
      groups.computeIfAbsent(heading(option), _ -> new ArrayList<>()).add(option);
    }
    groups.values().removeIf(List::isEmpty);
    StringBuilder text = new StringBuilder();
    groups.forEach((heading, options) -> {
      Help.Layout layout = layout(help);
      layout.addAllOptions(options, help.parameterLabelRenderer());
      boolean isTold = groups.size() > 1 && !heading.isEmpty();
      text.append(isTold ? heading(help, heading) : "").append(layout);
    });
    return text.toString();
  }

  private static Help.Layout layout(Help help) {
    TextTable table =
        TextTable.forDefaultColumns(
            help.colorScheme(), LONG_OPTIONS, help.commandSpec().usageMessage().width());
    return new Help.Layout(
        help.colorScheme(),
        table,
        help.createDefaultOptionRenderer(),
        help.createDefaultParameterRenderer());
  }

  /** {@code --help} and {@code --version} are picocli's. */
  private static String heading(OptionSpec option) {
    Class<?> type = ((Field) option.userObject()).getDeclaringClass();
    if (type.getName().startsWith("picocli.")) {
      return OutputOptions.class.getAnnotation(Heading.class).value();
    }
    for (Class<?> at = type; at != null; at = at.getEnclosingClass()) {
      Heading heading = at.getAnnotation(Heading.class);
      if (heading != null) {
        return heading.value();
      }
    }
    return "";
  }
}
