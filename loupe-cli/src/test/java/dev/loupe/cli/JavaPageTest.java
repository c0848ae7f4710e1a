package dev.loupe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The program that the guide's page on Java shows is the one that CI builds and runs. */
final class JavaPageTest {
  private static final Pattern BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
  private static final Pattern NAME = Pattern.compile("`([A-Z]\\w+)(\\.\\w+)?`");

  /** Of the JDK, and of a module whose surface is not listed. */
  private static final Set<String> OTHERS = Set.of("BooleanSupplier", "PageServer");

  @Test
  void theProgramOfThePageIsTheExample() throws IOException {
    String page = Files.readString(Path.of("../docs/guide/java.md"));
    String example = Files.readString(Path.of("../examples/embed/src/main/java/Embed.java"));
    Matcher block = BLOCK.matcher(page);
    assertThat(block.find()).isTrue();
    assertThat(withoutBlanks(example)).contains(withoutBlanks(block.group(1)));
    assertThat(block.find()).as("a second program, which nothing runs").isFalse();
  }

  @Test
  void whatThePageNamesIsPublic() throws IOException {
    String page = Files.readString(Path.of("../docs/guide/java.md"));
    String surface =
        Files.readString(Path.of("../docs/surface/loupe-core.txt"))
            + Files.readString(Path.of("../docs/surface/loupe-explore.txt"));
    int begin = page.indexOf("## Where to begin");
    Matcher named = NAME.matcher(page.substring(begin, page.indexOf("\n## ", begin + 1)));
    int found = 0;
    while (named.find()) {
      String type = named.group(1);
      if (!OTHERS.contains(type)) {
        Matcher there =
            Pattern.compile("(?m)^public .* dev\\.loupe\\.[a-z]+\\." + type + "\n(  .*\n)*")
                .matcher(surface);
        assertThat(there.find()).as("public type %s", type).isTrue();
        String member = named.group(2);
        assertThat(member == null || there.group().contains(" " + member.substring(1) + "("))
            .as("%s%s", type, member)
            .isTrue();
        found++;
      }
    }
    assertThat(found).isGreaterThan(20);
  }

  private static String withoutBlanks(String code) {
    return code.replaceAll("\\s+", "");
  }
}
