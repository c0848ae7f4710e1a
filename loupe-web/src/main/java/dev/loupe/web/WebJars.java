package dev.loupe.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** Scripts of other projects, in the WebJars on the class path. */
final class WebJars {
  /** The jar of each package, and what its plain name imports. */
  private enum Library {
    LIT("lit", "lit", "index.js"),
    LIT_HTML("lit-html", "lit-html", "lit-html.js"),
    LIT_ELEMENT("lit-element", "lit-element", "index.js"),
    REACTIVE_ELEMENT("@lit/reactive-element", "lit__reactive-element", "reactive-element.js"),
    D3("d3", "d3", "dist/d3.min.js");

    private final String name;
    private final String jar;
    private final String main;

    Library(String name, String jar, String main) {
      this.name = name;
      this.jar = jar;
      this.main = main;
    }
  }

  private static final Map<String, String> VERSIONS =
      new java.util.concurrent.ConcurrentHashMap<>();

  private WebJars() {}

  /** The module that an import by package name means: {@code lit-html/directives/repeat.js}. */
  static String module(String specifier) {
    for (Library each : Library.values()) {
      if (specifier.equals(each.name)) {
        return "lib/" + each.jar + "/" + each.main;
      }
    }
    for (Library each : Library.values()) {
      if (specifier.startsWith(each.name + "/")) {
        return "lib/" + each.jar + specifier.substring(each.name.length());
      }
    }
    throw new IllegalStateException(
        "expected an import of one of %s, got '%s'"
            .formatted(java.util.Arrays.toString(Library.values()), specifier));
  }

  /** The bytes of {@code lib/JAR/PATH}. */
  static Optional<byte[]> read(String module) {
    String[] parts = module.split("/", 3);
    String version = VERSIONS.computeIfAbsent(parts[1], WebJars::version);
    return resource("/META-INF/resources/webjars/" + parts[1] + "/" + version + "/" + parts[2]);
  }

  private static String version(String jar) {
    String file = "/META-INF/maven/org.webjars.npm/" + jar + "/pom.properties";
    try (@Nullable InputStream in = WebJars.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException(
            "expected the WebJar " + jar + " on the class path, got none");
      }
      Properties properties = new Properties();
      properties.load(in);
      return properties.getProperty("version");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  static Optional<byte[]> resource(String path) {
    try (@Nullable InputStream in = WebJars.class.getResourceAsStream(path)) {
      return in == null ? Optional.empty() : Optional.of(in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the resource " + path, e);
    }
  }
}
