package dev.loupe.notes;

import dev.loupe.dictionary.FeatureName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What is written about one feature. A plain value: it does not change when more is appended.
 *
 * @param explanation the latest that is not undone
 * @param notes those not undone, oldest first
 * @param tags in the order of the alphabet
 * @param history every entry of the feature, oldest first
 */
public record FeatureNotes(
    FeatureName feature,
    Optional<Entry> explanation,
    List<Entry> notes,
    List<String> tags,
    boolean bookmarked,
    List<Past> history) {
  public FeatureNotes {
    notes = List.copyOf(notes);
    tags = List.copyOf(tags);
    history = List.copyOf(history);
  }

  /**
   * An entry, and whether it counts.
   *
   * @param undone whether an undo that is not undone itself undoes it
   */
  public record Past(Entry entry, boolean undone) {}

  /** Whether there is nothing but, at most, a history. */
  public boolean isEmpty() {
    return explanation.isEmpty() && notes.isEmpty() && tags.isEmpty() && !bookmarked;
  }

  /** What all entries of a feature, oldest first, amount to. */
  static FeatureNotes of(FeatureName feature, List<Entry> entries) {
    Set<Long> undone = undone(entries);
    List<Past> history =
        entries.stream().map(entry -> new Past(entry, undone.contains(entry.id()))).toList();
    List<Entry> counting = entries.stream().filter(e -> !undone.contains(e.id())).toList();
    Optional<Entry> explanation = Optional.empty();
    List<Entry> notes = new ArrayList<>();
    SortedSet<String> tags = new TreeSet<>();
    boolean bookmarked = false;
    for (Entry entry : counting) {
      switch (entry.kind()) {
        case EXPLANATION -> explanation = Optional.of(entry);
        case NOTE -> notes.add(entry);
        case TAG -> tags.add(entry.text());
        case UNTAG -> tags.remove(entry.text());
        case BOOKMARK -> bookmarked = true;
        case UNBOOKMARK -> bookmarked = false;
        case UNDO -> {} // what it undoes is not among these
      }
    }
    return new FeatureNotes(feature, explanation, notes, List.copyOf(tags), bookmarked, history);
  }

  /** An undo comes after what it undoes: from the last to the first, each is known in time. */
  private static Set<Long> undone(List<Entry> entries) {
    Set<Long> undone = new HashSet<>();
    for (Entry entry : entries.reversed()) {
      if (!undone.contains(entry.id())) {
        entry.of().ifPresent(undone::add);
      }
    }
    return undone;
  }
}
