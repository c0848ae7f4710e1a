package dev.loupe.train;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Suite;
import dev.loupe.files.AtomicFile;
import dev.loupe.files.AtomicFolder;
import dev.loupe.files.Checksums;
import dev.loupe.files.FileFormatException;
import dev.loupe.files.IoFailures;
import dev.loupe.files.Json;
import dev.loupe.model.Hook;
import dev.loupe.safetensors.SafetensorsFile;
import dev.loupe.safetensors.SafetensorsWriter;
import dev.loupe.safetensors.TensorSource;
import dev.loupe.tensor.TensorScope;
import dev.loupe.text.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder {@code resume} of a suite in training: the last two states, each a folder {@code
 * step-N} that is written beside, synced, and renamed into place, with the checksums of its files.
 * So a kill at any moment leaves a state that is whole, and a damaged one is told from it.
 *
 * <p>A state holds {@code state.json} and a file of tensors for each dictionary; that of step 0 has
 * no tensors, because they follow from the seed. The place in the corpus and what the shuffle
 * buffer holds follow from the step ({@code ActivationStream.skip}).
 */
final class ResumeState {
  private static final Logger LOG = LoggerFactory.getLogger(ResumeState.class);
  private static final Pattern FOLDER = Pattern.compile("step-(\\d{1,18})");
  private static final String STATE = "state.json";
  private static final int KEPT = 2;

  private ResumeState() {}

  /**
   * Where a run stands.
   *
   * @param pass of the model over the corpus, from 0
   * @param step number of the next step of the pass
   * @param manifest of the run, which a resumed one must share
   * @param meanNorms measured before the first step, by hook
   * @param incidents steps with incidents so far
   * @param dictionaries counters of each, by name
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  record State(
      int pass,
      long step,
      Suite.Manifest manifest,
      Map<String, Double> meanNorms,
      int incidents,
      Map<String, Learner.Counters> dictionaries) {
    /** What a state is called by: rises from step to step and from pass to pass. */
    long number() {
      return pass * (manifest.steps() + 1) + step;
    }

    Map<Hook, Double> norms() {
      Map<Hook, Double> norms = new TreeMap<>();
      meanNorms.forEach((hook, norm) -> norms.put(Hook.parse(hook), norm));
      return norms;
    }

    /** Steps at which a dictionary was not updated, of this pass and those before. */
    Map<String, List<Long>> skipped() {
      Map<String, List<Long>> skipped = new TreeMap<>(manifest.skippedUpdates());
      dictionaries.forEach((name, counters) -> {
        if (!counters.skipped().isEmpty()) {
          skipped.put(name, counters.skipped());
        }
      });
      return skipped;
    }

    Learner.Counters counters(DictionaryName name) {
      return dictionaries.getOrDefault(name.toString(), Learner.Counters.NONE);
    }
  }

  static Path folder(Path suite) {
    return suite.resolve("resume");
  }

  private static Path folder(Path suite, long number) {
    return folder(suite).resolve("step-" + number);
  }

  /**
   * Writes a state and removes those that are neither it nor the one before. If it fails, the
   * states before are as they were.
   *
   * @param learners whose tensors go with it, borrowed; none at step 0
   */
  static void write(
      Path suite, State state, SequencedMap<DictionaryName, Learner> learners, Progress progress) {
    AtomicFolder.delete(folder(suite, state.number())); // a damaged one: the run came from another
    AtomicFolder.write(
        folder(suite, state.number()),
        partial -> {
          int written = 0;
          for (Map.Entry<DictionaryName, Learner> learner : learners.entrySet()) {
            progress.report("saving the state", written++, -1);
            try (TensorScope _ = TensorScope.open()) {
              SafetensorsWriter.write(
                  partial.resolve(tensors(learner.getKey())),
                  learner.getValue().step().state(),
                  Map.of());
            }
          }
          progress.report("saving the state", written++, -1);
          AtomicFile.writeJson(partial.resolve(STATE), state);
          progress.report("saving the state", written, -1);
          Checksums.write(partial, _ -> true);
        });
    removeOthers(suite, state.number());
  }

  /** States after this one belong to a future that is trained anew. */
  private static void removeOthers(Path suite, long step) {
    List<Long> steps = steps(suite);
    List<Long> kept = steps.stream().filter(s -> s <= step).limit(KEPT).toList();
    for (long other : steps) {
      if (!kept.contains(other)) {
        AtomicFolder.delete(folder(suite, other));
      }
    }
  }

  private static String tensors(DictionaryName name) {
    return name + ".safetensors";
  }

  /** Steps of which there are states, latest first. */
  private static List<Long> steps(Path suite) {
    if (!Files.isDirectory(folder(suite))) {
      return List.of();
    }
    try (Stream<Path> found = Files.list(folder(suite))) {
      return found
          .map(path -> FOLDER.matcher(path.getFileName().toString()))
          .filter(Matcher::matches)
          .map(matcher -> Long.parseLong(matcher.group(1)))
          .sorted(Comparator.reverseOrder())
          .toList();
    } catch (IOException e) {
      throw IoFailures.reading(folder(suite), e);
    }
  }

  /** Whether a run was begun here that is not known to be finished. */
  static boolean isBegun(Path suite) {
    return Files.isDirectory(folder(suite));
  }

  /** Whether there is a state, damaged or not. */
  static boolean isSaved(Path suite) {
    return !steps(suite).isEmpty();
  }

  /** Refuses a folder in which no run was begun. */
  static void requireBegun(Path suite) {
    if (!isBegun(suite)) {
      throw new FileFormatException(
          suite, "nothing to resume: expected a folder resume, got none", "start without --resume");
    }
  }

  /**
   * The latest state of which all files are as they were written; a log line tells of later ones
   * that are damaged. Empty for a run that was killed before it wrote anything.
   */
  static Optional<State> latest(Path suite) {
    requireBegun(suite);
    List<Long> steps = steps(suite);
    List<String> faults = new ArrayList<>();
    for (long step : steps) {
      try {
        State state = read(suite, step);
        faults.forEach(
            fault -> LOG.warn("{}; the state of step {} before it is used instead", fault, step));
        return Optional.of(state);
      } catch (FileFormatException | UncheckedIOException e) {
        faults.add("the state of step " + step + " is damaged: " + e.getMessage());
      }
    }
    if (!faults.isEmpty() || holdsMore(suite)) {
      faults.add(steps.size() + " states");
      throw new FileFormatException(
          folder(suite),
          "expected a state that is whole, got " + String.join("; ", faults),
          "the run cannot go on; train into another folder");
    }
    return Optional.empty();
  }

  private static State read(Path suite, long step) {
    Path folder = folder(suite, step);
    Checksums.verify(folder);
    State state = Json.read(folder.resolve(STATE), State.class);
    if (state.number() != step) {
      throw new FileFormatException(
          folder.resolve(STATE), "expected step %d, got %d".formatted(step, state.number()));
    }
    return state;
  }

  /** Whether training wrote more than the folder itself: then there was a state. */
  private static boolean holdsMore(Path suite) {
    try (Stream<Path> files = Files.list(suite)) {
      return files.anyMatch(file -> !file.equals(folder(suite)));
    } catch (IOException e) {
      throw IoFailures.reading(suite, e);
    }
  }

  /** Sets a step to where a dictionary stood. */
  static void restore(
      Path suite, State state, DictionaryName name, TrainingStep step, long tokens) {
    if (state.step() == 0) {
      return; // the weights are drawn from the seed
    }
    try (TensorSource source =
        SafetensorsFile.open(folder(suite, state.number()).resolve(tensors(name)))) {
      step.restore(source::read, tokens);
    }
  }

  /** Removes the folder after a finished run. */
  static void clear(Path suite) {
    AtomicFolder.delete(folder(suite));
  }
}
