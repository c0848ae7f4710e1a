package dev.loupe.figure;

import java.util.List;

/**
 * A heading of a document with what stands under it.
 *
 * @param id its place on the page, see {@link Exhibit#id}
 */
public record Section(String id, String title, List<Block> blocks) {
  /** Refuses an id that is no place on a page. */
  public Section {
    Checks.id("a section", id);
    Checks.notBlank("a title of section " + id, title);
    blocks = List.copyOf(blocks);
  }
}
