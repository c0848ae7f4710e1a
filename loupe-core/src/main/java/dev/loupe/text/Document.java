package dev.loupe.text;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * One text of a corpus.
 *
 * @param reference where it stands
 * @param text the whole text, not cut
 * @param metadata all other fields of its row; empty where there are none
 */
public record Document(DocumentReference reference, String text, ObjectNode metadata) {}
