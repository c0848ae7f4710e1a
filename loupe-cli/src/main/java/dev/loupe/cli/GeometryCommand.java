package dev.loupe.cli;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.FeatureName;
import dev.loupe.dictionary.Suite;
import dev.loupe.geometry.Geometry;
import dev.loupe.geometry.GeometryReport;
import dev.loupe.geometry.GeometrySetup;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code loupe geometry}. */
@Command(
    name = "geometry",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Holds the decoder columns of a suite's dictionaries against each other: maximum cosines"
            + " beside what chance gives, stability over seeds, clusters, neighbours, a map.",
    footer = {
      "",
      "Example: ./loupe geometry runs/first --only L2R-8x,L2R-32x",
      "         ./loupe geometry runs/first --only L2R-8x,L3R-8x --features L2R-8x/417",
      "The report goes to SUITE/reports/geometry.json unless --out says otherwise; the guide"
          + " defines its fields."
    })
final class GeometryCommand implements Callable<Integer> {
  @Parameters(paramLabel = "SUITE", description = "the suite's folder")
  private Path suite = Path.of("");

  @Mixin private OnlyOptions only = new OnlyOptions();

  @Option(
      names = "--all-pairs",
      description =
          "compare each with each; without it those of one site, in one layer or, alike, in layers"
              + " side by side")
  private boolean allPairs;

  @Option(
      names = "--features",
      split = ",",
      paramLabel = "NAME/N",
      description = "features whose neighbours are listed, and drawn with them")
  private List<String> features = List.of();

  @Option(
      names = "--neighbours",
      paramLabel = "N",
      defaultValue = "6",
      description = "of each feature in each dictionary (default: ${DEFAULT-VALUE})")
  private int neighbours = 6;

  @Option(
      names = "--map",
      split = ",",
      paramLabel = "NAME",
      description = "dictionaries to draw whole, in one picture (UMAP)")
  private List<String> map = List.of();

  @Option(
      names = "--map-points",
      paramLabel = "N",
      defaultValue = "10k",
      description = "points of a map; of more a sample is drawn (default: ${DEFAULT-VALUE})")
  private Quantity mapPoints = new Quantity(10_000);

  @Option(names = "--no-clusters", description = "leave out the clusters")
  private boolean noClusters;

  @Option(
      names = "--resolution",
      paramLabel = "X",
      defaultValue = "1",
      description = "of the clusters: more gives smaller ones (default: ${DEFAULT-VALUE})")
  private double resolution = 1;

  @Option(
      names = "--baseline",
      paramLabel = "N",
      defaultValue = "4096",
      description = "directions of each baseline, at most (default: ${DEFAULT-VALUE})")
  private Quantity baseline = new Quantity(4_096);

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "of baselines, clusters and map (default: ${DEFAULT-VALUE})")
  private long seed;

  @Mixin private ReportOptions reports = new ReportOptions();
  @Mixin private ComputeOptions compute = new ComputeOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  @Override
  public Integer call() {
    Suite opened = Suite.open(suite);
    GeometrySetup setup =
        new GeometrySetup(
            opened,
            only.names(),
            features.stream().map(FeatureName::parse).toList(),
            map.stream().map(DictionaryName::parse).toList(),
            allPairs,
            !noClusters,
            neighbours,
            baseline.intValue(),
            mapPoints.intValue(),
            resolution,
            seed);
    compute.start();
    GeometryReport report;
    try (ConsoleProgress progress = new ConsoleProgress()) {
      report = Geometry.run(setup, output.commandLine(), progress, Interrupts::requested);
    }
    reports.write(opened, "geometry.json", report::write);
    output.print(report, () -> GeometryText.of(report));
    return 0;
  }
}
