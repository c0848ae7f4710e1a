package dev.loupe.figure;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.loupe.files.AtomicFile;
import dev.loupe.files.Json;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.stream.Stream;

/**
 * Figures and tables in their order, with what a reader needs to repeat them.
 *
 * @param format version of its file's form
 * @param subtitle a line under the title; may be empty
 * @param definitions each term with its meaning
 * @param settings each name with its value: what was measured, on what, with which seed
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record Document(
    int format,
    String title,
    String subtitle,
    List<Section> sections,
    SequencedMap<String, String> definitions,
    SequencedMap<String, String> settings) {
  public static final int FORMAT = 1;

  /** Ids that the page uses itself. */
  static final String DEFINITIONS = "definitions";

  static final String SETTINGS = "settings";

  /** Checks the format, refuses an id twice, and copies. */
  public Document {
    if (format != FORMAT) {
      throw new IllegalArgumentException(
          "expected a document of format " + FORMAT + ", got " + format);
    }
    Checks.notBlank("the title of a document", title);
    sections = List.copyOf(sections);
    Checks.distinct(
        "ids of sections, figures and tables",
        Stream.of(
                Stream.of(DEFINITIONS, SETTINGS),
                sections.stream().map(Section::id),
                exhibits(sections).map(Exhibit::id))
            .flatMap(ids -> ids)
            .toList());
    definitions = copy(definitions);
    settings = copy(settings);
  }

  /** A document of the present format. */
  public static Document of(
      String title,
      String subtitle,
      List<Section> sections,
      SequencedMap<String, String> definitions,
      SequencedMap<String, String> settings) {
    return new Document(FORMAT, title, subtitle, sections, definitions, settings);
  }

  /** All figures and tables, in their order. */
  public List<Exhibit> exhibits() {
    return exhibits(sections).toList();
  }

  /** Writes the file whole or not at all: the same document gives the same bytes. */
  public void write(Path file) {
    AtomicFile.writeJson(file, this);
  }

  /** Reads what {@link #write} wrote; FileFormatException where it is something else. */
  public static Document read(Path file) {
    return Json.read(file, Document.class);
  }

  private static Stream<Exhibit> exhibits(List<Section> sections) {
    return sections.stream()
        .flatMap(section -> section.blocks().stream())
        .filter(Exhibit.class::isInstance)
        .map(Exhibit.class::cast);
  }

  private static SequencedMap<String, String> copy(SequencedMap<String, String> map) {
    SequencedMap<String, String> copy = new LinkedHashMap<>();
    map.forEach(
        (key, value) -> copy.put(Objects.requireNonNull(key), Objects.requireNonNull(value)));
    return Collections.unmodifiableSequencedMap(copy);
  }
}
