package dev.loupe.geometry;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.FeatureName;
import dev.loupe.tensor.Team;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/** What was found of two dictionaries, as the report shows it. Borrows everything. */
final class SplittingTrees {
  private final SplittingSetup setup;
  private final FiringLists narrow;
  private final FiringLists wide;
  private final List<Refinement> refinements;
  private final List<Family> families;
  private final CategoryEvidence evidence;
  private final PassLabels labels;

  SplittingTrees(
      SplittingSetup setup,
      PairCodes codes,
      List<Refinement> refinements,
      CategoryEvidence evidence,
      PassLabels labels) {
    this.setup = setup;
    this.narrow = codes.narrow();
    this.wide = codes.wide();
    this.refinements = refinements;
    this.families = Family.of(refinements, narrow, wide);
    this.evidence = evidence;
    this.labels = labels;
  }

  private static SequencedMap<String, Integer> kinds(List<Refinement> refinements) {
    SequencedMap<String, Integer> kinds = new LinkedHashMap<>();
    for (Refinement.Kind kind : Refinement.Kind.values()) {
      kinds.put(kind.toString(), 0);
    }
    refinements.forEach(of -> kinds.merge(of.kind().toString(), 1, Integer::sum));
    return kinds;
  }

  /**
   * @param byChance what is found where the wide features fire elsewhere
   */
  SplittingReport.Counts counts(int contexts, int documents, List<Refinement> byChance) {
    int rare = 0;
    int dense = 0;
    for (int n = 0; n < narrow.features(); n++) {
      boolean isRare = narrow.firings(n) < setup.rules().firings();
      rare += isRare ? 1 : 0;
      dense += !isRare && narrow.rate(n) > setup.rules().mostRate() ? 1 : 0;
    }
    int split = (int) families.stream().filter(of -> of.children().size() > 1).count();
    return new SplittingReport.Counts(
        narrow.all(),
        contexts,
        documents,
        evidence.documentCount(),
        narrow.features(),
        rare,
        dense,
        split,
        families.size() - split,
        narrow.features() - rare - dense - families.size(),
        wide.features(),
        kinds(refinements),
        kinds(byChance));
  }

  List<SplittingReport.Tree> families() {
    return Team.map(families, this::tree);
  }

  private SplittingReport.Tree tree(Family family) {
    int parent = family.parent();
    Optional<SplittingReport.Category> category = evidence.best(narrow, parent);
    return new SplittingReport.Tree(
        labels.of(setup.narrow(), narrow, parent),
        narrow.firings(parent),
        share(family.covered(), narrow.firings(parent)),
        category,
        category.map(of -> evidence.share(narrow, parent, of.name())),
        family.children().stream().map(child -> child(child, category)).toList());
  }

  private SplittingReport.Child child(int child, Optional<SplittingReport.Category> parents) {
    Refinement of = refinements.get(child);
    return new SplittingReport.Child(
        labels.of(setup.wide(), wide, child),
        wide.firings(child),
        Distribution.rounded(of.cosine()),
        share(of.both(), wide.firings(child)),
        share(of.both(), narrow.firings(of.parent())),
        evidence.best(wide, child),
        parents.map(category -> evidence.share(wide, child, category.name())));
  }

  List<SplittingReport.NewFeature> newFeatures() {
    List<Integer> found =
        IntStream.range(0, refinements.size())
            .filter(w -> refinements.get(w).kind() == Refinement.Kind.NEW)
            .boxed()
            .sorted(
                Comparator.comparingInt((Integer w) -> -wide.firings(w)).thenComparingInt(w -> w))
            .toList();
    return Team.map(found, this::newFeature);
  }

  private SplittingReport.NewFeature newFeature(int feature) {
    Refinement of = refinements.get(feature);
    DictionaryName name = setup.narrow();
    return new SplittingReport.NewFeature(
        labels.of(setup.wide(), wide, feature),
        wide.firings(feature),
        new FeatureName(name, of.nearest()),
        Distribution.rounded(of.nearestCosine()),
        of.container() < 0 ? Optional.empty() : Optional.of(new FeatureName(name, of.container())),
        Distribution.rounded(of.containment()),
        evidence.best(wide, feature));
  }

  private static double share(int part, int whole) {
    return Distribution.rounded((double) part / whole);
  }
}
