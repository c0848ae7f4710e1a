package dev.loupe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loupe.files.FolderFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page of messages names those that there are. */
final class TroubleshootingTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern MESSAGE = Pattern.compile("(?m)^\\| `([^`]+)` \\|");
  private static final Pattern JOINED = Pattern.compile("\"\\s*\\+\\s*\"");

  @Test
  void everyMessageIsInTheSources() throws IOException {
    String sources = sources();
    Matcher message =
        MESSAGE.matcher(Files.readString(ROOT.resolve("docs/guide/troubleshooting.md")));
    List<String> messages = new ArrayList<>();
    while (message.find()) {
      messages.add(message.group(1));
    }
    assertThat(messages).hasSizeGreaterThan(30).allMatch(sources::contains);
  }

  /** With texts that stand on several lines joined. */
  private static String sources() throws IOException {
    StringBuilder all = new StringBuilder(Files.readString(ROOT.resolve("loupe")));
    try (Stream<Path> modules = Files.list(ROOT)) {
      for (Path module :
          modules.filter(path -> Files.isDirectory(path.resolve("src/main/java"))).toList()) {
        for (Path file : FolderFiles.of(module.resolve("src/main/java"))) {
          all.append(JOINED.matcher(Files.readString(file)).replaceAll(""));
        }
      }
    }
    return all.toString();
  }
}
