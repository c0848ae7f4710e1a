package dev.loupe.figure;

/** Plain text of a section. */
public record Paragraph(String text) implements Block {
  /** Refuses an empty one. */
  public Paragraph {
    Checks.notBlank("a text in a paragraph", text);
  }
}
