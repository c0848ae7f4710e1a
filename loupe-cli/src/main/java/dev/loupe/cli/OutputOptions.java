package dev.loupe.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.loupe.files.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How results are printed: a text for people, or one JSON document for programs. */
@Heading("Output")
public final class OutputOptions {
  @Option(names = "--json", description = "print one JSON document on stdout")
  private boolean json;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  boolean json() {
    return json;
  }

  /** What the command was called with, for a report: the names of the commands, then the words. */
  public List<String> commandLine() {
    List<String> words = new ArrayList<>(List.of(spec.qualifiedName(" ").split(" ")));
    CommandLine root = spec.commandLine();
    while (root.getParent() != null) {
      root = root.getParent();
    }
    List<String> given = root.getParseResult().originalArgs();
    words.addAll(given.subList(Math.min(words.size() - 1, given.size()), given.size()));
    return words;
  }

  /** Prints the result on stdout, in the form that was asked for. */
  public void print(Object document, Supplier<String> text) {
    spec.commandLine().getOut().println(json ? toJson(document) : text.get());
    spec.commandLine().getOut().flush();
  }

  /** Prints a line on stdout, of a text that comes in parts. */
  void line(String text) {
    spec.commandLine().getOut().println(text);
    spec.commandLine().getOut().flush();
  }

  /** Says something beside the result, on stderr. */
  public void note(String text) {
    spec.commandLine().getErr().println(text);
    spec.commandLine().getErr().flush();
  }

  private static String toJson(Object document) {
    try {
      return Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a result that is no JSON", e);
    }
  }
}
