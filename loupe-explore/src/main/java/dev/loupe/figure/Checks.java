package dev.loupe.figure;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** What the constructors of this package ask of names and lists; the messages say which value. */
final class Checks {
  private static final Pattern ID = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)*");

  private Checks() {}

  static void id(String what, String id) {
    if (!ID.matcher(id).matches()) {
      throw new IllegalArgumentException(
          "expected an id of %s such as frequency-l0r: a-z, 0-9 and single dashes, got '%s'"
              .formatted(what, id));
    }
  }

  static void notBlank(String what, String text) {
    if (text.isBlank()) {
      throw new IllegalArgumentException("expected %s, got a blank text".formatted(what));
    }
  }

  static void notEmpty(String what, List<?> values) {
    if (values.isEmpty()) {
      throw new IllegalArgumentException("expected %s, got none".formatted(what));
    }
  }

  static void distinct(String what, List<String> names) {
    Set<String> seen = new HashSet<>();
    for (String name : names) {
      if (!seen.add(name)) {
        throw new IllegalArgumentException(
            "expected distinct %s, got '%s' twice".formatted(what, name));
      }
    }
  }

  static void finite(String what, double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException(
          "expected a finite number as %s, got %s".formatted(what, value));
    }
  }
}
