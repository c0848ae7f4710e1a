package dev.loupe.store;

import java.util.Locale;

/** Why a window is a sample of a feature. */
public enum SampleKind {
  /** Where it fires most strongly, one window a context. */
  TOP,
  /** One of eight bands of windows by their strongest activation, of equal size. */
  BAND,
  /** Any window at all. */
  RANDOM,
  /** The strongest windows that stay below 30 % of the feature's maximum. */
  NEAR_MISS,
  /** The feature's nearest neighbour by decoder cosine fires there, the feature does not. */
  NEIGHBOUR;

  /** Whether the feature fires there for certain: the strongest windows, and those of the bands. */
  public boolean isOfFirings() {
    return switch (this) {
      case TOP, BAND -> true;
      case RANDOM, NEAR_MISS, NEIGHBOUR -> false;
    };
  }

  /** The name in files and JSON. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  static SampleKind parse(String label) {
    return valueOf(label.toUpperCase(Locale.ROOT));
  }
}
