package dev.loupe.cluster;

import dev.loupe.cli.Loupe;
import dev.loupe.files.AtomicFolder;
import dev.loupe.tensor.Device;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The task of a part: the ordinary command with {@code --part}, in a folder of this machine, whose
 * result is kept on shared storage. Gives the name that it has there; what is there is not made
 * again.
 */
final class PartTask implements Function<Integer, String> {
  private static final long serialVersionUID = 1L;

  private final String command;
  private final String[] words;
  private final int count;
  private final String shared;
  private final String scratch;
  private final SerializableConfiguration storage;

  /**
   * A task for each part.
   *
   * @param words that the command is called with
   * @param count of the parts
   * @param shared folder of the finished parts
   * @param scratch where this machine works
   */
  PartTask(
      String command,
      List<String> words,
      int count,
      URI shared,
      Path scratch,
      SerializableConfiguration storage) {
    this.command = command;
    this.words = words.toArray(String[]::new);
    this.count = count;
    this.shared = shared.toString();
    this.scratch = scratch.toString();
    this.storage = storage;
  }

  /**
   * The folder that the command gives a part.
   *
   * @param part from 0
   */
  static String folder(int part, int count) {
    return "part-%d-of-%d".formatted(part + 1, count);
  }

  @Override
  public String call(Integer part) {
    HadoopStorage.use(storage.value());
    SharedFolders folders = SharedFolders.at(URI.create(shared), storage.value());
    String folder = folder(part, count);
    return folders.names(folder + "-").stream()
        .filter(folders::isWhole)
        .findFirst()
        .orElseGet(() -> make(part, folder, folders));
  }

  private String make(int part, String folder, SharedFolders folders) {
    TaskContext task = TaskContext.get();
    Path here = TaskPlace.scratch(Path.of(scratch));
    try {
      run(arguments(part, here, task));
      Path made = here.resolve(folder);
      String name = folder + "-" + TaskPlace.name(task);
      folders.put(name, made, _ -> true);
      return name;
    } finally {
      AtomicFolder.delete(here);
    }
  }

  private String[] arguments(int part, Path here, TaskContext task) {
    List<String> all = new ArrayList<>();
    all.add(command);
    all.addAll(Arrays.asList(words));
    if (!all.contains("--threads")) {
      all.addAll(List.of("--threads", String.valueOf(task.cpus())));
    }
    int device = all.indexOf("--device");
    if (device >= 0) {
      Device asked = Device.parse(all.get(device + 1));
      all.set(device + 1, TaskDevice.of(asked, TaskPlace.gpus(task)).toString());
    }
    all.addAll(List.of("--part", (part + 1) + "/" + count, "--parts-dir", here.toString()));
    return all.toArray(String[]::new);
  }

  private static void run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Loupe.commandLine(arguments)
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err, true))
            .execute(arguments);
    if (code != 0) {
      throw new IllegalStateException(err.toString().strip());
    }
  }
}
