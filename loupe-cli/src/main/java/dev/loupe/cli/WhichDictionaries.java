package dev.loupe.cli;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Site;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which dictionaries: by layers, sites and expansions, or by name. */
@Heading("Which dictionaries")
final class WhichDictionaries {
  @Option(
      names = "--layers",
      paramLabel = "LAYERS",
      description = "all, a range 0-5, or a list 3,7 (default: all)")
  private @Nullable String layers;

  @Option(
      names = "--sites",
      split = ",",
      paramLabel = "SITE",
      description = "R, A, M, TC (default: all four)")
  private @Nullable List<String> sites;

  @Option(
      names = "--expansions",
      split = ",",
      paramLabel = "N",
      description = "features over D (default: 8)")
  private @Nullable List<Integer> expansions;

  @Option(
      names = "--dictionaries",
      split = ",",
      paramLabel = "NAME",
      description = "by name instead: L15R-32x,L3TC-8x")
  private @Nullable List<String> names;

  /** The names, in order; all layers are those of a model of so many. */
  List<DictionaryName> names(int modelLayers) {
    if (names != null) {
      if (layers != null || sites != null || expansions != null) {
        throw new IllegalArgumentException(
            "expected either --dictionaries or --layers, --sites and --expansions, got both");
      }
      return names.stream().map(DictionaryName::parse).toList();
    }
    List<Site> chosen =
        sites == null ? List.of(Site.values()) : sites.stream().map(Site::parse).toList();
    List<DictionaryName> all = new ArrayList<>();
    for (int layer : layers(modelLayers)) {
      for (Site site : chosen) {
        for (int expansion : expansions == null ? List.of(8) : expansions) {
          all.add(DictionaryName.of(layer, site, expansion));
        }
      }
    }
    return all;
  }

  private Set<Integer> layers(int modelLayers) {
    Set<Integer> chosen = new LinkedHashSet<>();
    if (layers == null || layers.equals("all")) {
      IntStream.range(0, modelLayers).forEach(chosen::add);
      return chosen;
    }
    for (String part : layers.split(",", -1)) {
      if (!part.matches("\\d{1,4}(-\\d{1,4})?")) {
        throw new IllegalArgumentException(
            "expected layers such as all, 0-5 or 3,7, got '" + layers + "'");
      }
      int dash = part.indexOf('-');
      int first = Integer.parseInt(dash < 0 ? part : part.substring(0, dash));
      int last = dash < 0 ? first : Integer.parseInt(part.substring(dash + 1));
      if (last < first) {
        throw new IllegalArgumentException("expected a range upwards, got '" + part + "'");
      }
      IntStream.rangeClosed(first, last).forEach(chosen::add);
    }
    return chosen;
  }
}
