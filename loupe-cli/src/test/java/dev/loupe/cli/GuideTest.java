package dev.loupe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loupe.files.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every example of the guide works: the blocks marked sh, page by page as its index lists them.
 * That of loupe-cluster is run there. A command runs here; one with variables of the environment
 * before it, in a process of its own.
 */
final class GuideTest {
  private static final String ELSEWHERE = "cluster.md";
  private static final Pattern WITH_VARIABLES =
      Pattern.compile("((?:[A-Z_]+=\\S+ )+)(\\./loupe .*?)( &)?");

  private final List<Started> background = new ArrayList<>();

  private record Started(String command, Process process, Path output) {
    void awaitSuccess() throws IOException {
      int code = process.onExit().join().exitValue();
      assertThat(code).as("%s%n%s", command, Files.readString(output)).isZero();
    }
  }

  @TempDir private Path folder;

  @Test
  void everyExampleRuns() throws IOException {
    List<String> pages = GuideExamples.pages();
    assertThat(pages).contains(ELSEWHERE);
    List<String> commands = new ArrayList<>();
    for (String page : pages) {
      if (!page.equals(ELSEWHERE)) {
        commands.addAll(GuideExamples.commands(page));
      }
    }
    assertThat(commands).hasSizeGreaterThan(8);
    for (String command : commands) {
      long start = System.nanoTime();
      run(command);
      System.out.printf("%5.1f s  %s%n", (System.nanoTime() - start) / 1e9, command);
    }
    assertThat(background).as("commands that nothing waits for").isEmpty();
  }

  private void run(String command) throws IOException {
    Matcher apart = WITH_VARIABLES.matcher(command);
    if (command.equals("wait")) {
      for (Started started : background) {
        started.awaitSuccess();
      }
      background.clear();
    } else if (apart.matches()) {
      Started started = start(command, apart.group(1), apart.group(2));
      if (apart.group(3) == null) {
        started.awaitSuccess();
      } else {
        background.add(started);
      }
    } else {
      GuideExamples.run(command, folder, Loupe::commandLine);
    }
  }

  @AfterEach
  void endWhatRuns() {
    background.forEach(started -> started.process().destroyForcibly());
  }

  private Started start(String command, String variables, String loupe) throws IOException {
    Path output = Files.createTempFile(folder, "output", ".txt");
    ProcessBuilder builder =
        ChildJvm.of(Loupe.class, List.of(GuideExamples.words(loupe, folder)))
            .redirectOutput(output.toFile());
    for (String variable : variables.split(" ", -1)) {
      if (!variable.isEmpty()) {
        String[] both = variable.split("=", 2);
        builder.environment().put(both[0], both[1]);
      }
    }
    return new Started(command, builder.start(), output);
  }
}
