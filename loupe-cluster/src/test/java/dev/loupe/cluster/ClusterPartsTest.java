package dev.loupe.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loupe.cli.GuideExamples;
import dev.loupe.cli.Loupe;
import dev.loupe.files.AtomicFolder;
import dev.loupe.files.FolderFiles;
import dev.loupe.files.FolderSums;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** An analysis and an evaluation as tasks of Spark, against the same of one process. */
@Tag("cluster")
final class ClusterPartsTest {
  private static final String TEXTS = " --model demo --corpus demo:wordnet ";

  @TempDir private static Path folder;
  private static Path suite;

  @BeforeAll
  static void train() {
    suite = folder.resolve("suite");
    loupe(
        "train --out "
            + suite
            + TEXTS
            + "--layers 1 --sites R,TC --expansions 1 --tokens 8k --batch 256 --context 64"
            + " --set calibration_tokens=2048");
  }

  /** Whether an example of the guide is one of those that run here. */
  static boolean isOfParts(String example) {
    return example.matches("./loupe cluster (analyze|evaluate) .*");
  }

  @Test
  void theExamplesOfTheGuideRun() throws IOException {
    Path spread = folder.resolve("spread");
    FolderFiles.copy(suite, spread);
    AtomicFolder.delete(spread.resolve("features"));
    List<String> examples =
        GuideExamples.commands("cluster.md").stream().filter(ClusterPartsTest::isOfParts).toList();
    assertThat(examples).hasSize(2);
    examples.forEach(example ->
        GuideExamples.run(example, folder, _ -> Loupe.commandLine(ClusterCommand.class)));
    assertThat(spread.resolve("features/L1R-1x")).isDirectory();
    assertThat(spread.resolve("reports/evaluation.json")).exists();
  }

  private static String loupe(String words) {
    String[] arguments = words.strip().split(" +");
    CommandLine line =
        arguments[0].equals("cluster")
            ? Loupe.commandLine(ClusterCommand.class)
            : Loupe.commandLine(arguments);
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        line.setOut(new PrintWriter(out)).setErr(new PrintWriter(err, true)).execute(arguments);
    assertThat(code).as("%s%n%s", words, err).isZero();
    return out.toString();
  }

  private static String over(String command, String shared) {
    return "cluster %s --master local[1] --executor-memory 2G --parts 3 --shared %s %s "
        .formatted(command, folder.resolve(shared), suite);
  }

  @Test
  void anAnalysisOverTasksGivesTheBytesOfOneProcess() throws IOException {
    String options = TEXTS + "--tokens 20k";
    loupe("analyze " + suite + options);
    Path features = suite.resolve("features");
    Map<String, String> alone = FolderSums.of(features);
    assertThat(alone).hasSizeGreaterThan(4);
    Files.move(features, folder.resolve("alone"));
    loupe(over("analyze", "shared-analysis") + options);
    assertThat(FolderSums.of(features)).isEqualTo(alone);
    assertThat(folder.resolve("shared-analysis")).isEmptyDirectory();
  }

  @Test
  void anEvaluationOverTasksGivesTheReportOfOneProcess() {
    String options = TEXTS + "--tokens 12k --loss-tokens 4k --json";
    String alone = loupe("evaluate " + suite + options);
    assertThat(loupe(over("evaluate", "shared-evaluation") + options)).isEqualTo(alone);
  }
}
