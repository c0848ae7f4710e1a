package dev.loupe.notes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loupe.dictionary.FeatureName;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random entries with undos and redos, against the definition itself, asked of every entry. */
final class UndoTest {
  private static final int STEPS = 60;
  private static final List<String> TAGS = List.of("a", "b", "c");

  @TempDir private Path suite;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void agreesWithTheDefinition(long seed) {
    Random random = new Random(seed);
    Notebook notes = Notebook.open(suite, false, InstantSource.fixed(Instant.EPOCH));
    List<Entry> all = new ArrayList<>();
    for (int step = 0; step < STEPS; step++) {
      all.add(notes.append(drawn(random, all)));
      FeatureName feature = all.getLast().feature();
      List<Entry> its = all.stream().filter(e -> e.feature().equals(feature)).toList();
      hold(notes.state(feature), its);
    }
    Notebook again = Notebook.open(suite, true, InstantSource.system());
    assertThat(again.all()).isEqualTo(notes.all());
    assertThat(again.tags()).isEqualTo(notes.tags());
    assertThat(again.bookmarks()).isEqualTo(notes.bookmarks());
    assertThat(again.explanations()).isEqualTo(notes.explanations());
  }

  private static NewEntry drawn(Random random, List<Entry> all) {
    FeatureName feature = FeatureName.parse("L0R-2x/" + random.nextInt(2));
    List<Entry> undoable =
        all.stream().filter(e -> e.feature().equals(feature) && counts(e, all)).toList();
    String tag = TAGS.get(random.nextInt(TAGS.size()));
    return switch (random.nextInt(12)) {
      case 0, 1 -> NewEntry.explanation("A", feature, "explanation " + all.size());
      case 2 -> NewEntry.note("A", feature, "note " + all.size());
      case 3, 4 -> NewEntry.tag("A", feature, tag);
      case 5 -> NewEntry.untag("A", feature, tag);
      case 6 -> NewEntry.unbookmark("A", feature);
      default ->
          undoable.isEmpty()
              ? NewEntry.bookmark("A", feature)
              : NewEntry.undo("A", feature, undoable.get(random.nextInt(undoable.size())).id());
    };
  }

  /** An entry counts if no entry that undoes it counts. */
  private static boolean counts(Entry entry, List<Entry> all) {
    return all.stream()
        .filter(other -> other.of().orElse(0) == entry.id())
        .noneMatch(other -> counts(other, all));
  }

  private static void hold(FeatureNotes state, List<Entry> its) {
    assertThat(state.history().stream().map(FeatureNotes.Past::entry)).isEqualTo(its);
    state
        .history()
        .forEach(past -> assertThat(past.undone()).isEqualTo(!counts(past.entry(), its)));
    List<Entry> counting = its.stream().filter(e -> counts(e, its)).toList();
    Optional<Entry> explanation = last(counting, e -> e.kind() == EntryKind.EXPLANATION);
    assertThat(state.explanation()).isEqualTo(explanation);
    assertThat(state.notes())
        .isEqualTo(counting.stream().filter(e -> e.kind() == EntryKind.NOTE).toList());
    Set<String> tags =
        TAGS.stream()
            .filter(tag ->
                last(counting, e -> e.text().equals(tag))
                    .filter(e -> e.kind() == EntryKind.TAG)
                    .isPresent())
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(state.tags()).containsExactlyElementsOf(tags);
    assertThat(state.bookmarked())
        .isEqualTo(
            last(counting, e -> e.kind() == EntryKind.BOOKMARK || e.kind() == EntryKind.UNBOOKMARK)
                .filter(e -> e.kind() == EntryKind.BOOKMARK)
                .isPresent());
  }

  private static Optional<Entry> last(List<Entry> entries, Predicate<Entry> wanted) {
    return entries.reversed().stream().filter(wanted).findFirst();
  }
}
