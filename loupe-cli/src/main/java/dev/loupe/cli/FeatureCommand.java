package dev.loupe.cli;

import dev.loupe.analyze.Analysis;
import dev.loupe.dictionary.FeatureName;
import dev.loupe.dictionary.Suite;
import dev.loupe.interpret.Explanations;
import dev.loupe.interpret.FeatureExplanations;
import dev.loupe.store.FeatureJson;
import dev.loupe.store.FeatureStore;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code loupe feature}. */
@Command(
    name = "feature",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Shows one feature: rate, histogram, tokens, logits, neighbours, samples.",
    footer = {
      "",
      "Example: ./loupe feature runs/first L2R-8x/417",
      "In samples the shade of a token is its activation over the feature's maximum; the peak is"
          + " bold (underlined where the feature is silent). Without colours it is in «guillemets»."
    })
final class FeatureCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "SUITE", description = "the suite's folder")
  private Path suite = Path.of("");

  @Parameters(index = "1", paramLabel = "FEATURE", description = "such as L2R-8x/417")
  private String name = "";

  @Option(
      names = "--samples",
      paramLabel = "N",
      defaultValue = "6",
      description = "how many of each kind to show, 0 for none (default: ${DEFAULT-VALUE})")
  private int samples = 6;

  @Option(
      names = "--before",
      paramLabel = "N",
      defaultValue = "16",
      description = "tokens to show before a peak, up to 63 (default: ${DEFAULT-VALUE})")
  private int before = 16;

  @Option(
      names = "--after",
      paramLabel = "N",
      defaultValue = "8",
      description = "tokens to show after it, up to 63 (default: ${DEFAULT-VALUE})")
  private int after = 8;

  @Mixin private OutputOptions output = new OutputOptions();

  @Override
  public Integer call() {
    FeatureName feature = FeatureName.parse(name);
    Suite opened = Suite.open(suite);
    try (FeatureStore store = Analysis.open(opened, feature.dictionary())) {
      FeatureExplanations said =
          Explanations.open(opened.directory(), feature.dictionary(), InstantSource.system())
              .of(feature.feature());
      FeatureText text = new FeatureText(store, feature, said, samples, before, after);
      output.print(FeatureJson.whole(store, feature.feature()), () -> text.of(Colours.ARE_SHOWN));
    }
    return 0;
  }
}
