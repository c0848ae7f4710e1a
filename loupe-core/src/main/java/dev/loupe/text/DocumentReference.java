package dev.loupe.text;

/**
 * Where a document stands in its corpus.
 *
 * @param source index into {@link CorpusSpec#sources}
 * @param file index into {@link Source#files}
 * @param row line or row of the file, from 0
 */
public record DocumentReference(int source, int file, long row) {}
