package dev.loupe.files;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The parts of a work on disk, a folder each, side by side: {@code part-2-of-7}. A part has {@code
 * part.json}, which says which it is and of what; {@code request.json}, all that its numbers depend
 * on; its files; and, written last, {@code checksums.json}, without which it is not finished.
 *
 * @param folder that has them
 * @param work that they are parts of: {@code analysis}
 */
public record PartFolders(Path folder, String work) {
  /** What a part depends on, as JSON. */
  public static final String REQUEST = "request.json";

  private static final String FILE = "part.json";

  /** What {@code part.json} says. */
  private record Label(String work, WorkPart part) {}

  /** The folder of a part, there or not. */
  public Path of(WorkPart part) {
    return folder.resolve("part-%d-of-%d".formatted(part.number(), part.of()));
  }

  /** Says in a part's folder which it is: the first that is to be done. */
  public void label(Path of, WorkPart part) {
    AtomicFile.writeJson(of.resolve(FILE), new Label(work, part));
  }

  /** Writes the sums of a part's files, with which it is finished. */
  public static void finish(Path of) {
    Checksums.write(of, _ -> true);
  }

  public static boolean isFinished(Path of) {
    return Files.exists(of.resolve(Checksums.FILE));
  }

  /**
   * The folders of all parts, first to last, each file compared with its sum.
   *
   * @param differences what the request in a part's folder differs in from the one that is wanted
   * @throws IllegalArgumentException where they do not make up the work: parts of another work or
   *     request, of another number of parts, missing, there twice, unfinished
   * @throws FileFormatException where a file is not as it was written
   */
  public List<Path> all(Function<Path, List<String>> differences) {
    SortedMap<WorkPart, Path> found = labelled();
    checkComplete(found);
    ObjectNode first = Json.readObject(found.firstEntry().getValue().resolve(REQUEST));
    checkSame(
        "what is asked for", found.firstEntry(), differences.apply(found.firstEntry().getValue()));
    for (Map.Entry<WorkPart, Path> each : found.entrySet()) {
      ObjectNode request = Json.readObject(each.getValue().resolve(REQUEST));
      checkSame("the first one's request", each, Json.differences(first, request));
    }
    found.values().forEach(Checksums::verify);
    return List.copyOf(found.values());
  }

  /** Folders with a label; hidden ones are being written. */
  private SortedMap<WorkPart, Path> labelled() {
    if (!Files.isDirectory(folder)) {
      throw new IllegalArgumentException(
          "expected a folder of parts, got %s, which is none; write parts with --part"
              .formatted(folder));
    }
    SortedMap<WorkPart, Path> found =
        new TreeMap<>(Comparator.comparingInt(WorkPart::of).thenComparingInt(WorkPart::number));
    try (Stream<Path> all = Files.list(folder)) {
      all.filter(each -> !each.getFileName().toString().startsWith("."))
          .filter(each -> Files.exists(each.resolve(FILE)))
          .sorted()
          .forEach(each -> add(found, each));
      return found;
    } catch (IOException e) {
      throw IoFailures.reading(folder, e);
    }
  }

  private void add(SortedMap<WorkPart, Path> found, Path each) {
    Label label = Json.read(each.resolve(FILE), Label.class);
    if (!label.work().equals(work)) {
      throw new IllegalArgumentException(
          "expected parts of an %s, got one of an %s in %s".formatted(work, label.work(), each));
    }
    if (!isFinished(each)) {
      throw new IllegalArgumentException(
          "expected finished parts, got part %s without %s in %s; run it again, or wait for it"
              .formatted(label.part(), Checksums.FILE, each));
    }
    Path other = found.putIfAbsent(label.part(), each);
    if (other != null) {
      throw new IllegalArgumentException(
          "expected part %s once, got it in %s and in %s; remove one"
              .formatted(label.part(), other, each));
    }
  }

  private void checkComplete(SortedMap<WorkPart, Path> found) {
    if (found.isEmpty()) {
      throw new IllegalArgumentException(
          "expected the parts of an %s in %s, got none; write them with --part"
              .formatted(work, folder));
    }
    int parts = found.firstKey().of();
    if (found.lastKey().of() != parts) {
      throw new IllegalArgumentException(
          "expected parts of one cut in %s, got %s and %s; remove those of one"
              .formatted(folder, found.firstKey(), found.lastKey()));
    }
    List<String> missing =
        IntStream.rangeClosed(1, parts)
            .mapToObj(number -> new WorkPart(number, parts))
            .filter(part -> !found.containsKey(part))
            .map(WorkPart::toString)
            .toList();
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException(
          "expected %d parts in %s, got none of %s; write them with --part"
              .formatted(parts, folder, String.join(", ", missing)));
    }
  }

  private static void checkSame(
      String asked, Map.Entry<WorkPart, Path> part, List<String> differences) {
    if (!differences.isEmpty()) {
      throw new IllegalArgumentException(
          "expected parts of %s, got part %s in %s, which differs in %s"
              .formatted(asked, part.getKey(), part.getValue(), String.join(", ", differences)));
    }
  }
}
