package dev.loupe.text;

/** What to do with a document that is longer than a context. */
public enum LongDocuments {
  /** Use its start and leave out the rest. */
  TRUNCATE,
  /** Cut it into consecutive contexts, each with a begin id of its own. */
  SPLIT
}
