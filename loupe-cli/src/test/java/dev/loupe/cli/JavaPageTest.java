package dev.loupe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The program that the guide's page on Java shows is the one that CI builds and runs. */
final class JavaPageTest {
  private static final Pattern BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  @Test
  void theProgramOfThePageIsTheExample() throws IOException {
    String page = Files.readString(Path.of("../docs/guide/java.md"));
    String example = Files.readString(Path.of("../examples/embed/src/main/java/Embed.java"));
    Matcher block = BLOCK.matcher(page);
    assertThat(block.find()).isTrue();
    assertThat(withoutBlanks(example)).contains(withoutBlanks(block.group(1)));
    assertThat(block.find()).as("a second program, which nothing runs").isFalse();
  }

  private static String withoutBlanks(String code) {
    return code.replaceAll("\\s+", "");
  }
}
