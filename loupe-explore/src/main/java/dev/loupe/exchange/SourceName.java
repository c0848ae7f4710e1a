package dev.loupe.exchange;

import dev.loupe.dictionary.DictionaryName;
import java.util.Locale;

/** How other tools name a dictionary: a set of dictionaries of all layers, and one of them. */
final class SourceName {
  private SourceName() {}

  /** The set of a dictionary where no other name is given: {@code loupe-r-8x}. */
  static String set(DictionaryName name) {
    return "loupe-%s-%dx".formatted(name.site().name().toLowerCase(Locale.ROOT), name.expansion());
  }

  /** The dictionary in a set: {@code 2-loupe-r-8x}, {@code 2-loupe-r-8x__k20.s1}. */
  static String source(DictionaryName name, String set) {
    return name.layer() + "-" + set + (name.variant().isEmpty() ? "" : "__" + name.variant());
  }
}
