package dev.loupe.dictionary;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A dictionary's name: {@code L15R-8x}, with a suffix for a variant of a sweep, {@code
 * L15R-8x-k20.s1}. Published names ({@code Llama3_1-8B-Base-L15R-8x}, {@code L15R-8x-TopK}) parse.
 *
 * @param layer from 0
 * @param expansion features over D
 * @param variant {@code [a-z0-9.]+}, or empty
 */
public record DictionaryName(int layer, Site site, int expansion, String variant)
    implements Comparable<DictionaryName> {
  private static final Pattern NAME =
      Pattern.compile(
          "(?:[A-Za-z0-9_.-]+-)?L(\\d{1,4})(TC|R|A|M)-(\\d{1,5})x(?:-([A-Za-z0-9.]+))?");

  public DictionaryName {
    if (layer < 0) {
      throw new IllegalArgumentException("expected a layer of 0 or more, got " + layer);
    }
    if (expansion < 1) {
      throw new IllegalArgumentException("expected an expansion of 1 or more, got " + expansion);
    }
    if (!variant.matches("[a-z0-9.]*")) {
      throw new IllegalArgumentException(
          "expected a variant of a-z, 0-9 and '.', got '" + variant + "'");
    }
  }

  public static DictionaryName of(int layer, Site site, int expansion) {
    return new DictionaryName(layer, site, expansion, "");
  }

  @JsonCreator
  public static DictionaryName parse(String name) {
    Matcher matcher = NAME.matcher(name);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "expected a dictionary name such as L15R-8x or L3TC-32x, got '" + name + "'");
    }
    String variant = matcher.group(4) == null ? "" : matcher.group(4).toLowerCase(Locale.ROOT);
    return new DictionaryName(
        Integer.parseInt(matcher.group(1)),
        Site.valueOf(matcher.group(2)),
        Integer.parseInt(matcher.group(3)),
        variant.equals("topk") ? "" : variant);
  }

  @Override
  public int compareTo(DictionaryName other) {
    int order = Integer.compare(layer, other.layer);
    order = order != 0 ? order : site.compareTo(other.site);
    order = order != 0 ? order : Integer.compare(expansion, other.expansion);
    return order != 0 ? order : variant.compareTo(other.variant);
  }

  @JsonValue
  @Override
  public String toString() {
    return "L" + layer + site + "-" + expansion + "x" + (variant.isEmpty() ? "" : "-" + variant);
  }
}
