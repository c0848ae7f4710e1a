package dev.loupe.train;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What the first directions of features are drawn from. */
public enum InitialDirections {
  /** All directions alike. */
  @JsonProperty("any")
  ANY,
  /** All directions alike of the subspace that holds 95 % of the first activations' variance. */
  @JsonProperty("subspace")
  SUBSPACE
}
