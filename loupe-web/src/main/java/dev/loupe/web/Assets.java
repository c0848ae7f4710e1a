package dev.loupe.web;

import dev.loupe.figure.SvgFigure;
import dev.loupe.files.Checksums;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The files of the pages, ready to be sent: {@code index.html}, what it names, and all scripts. A
 * hash of them all is in their addresses, so that a browser may keep them for ever.
 *
 * @param version hash of all files
 * @param index the one page, for every address
 * @param files by path after {@code /assets/VERSION/}
 */
record Assets(String version, Body index, SequencedMap<String, Body> files) {
  /** Where pages are read from instead of the jar, anew for each page: for work on them. */
  private static final String FOLDER = "loupe.pages";

  private static final String FIGURES = "figure.css";
  private static final String PREFIX = "/dev/loupe/web/pages/";
  private static final Pattern NAMED = Pattern.compile("(?:href|src)=\"/assets/([^\"]+)\"");
  private static final Map<String, String> TYPES =
      Map.of(
          "js", "text/javascript; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "svg", "image/svg+xml",
          "png", "image/png");

  private static @Nullable Assets ofJar;

  /** The pages of the jar, made once, or of the folder that a developer names. */
  static synchronized Assets current() {
    @Nullable String folder = System.getProperty(FOLDER);
    if (folder != null) {
      return read(name -> file(Path.of(folder), name));
    }
    Assets assets = ofJar;
    if (assets == null) {
      assets = read(Assets::resource);
      ofJar = assets;
    }
    return assets;
  }

  static Optional<byte[]> resource(String name) {
    return name.equals(FIGURES) ? figures() : WebJars.resource(PREFIX + name);
  }

  /** The styles of figures, which a page may not take from within a figure. */
  private static Optional<byte[]> figures() {
    return Optional.of(SvgFigure.STYLE.getBytes(StandardCharsets.UTF_8));
  }

  private static Optional<byte[]> file(Path folder, String name) {
    if (name.equals(FIGURES)) {
      return figures();
    }
    try {
      Path file = folder.resolve(name);
      return Files.isRegularFile(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the page " + name, e);
    }
  }

  static Assets read(Modules.Source pages) {
    String index = text(pages, "index.html");
    SequencedMap<String, byte[]> files = new LinkedHashMap<>();
    Matcher named = NAMED.matcher(index);
    while (named.find()) {
      if (!named.group(1).equals(Modules.ENTRY)) {
        files.put(named.group(1), bytes(pages, named.group(1)));
      }
    }
    Modules modules = Modules.from(pages);
    for (String name : modules.names()) {
      files.put(name, modules.served(name).getBytes(StandardCharsets.UTF_8));
    }
    String version = version(index, files);
    SequencedMap<String, Body> bodies = new LinkedHashMap<>();
    files.forEach((name, bytes) -> bodies.put(name, Body.of(type(name), bytes)));
    String page = index.replace("/assets/", "/assets/" + version + "/");
    return new Assets(
        version,
        Body.of("text/html; charset=utf-8", page.getBytes(StandardCharsets.UTF_8)),
        bodies);
  }

  private static String version(String index, Map<String, byte[]> files) {
    MessageDigest digest = Checksums.digest();
    digest.update(index.getBytes(StandardCharsets.UTF_8));
    files.forEach((name, bytes) -> {
      digest.update(name.getBytes(StandardCharsets.UTF_8));
      digest.update(bytes);
    });
    return HexFormat.of().formatHex(digest.digest(), 0, 8);
  }

  private static String type(String name) {
    String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
    if (type == null) {
      throw new IllegalStateException("expected a file of " + TYPES.keySet() + ", got " + name);
    }
    return type;
  }

  private static String text(Modules.Source pages, String name) {
    return new String(bytes(pages, name), StandardCharsets.UTF_8);
  }

  private static byte[] bytes(Modules.Source pages, String name) {
    return pages
        .read(name)
        .orElseThrow(
            () -> new IllegalStateException("expected " + name + " of the pages, got none"));
  }
}
