package dev.loupe.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loupe.cli.Loupe;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Help and wrong usage; nothing is started. */
final class ClusterCommandTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "cluster",
        "cluster train",
        "cluster analyze",
        "cluster evaluate",
        "cluster count"
      })
  void helpHasAnExample(String command) {
    StringWriter out = new StringWriter();
    assertThat(line(out).execute((command + " --help").split(" "))).isZero();
    assertThat(out.toString()).contains("Example: ./loupe " + command);
  }

  @Test
  void wrongUsageIsTold() {
    StringWriter err = new StringWriter();
    String[] count = "cluster count --model demo --corpus demo".split(" ");
    assertThat(line(err).execute(count)).isEqualTo(2);
    assertThat(err.toString())
        .contains("loupe: expected --master URL, or spark-submit's, got none");
    String[] train =
        "cluster train --master local --shared s --out o --model demo --corpus texts --tokens 1k"
            .split(" ");
    assertThat(line(err).execute(train)).isEqualTo(2);
    assertThat(err.toString()).contains("expected an absolute path as --corpus");
  }

  /** The options of the command itself are looked at before anything starts. */
  @Test
  void wrongUsageOfPartsIsTold() {
    StringWriter err = new StringWriter();
    String parts = "cluster analyze --master local --parts 2 --shared s ";
    String[] unknown = (parts + "/suite --model demo --corpus demo --tokenz 4").split(" ");
    assertThat(line(err).execute(unknown)).isEqualTo(2);
    assertThat(err.toString()).contains("--tokenz");
    String[] relative = (parts + "suite --model demo --corpus demo").split(" ");
    assertThat(line(err).execute(relative)).isEqualTo(2);
    assertThat(err.toString()).contains("expected an absolute path as SUITE");
    String[] none =
        "cluster evaluate --master local --parts 0 --shared s /suite --model demo --corpus demo"
            .split(" ");
    assertThat(line(err).execute(none)).isEqualTo(2);
    assertThat(err.toString()).contains("expected at least 1 part, got 0");
  }

  private static CommandLine line(StringWriter both) {
    PrintWriter writer = new PrintWriter(both, true);
    return Loupe.commandLine(ClusterCommand.class).setOut(writer).setErr(writer);
  }
}
