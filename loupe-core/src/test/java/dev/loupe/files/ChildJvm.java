package dev.loupe.files;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Another JVM with the flags and the class path of this one, to be watched, and killed. */
public final class ChildJvm {
  private ChildJvm() {}

  /** How to start a program; what it says on either output is one. */
  public static ProcessBuilder of(Class<?> main, List<String> arguments) {
    return started(List.of(), main, arguments);
  }

  /** As {@link #of}, for a short life: without the compiler that takes longest. */
  public static ProcessBuilder brief(Class<?> main, String... arguments) {
    return started(List.of("-XX:TieredStopAtLevel=1"), main, List.of(arguments));
  }

  private static ProcessBuilder started(List<String> flags, Class<?> main, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(flags);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(arguments);
    return new ProcessBuilder(command).redirectErrorStream(true);
  }

  /**
   * Reads what a process says until it ends, and kills it (SIGKILL) at some of its lines.
   *
   * @param isLast shown each line in turn
   * @param output takes the lines
   * @return its exit code
   */
  public static int watch(Process process, Predicate<String> isLast, List<String> output)
      throws IOException {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        output.add(line);
        if (isLast.test(line)) {
          process.toHandle().destroyForcibly(); // the process's own method closes its output too
        }
      }
      return process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } finally {
      process.destroyForcibly();
    }
  }
}
