package dev.loupe.cli;

import dev.loupe.files.WorkPart;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Whether a work is done whole, in part, or made from its parts: one of these. */
@Heading("Parts, on several machines")
final class PartOptions {
  @ArgGroup(exclusive = false)
  private @Nullable One one;

  @Option(
      names = "--merge",
      required = true,
      paramLabel = "DIR",
      description = "make the result from all parts in DIR, the same as of one process")
  private @Nullable Path merge;

  /** A part that this process does. */
  static final class One {
    @Option(
        names = "--part",
        required = true,
        paramLabel = "I/N",
        description = "do part I of N only, as 2/7; several processes share the work so")
    private String part = "";

    @Option(
        names = "--parts-dir",
        required = true,
        paramLabel = "DIR",
        description = "where the part goes, into a folder of its own, for --merge")
    private Path folder = Path.of("");
  }

  /** The part to do, if it is one. */
  Optional<WorkPart> part() {
    return Optional.ofNullable(one).map(each -> WorkPart.parse(each.part));
  }

  /** Where parts go, if one is to be done. */
  Path folder() {
    return Optional.ofNullable(one).orElseThrow().folder;
  }

  /** Where the parts are that are to be merged, if they are. */
  Optional<Path> merge() {
    return Optional.ofNullable(merge);
  }

  /**
   * A part that was written.
   *
   * @param part such as {@code 2/7}
   * @param folder of its files
   */
  record Written(String part, String folder) {
    static Written of(WorkPart part, Path folder) {
      return new Written(part.toString(), folder.toString());
    }

    String text() {
      return "Part " + part + ": " + folder;
    }
  }
}
