package dev.loupe.figure;

/** A figure or a table: what has a number, a caption and data of its own. */
public sealed interface Exhibit extends Block permits Figure, FigureTable {
  /** Its place on a page and the name of its files: {@code a-z}, {@code 0-9} and single dashes. */
  String id();

  /** What it shows, in a line. */
  String title();

  /** How to read it, with the definitions of what it shows; may be empty. */
  String caption();

  /** The command that makes it; may be empty. */
  String command();

  /** All its values, a row each. */
  FigureTable table();
}
