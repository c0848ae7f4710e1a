package dev.loupe.cli;

import dev.loupe.analyze.Analysis;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Suite;
import dev.loupe.exchange.NeuronpediaImport;
import dev.loupe.interpret.Explanations;
import dev.loupe.store.FeatureStore;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code loupe import neuronpedia}. */
@Command(
    name = "neuronpedia",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Takes the explanations of a Neuronpedia bulk export, and the scores that say on what they"
            + " were measured. What is there already is left alone.",
    footer = {
      "",
      "Example: ./loupe import neuronpedia runs/np runs/first L2R-8x",
      "DIR is the folder of one source, with release.jsonl, features, activations, explanations."
    })
final class ImportNeuronpediaCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "DIR", description = "the export of one source")
  private Path folder = Path.of("");

  @Parameters(index = "1", paramLabel = "SUITE", description = "the suite's folder")
  private Path suite = Path.of("");

  @Parameters(
      index = "2",
      paramLabel = "DICTIONARY",
      description = "whose features these are, such as L2R-8x")
  private String name = "";

  @Mixin private OutputOptions output = new OutputOptions();

  @Override
  public Integer call() {
    Suite opened = Suite.open(suite);
    DictionaryName dictionary = DictionaryName.parse(name);
    try (FeatureStore store = Analysis.open(opened, dictionary)) {
      Explanations to = Explanations.open(opened.directory(), dictionary, InstantSource.system());
      NeuronpediaImport.Taken taken = NeuronpediaImport.read(folder, store.summary(), to);
      output.print(
          taken,
          () ->
              "%s: %,d explanations, %,d scores; %,d scores without examples left out"
                  .formatted(
                      taken.dictionary(),
                      taken.explanations(),
                      taken.scores(),
                      taken.scoresLeft()));
    }
    return 0;
  }
}
