package dev.loupe.geometry;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** How it is known which features are dead, and so left out. */
public enum DeadBy {
  /** They never fired in the analysis of the feature store. */
  FEATURE_STORE,
  /** There is no feature store, so none is left out. */
  NOTHING;

  @JsonValue
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
