package dev.loupe.train;

import dev.loupe.activation.ActivationStream;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Suite;
import dev.loupe.files.AtomicFolder;
import dev.loupe.files.IoFailures;
import dev.loupe.model.LlamaConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The passes of a run as runs of their own, which other processes may do at the same time: each
 * trains a suite of some of the dictionaries, and they are then put together. The suite has the
 * bytes of one process that makes these passes in turn, because what becomes of a dictionary does
 * not depend on its pass: the tokens, their order and the buffer are the same in all.
 */
public final class SuiteParts {
  private SuiteParts() {}

  /**
   * The runs, in the order of the passes; all write to the folder of the whole one, so that each is
   * to be given its own by {@link TrainingSetup#into}.
   *
   * @param whole with its number of passes
   */
  public static List<TrainingSetup> split(TrainingSetup whole) {
    LlamaConfig model = LlamaConfig.read(whole.model().directory());
    List<List<DictionaryName>> groups = groups(whole);
    int tokens = Passes.bufferTokens(groups, whole.recipe(), whole.buffer(), model);
    return groups.stream().map(names -> part(whole, names, tokens, model)).toList();
  }

  private static List<List<DictionaryName>> groups(TrainingSetup whole) {
    return Passes.split(whole.names(), whole.passes().orElseThrow());
  }

  /** With as many bytes as make the buffer of so many tokens, whatever the sites of the group. */
  private static TrainingSetup part(
      TrainingSetup whole, List<DictionaryName> names, int bufferTokens, LlamaConfig model) {
    long perToken =
        ActivationStream.bytesPerToken(model, Passes.hooks(names), whole.buffer().dtype());
    return whole.ofPass(names, whole.buffer().withBytes(bufferTokens * perToken));
  }

  /**
   * Puts finished parts together: moves their dictionaries into a folder and writes {@code
   * suite.json}.
   *
   * @param parts folders of the suites, in the order of the passes; emptied
   * @param whole the run that they are parts of
   * @param suite a folder that exists
   * @throws IllegalArgumentException where they are not parts of one run
   */
  public static Suite assemble(List<Path> parts, TrainingSetup whole, Path suite) {
    List<Suite> done = parts.stream().map(Suite::open).toList();
    Suite.Manifest manifest = merged(done, whole);
    done.forEach(part -> moveAll(part, suite));
    return Suite.write(suite, manifest);
  }

  private static Suite.Manifest merged(List<Suite> parts, TrainingSetup whole) {
    List<List<DictionaryName>> groups = groups(whole);
    checkPlaces(parts, groups);
    List<Suite.InexactResume> resumes = new ArrayList<>();
    Map<String, List<Long>> skipped = new TreeMap<>();
    Suite.Manifest first = parts.getFirst().manifest();
    for (Suite part : parts) {
      RunDifferences.requireParts(first, part.manifest());
      resumes.addAll(part.manifest().resumedInexactly());
      skipped.putAll(part.manifest().skippedUpdates());
    }
    RunDifferences.requireWanted(first, whole);
    return first.withParts(groups.size(), whole.names(), resumes, skipped);
  }

  private static void checkPlaces(List<Suite> parts, List<List<DictionaryName>> groups) {
    List<List<DictionaryName>> got = parts.stream().map(Suite::names).toList();
    IntStream.range(0, Math.max(got.size(), groups.size()))
        .filter(i -> i >= got.size() || i >= groups.size() || !got.get(i).equals(groups.get(i)))
        .findFirst()
        .ifPresent(i -> {
          throw new IllegalArgumentException(
              "expected %d parts, number %d with %s, got %d with %s"
                  .formatted(
                      groups.size(),
                      i + 1,
                      i < groups.size() ? groups.get(i) : "nothing",
                      got.size(),
                      i < got.size() ? got.get(i) : "nothing"));
        });
  }

  private static void moveAll(Suite part, Path suite) {
    part.names().forEach(name -> move(part.folder(name), suite.resolve(name.toString())));
    Path incidents = part.directory().resolve("incidents");
    if (Files.isDirectory(incidents)) {
      try (Stream<Path> steps = Files.list(incidents)) {
        Files.createDirectories(suite.resolve("incidents"));
        steps.forEach(step -> {
          Path place = suite.resolve("incidents").resolve(step.getFileName().toString());
          AtomicFolder.delete(place); // of an earlier pass at the same step, as in one process
          move(step, place);
        });
      } catch (IOException e) {
        throw IoFailures.reading(incidents, e);
      }
    }
  }

  private static void move(Path from, Path to) {
    try {
      Files.move(from, to);
    } catch (IOException e) {
      throw IoFailures.writing(to, e);
    }
  }
}
