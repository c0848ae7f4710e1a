package dev.loupe.interpret;

/**
 * What a judge said of an item.
 *
 * @param stratum of the item
 * @param active whether the feature is, or the highlight is right
 * @param said whether the judge thinks so
 * @param probability that it is, as the judge thinks
 */
record Verdict(String stratum, boolean active, boolean said, double probability) {
  boolean correct() {
    return said == active;
  }
}
