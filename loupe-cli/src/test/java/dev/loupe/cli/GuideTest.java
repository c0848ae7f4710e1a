package dev.loupe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every example of the guide works: the blocks marked sh, page by page as its index lists them. */
final class GuideTest {
  private static final Path GUIDE = Path.of("../docs/guide");

  @TempDir private Path folder;

  @Test
  void everyExampleRuns() throws IOException {
    List<String> commands = new ArrayList<>();
    Matcher page = Pattern.compile("\\]\\(([a-z-]+\\.md)\\)").matcher(read("README.md"));
    while (page.find()) {
      Matcher block =
          Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL).matcher(read(page.group(1)));
      while (block.find()) {
        commands.addAll(block.group(1).lines().toList());
      }
    }
    assertThat(commands).hasSizeGreaterThan(8);
    commands.forEach(this::run);
  }

  private void run(String command) {
    assertThat(command).startsWith("./loupe ");
    StringWriter err = new StringWriter();
    int code =
        Loupe.commandLine()
            .setOut(new PrintWriter(new StringWriter()))
            .setErr(new PrintWriter(err, true))
            .execute(words(command.substring("./loupe ".length())));
    assertThat(code).as("%s%n%s", command, err).isZero();
  }

  /** Splits as a shell does, as far as the guide needs it; runs/ is a folder of this test. */
  private String[] words(String command) {
    List<String> words = new ArrayList<>();
    Matcher word = Pattern.compile("\"([^\"]*)\"|(\\S+)").matcher(command);
    while (word.find()) {
      String text = word.group(1) == null ? word.group(2) : word.group(1);
      words.add(text.startsWith("runs/") ? folder.resolve(text).toString() : text);
    }
    return words.toArray(String[]::new);
  }

  private static String read(String page) throws IOException {
    return Files.readString(GUIDE.resolve(page));
  }
}
