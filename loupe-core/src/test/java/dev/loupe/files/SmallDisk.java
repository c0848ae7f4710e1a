package dev.loupe.files;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A file system of a few megabytes that only processes started {@link #inside} see, and that goes
 * with {@link #close}. It is Linux's tmpfs in a mount namespace, so that what it refuses is what a
 * real disk refuses: also to native libraries. Needs no root where users may have namespaces.
 */
public final class SmallDisk implements AutoCloseable {
  private final Process holder;
  private final Path at;

  private SmallDisk(Process holder, Path at) {
    this.holder = holder;
    this.at = at;
  }

  /**
   * Mounts it.
   *
   * @param at an empty folder, by which processes inside know it
   */
  public static SmallDisk open(Path at, int megabytes) throws IOException {
    String mount =
        "mount -t tmpfs -o size=%dm tmpfs '%s' && echo ready && exec cat".formatted(megabytes, at);
    Process holder =
        new ProcessBuilder(List.of("unshare", "-rm", "sh", "-c", mount))
            .redirectErrorStream(true)
            .start();
    BufferedReader said = holder.inputReader(StandardCharsets.UTF_8);
    String line = said.readLine();
    if (!"ready".equals(line)) {
      holder.destroyForcibly();
      throw new IllegalStateException("expected a mount namespace (unshare -rm), got: " + line);
    }
    return new SmallDisk(holder, at);
  }

  /** Lets what will be started be inside; returns it. */
  public ProcessBuilder inside(ProcessBuilder process) {
    List<String> all = new ArrayList<>(List.of("nsenter", "--target", "" + holder.pid()));
    all.addAll(List.of("--user", "--mount", "--preserve-credentials", "--"));
    all.addAll(process.command());
    return process.command(all);
  }

  /** The same folder for this process. */
  public Path seenFromOutside() {
    return Path.of("/proc", "" + holder.pid(), "root").resolve(at.toString().substring(1));
  }

  /** Takes all room that is left. */
  public void fill() throws IOException {
    byte[] page = new byte[4096];
    try (OutputStream out = Files.newOutputStream(filler())) {
      while (true) {
        out.write(page);
      }
    } catch (IOException e) {
      if (!String.valueOf(e.getMessage()).contains("No space left")) {
        throw e;
      }
    }
  }

  /** Gives the room back. */
  public void free() throws IOException {
    Files.deleteIfExists(filler());
  }

  private Path filler() {
    return seenFromOutside().resolve("filler");
  }

  /** Forbids or allows to write anything; no file may be open for that. */
  public void readOnly(boolean is) throws IOException {
    List<String> remount = List.of("mount", "-o", "remount," + (is ? "ro" : "rw"), at.toString());
    Process process = inside(new ProcessBuilder(remount)).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.onExit().join().exitValue() != 0) {
      throw new IllegalStateException("expected to remount " + at + ", got: " + said);
    }
  }

  @Override
  public void close() {
    holder.destroyForcibly();
    holder.onExit().join();
  }
}
