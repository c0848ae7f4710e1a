package dev.loupe.search;

import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.allminilml6v2q.AllMiniLmL6V2QuantizedEmbeddingModel;
import dev.loupe.text.Tokenizer;

/**
 * What a text means, as a direction: texts of like meaning have a large cosine. The model
 * (all-MiniLM-L6-v2, int8) is in a jar; nothing leaves the machine. Loads in about a second, then
 * takes a few milliseconds a text. Thread-safe.
 */
public final class TextEmbedding {
  /** Numbers of an embedding. */
  public static final int DIMENSIONS = 384;

  /** Names the model in what is kept. */
  static final String MODEL = "all-minilm-l6-v2-q";

  private final EmbeddingModel model;

  private TextEmbedding(EmbeddingModel model) {
    this.model = model;
  }

  /** Loads the model. */
  public static TextEmbedding load() {
    Tokenizer.keepOffline(); // the model's own tokenizer is of the same library
    return new TextEmbedding(new AllMiniLmL6V2QuantizedEmbeddingModel(Runnable::run));
  }

  /**
   * The embedding of a text, of unit length. Texts of more than 510 pieces are embedded in parts.
   */
  public float[] embed(String text) {
    if (text.isBlank()) {
      throw new IllegalArgumentException("expected a text to embed, got a blank");
    }
    float[] vector = model.embed(text).content().vector();
    if (vector.length != DIMENSIONS) {
      throw new IllegalStateException(
          "expected an embedding of %d numbers, got %d".formatted(DIMENSIONS, vector.length));
    }
    return vector;
  }
}
