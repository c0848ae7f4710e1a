package dev.loupe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;

/** The blocks marked sh of pages of the guide. */
public final class GuideExamples {
  private static final Path GUIDE = Path.of("../docs/guide");

  private GuideExamples() {}

  /** Pages that the index lists, in its order. */
  public static List<String> pages() throws IOException {
    List<String> pages = new ArrayList<>();
    Matcher page = Pattern.compile("\\]\\(([a-z-]+\\.md)\\)").matcher(read("README.md"));
    while (page.find()) {
      pages.add(page.group(1));
    }
    return pages;
  }

  /** Commands of a page. */
  public static List<String> commands(String page) throws IOException {
    List<String> commands = new ArrayList<>();
    Matcher block = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL).matcher(read(page));
    while (block.find()) {
      commands.addAll(block.group(1).lines().toList());
    }
    return commands;
  }

  /**
   * Runs a command, which must end well.
   *
   * @param runs what the folder runs/ stands for
   * @param lines the command line for these arguments
   */
  public static void run(String command, Path runs, Function<String[], CommandLine> lines) {
    String[] arguments = words(command, runs);
    StringWriter err = new StringWriter();
    int code =
        lines
            .apply(arguments)
            .setOut(new PrintWriter(new StringWriter()))
            .setErr(new PrintWriter(err, true))
            .execute(arguments);
    assertThat(code).as("%s%n%s", command, err).isZero();
  }

  /** What a command has behind {@code ./loupe}, split as a shell does, as far as is needed here. */
  static String[] words(String command, Path runs) {
    assertThat(command).startsWith("./loupe ");
    List<String> words = new ArrayList<>();
    Matcher word =
        Pattern.compile("\"([^\"]*)\"|(\\S+)").matcher(command.substring("./loupe ".length()));
    while (word.find()) {
      String text = (word.group(1) == null ? word.group(2) : word.group(1)).replace("$PWD/", "");
      words.add(text.startsWith("runs/") ? runs.resolve(text.substring(5)).toString() : text);
    }
    return words.toArray(String[]::new);
  }

  private static String read(String page) throws IOException {
    return Files.readString(GUIDE.resolve(page));
  }
}
