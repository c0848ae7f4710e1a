package dev.loupe.dictionary;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/**
 * What decides which features fire. With z = ReLU(pre-activation) · ‖decoder column‖ in raw units:
 * the score that all gates judge by, whatever form the weights are in.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Gate.TopK.class, name = "topk"),
  @JsonSubTypes.Type(value = Gate.JumpRelu.class, name = "jumprelu"),
  @JsonSubTypes.Type(value = Gate.Relu.class, name = "relu")
})
public sealed interface Gate {
  /** The k features of largest z fire, as far as z > 0 (paper, Eq. 5). */
  record TopK(int k) implements Gate {
    public TopK {
      if (k < 1) {
        throw new IllegalArgumentException("expected K of 1 or more, got " + k);
      }
    }
  }

  /**
   * Features with z > threshold fire (paper, section 3.3.4).
   *
   * @param threshold in raw activation units with unit decoder columns
   */
  record JumpRelu(double threshold) implements Gate {
    public JumpRelu {
      if (!(threshold >= 0 && Double.isFinite(threshold))) {
        throw new IllegalArgumentException("expected a threshold of 0 or more, got " + threshold);
      }
    }
  }

  /** Features with z > 0 fire. */
  record Relu() implements Gate {}

  default String label() {
    return switch (this) {
      case TopK(int k) -> "topk " + k;
      case JumpRelu(double threshold) -> "jumprelu " + (float) threshold;
      case Relu() -> "relu";
    };
  }
}
