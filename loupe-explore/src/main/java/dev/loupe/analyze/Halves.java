package dev.loupe.analyze;

import dev.loupe.tensor.SeededRandom;
import dev.loupe.text.DocumentReference;

/** Two halves of all documents: on one something is chosen or fitted, on the other it is judged. */
final class Halves {
  private Halves() {}

  /** The half of a document, the same whenever and in whatever order documents are met. */
  static boolean isInHalfB(DocumentReference document) {
    String file = "half of a document in " + document.source() + "/" + document.file();
    return new SeededRandom(0, file).bits(document.row()) < 0;
  }
}
