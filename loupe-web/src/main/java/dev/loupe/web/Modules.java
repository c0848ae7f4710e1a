package dev.loupe.web;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The scripts of the pages and all that they import, found by following their imports: there is no
 * bundler. A module is named by its path under the pages' folder; those of WebJars by {@code
 * lib/PACKAGE/PATH}. Imports by package name, which a browser cannot resolve, are rewritten.
 */
final class Modules {
  static final String ENTRY = "main.js";

  /** {@code from "x"}, {@code import "x"}, {@code import("x")}, {@code export * from "x"}. */
  private static final Pattern IMPORT =
      Pattern.compile("(\\b(?:from\\s*|import\\s*\\(?\\s*))([\"'])([^\"'\\s]+)\\2");

  private static final List<String> WORDS = List.of("from", "import");

  /** Reads a file of the pages. */
  interface Source {
    Optional<byte[]> read(String path);
  }

  private final SequencedMap<String, String> texts = new LinkedHashMap<>();

  private Modules() {}

  /** Follows all imports from the entry. */
  static Modules from(Source pages) {
    Modules modules = new Modules();
    Deque<String> open = new ArrayDeque<>();
    open.add(ENTRY);
    while (!open.isEmpty()) {
      String name = open.remove();
      if (modules.texts.containsKey(name)) {
        continue;
      }
      byte[] bytes =
          (name.startsWith("lib/") ? WebJars.read(name) : pages.read(name))
              .orElseThrow(
                  () -> new IllegalStateException("expected the script " + name + ", got none"));
      String text = new String(bytes, StandardCharsets.UTF_8);
      modules.texts.put(name, text);
      open.addAll(imports(name, text));
    }
    return modules;
  }

  /** Names of all modules, the entry first. */
  Collection<String> names() {
    return texts.keySet();
  }

  /** A module with its imports rewritten for a server: relative to itself. */
  String served(String name) {
    return rewritten(name, imported -> relative(name, imported));
  }

  /** A module with its imports given by a name each. */
  String rewritten(String name, UnaryOperator<String> specifier) {
    String text = text(name);
    StringBuilder rewritten = new StringBuilder();
    int copied = 0;
    for (MatchResult found : found(text)) {
      rewritten
          .append(text, copied, found.start(3))
          .append(specifier.apply(resolve(name, found.group(3))));
      copied = found.end(3);
    }
    return rewritten.append(text, copied, text.length()).toString();
  }

  /**
   * All imports of a text. The pattern is tried only where one of its words stands: to look for it
   * everywhere takes the first page of a server that has just started a tenth of a second.
   */
  private static List<MatchResult> found(String text) {
    List<MatchResult> all = new ArrayList<>();
    Matcher matcher = IMPORT.matcher(text).useTransparentBounds(true);
    for (int at = next(text, 0); at < text.length(); at = next(text, at + 1)) {
      if (matcher.region(at, text.length()).lookingAt()) {
        all.add(matcher.toMatchResult());
      }
    }
    return all;
  }

  private static int next(String text, int from) {
    int first = text.length();
    for (String word : WORDS) {
      int at = text.indexOf(word, from, first);
      first = at < 0 ? first : at;
    }
    return first;
  }

  private String text(String name) {
    String text = texts.get(name);
    if (text == null) {
      throw new IllegalArgumentException("expected one of " + names() + ", got " + name);
    }
    return text;
  }

  private static Collection<String> imports(String name, String text) {
    Collection<String> names = new TreeSet<>();
    for (MatchResult found : found(text)) {
      names.add(resolve(name, found.group(3)));
    }
    return names;
  }

  /** The module that an import means. */
  private static String resolve(String from, String specifier) {
    if (!specifier.startsWith(".")) {
      return WebJars.module(specifier);
    }
    String folder = from.substring(0, from.lastIndexOf('/') + 1);
    return java.nio.file.Path.of(folder + specifier).normalize().toString().replace('\\', '/');
  }

  private static String relative(String from, String to) {
    return "../".repeat((int) from.chars().filter(c -> c == '/').count()).concat("./").concat(to);
  }
}
