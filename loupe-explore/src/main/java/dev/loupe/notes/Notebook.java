package dev.loupe.notes;

import dev.loupe.dictionary.FeatureName;
import dev.loupe.files.FileFormatException;
import dev.loupe.files.LineLog;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What people write about the features of a suite: {@code SUITE/notes/notes.jsonl}, a JSON object a
 * line, to which lines are only added. Each method first reads what other processes have added,
 * unless another thread is reading or writing just then: a slow disk keeps the writer waiting
 * alone.
 *
 * <p>Thread-safe, and safe to use from several processes at once. Holds no file open, so there is
 * nothing to close. Memory grows with the file, which is read a line at a time. Every method throws
 * {@link FileFormatException} with file and line for a line that is no entry, unless it is the
 * last: that is what a killed writer leaves, and is left out; and {@link
 * java.io.UncheckedIOException} for a file that cannot be read.
 */
public final class Notebook {
  private final LineLog<Entry> file;
  private final Path path;
  private final boolean readOnly;
  private final InstantSource clock;
  private final Map<FeatureName, List<Entry>> entries = new HashMap<>();
  private final Map<FeatureName, FeatureNotes> states = new HashMap<>(); // those asked for since
  private final Map<Long, FeatureName> features = new HashMap<>();
  private long last;

  private Notebook(Path path, boolean readOnly, InstantSource clock) {
    this.file = new LineLog<>(path, EntryLine.MAX_BYTES, EntryLine::parse);
    this.path = path;
    this.readOnly = readOnly;
    this.clock = clock;
  }

  /**
   * Reads the notes of a suite; none yet are none. Writes nothing before the first append.
   *
   * @param readOnly whether {@link #append} is refused
   * @param clock dates the entries
   */
  public static Notebook open(Path suiteDirectory, boolean readOnly, InstantSource clock) {
    Path path = suiteDirectory.resolve("notes").resolve("notes.jsonl");
    Notebook notebook = new Notebook(path, readOnly, clock);
    notebook.readNew();
    return notebook;
  }

  /**
   * Adds an entry. When this returns it is on the disk: neither a kill nor a power failure takes it
   * away. What a killed writer left of a line goes to {@code notes.torn} first.
   *
   * @return the entry with its number, the next of all processes, and its time
   * @throws IllegalArgumentException for an undo of what is not an entry of the feature, or is
   *     undone
   * @throws IllegalStateException for notes that were opened read-only
   */
  public Entry append(NewEntry said) {
    if (readOnly) {
      throw new IllegalStateException(
          "expected notes that may be written, got read-only ones in " + path);
    }
    return file.alone(() -> {
      readNew();
      Entry entry = next(said);
      file.append(List.of(EntryLine.write(entry)));
      keep(entry);
      return entry;
    });
  }

  private synchronized Entry next(NewEntry said) {
    Entry entry = new Entry(last + 1, clock.instant().truncatedTo(ChronoUnit.MILLIS), said);
    check(entry);
    checkCounts(entry);
    return entry;
  }

  /** Whether {@link #append} is refused. */
  public boolean readOnly() {
    return readOnly;
  }

  /** The number of the last entry, 0 for none: grows with each, in whatever process. */
  public long version() {
    readNew();
    synchronized (this) {
      return last;
    }
  }

  /** Bytes at the end of the file that are no whole entry, because their writer was killed. */
  public long tornBytes() {
    readNew();
    return file.tornBytes();
  }

  /** What is written about a feature; empty for one of which nothing is. */
  public FeatureNotes state(FeatureName feature) {
    readNew();
    synchronized (this) {
      return known(feature);
    }
  }

  /** Features of which something counts, the one written about last first. */
  public List<FeatureNotes> all() {
    readNew();
    synchronized (this) {
      return entries.entrySet().stream()
          .sorted(
              Comparator.comparingLong(
                      (Map.Entry<FeatureName, List<Entry>> e) -> e.getValue().getLast().id())
                  .reversed())
          .map(e -> known(e.getKey()))
          .filter(notes -> !notes.isEmpty())
          .toList();
    }
  }

  /** Bookmarked features, the one written about last first. */
  public List<FeatureName> bookmarks() {
    return all().stream().filter(FeatureNotes::bookmarked).map(FeatureNotes::feature).toList();
  }

  /** Each tag that is set, with the number of its features, by the alphabet. */
  public SortedMap<String, Integer> tags() {
    SortedMap<String, Integer> counts = new TreeMap<>();
    all().stream()
        .flatMap(notes -> notes.tags().stream())
        .forEach(t -> counts.merge(t, 1, Integer::sum));
    return counts;
  }

  /** The explanation of each feature that has one, the feature written about last first. */
  public Map<FeatureName, String> explanations() {
    Map<FeatureName, String> texts = new LinkedHashMap<>();
    all()
        .forEach(notes -> notes.explanation().ifPresent(e -> texts.put(notes.feature(), e.text())));
    return texts;
  }

  private void readNew() {
    file.readNew(this::take);
  }

  private synchronized void take(Entry entry) {
    check(entry);
    keep(entry);
  }

  private FeatureNotes known(FeatureName feature) {
    return entries.containsKey(feature)
        ? states.computeIfAbsent(feature, f -> FeatureNotes.of(f, entries.get(f)))
        : FeatureNotes.of(feature, List.of());
  }

  private synchronized void keep(Entry entry) {
    entries.computeIfAbsent(entry.feature(), _ -> new ArrayList<>()).add(entry);
    states.remove(entry.feature());
    features.put(entry.id(), entry.feature());
    last = entry.id();
  }

  private void check(Entry entry) {
    if (entry.id() <= last) {
      throw new IllegalArgumentException(
          "expected an id above %d, got %d".formatted(last, entry.id()));
    }
    entry
        .of()
        .ifPresent(of -> {
          if (!entry.feature().equals(features.get(of))) {
            throw new IllegalArgumentException(
                "expected an undo of an entry of %s, got one of %d, which is none"
                    .formatted(entry.feature(), of));
          }
        });
  }

  /** Two undos of one entry would need two to bring it back. */
  private void checkCounts(Entry entry) {
    entry
        .of()
        .ifPresent(of -> {
          boolean undone =
              known(entry.feature()).history().stream()
                  .anyMatch(past -> past.undone() && past.entry().id() == of);
          if (undone) {
            throw new IllegalArgumentException(
                "expected an undo of an entry that counts, got one of %d, which is undone; undo its undo"
                        .formatted(of)
                    + " to bring it back");
          }
        });
  }
}
