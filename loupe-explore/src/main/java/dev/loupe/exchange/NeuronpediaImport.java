package dev.loupe.exchange;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.interpret.Explanations;
import dev.loupe.store.StoreSummary;
import java.nio.file.Path;

/** Takes the explanations of a Neuronpedia export into a suite. */
public final class NeuronpediaImport {
  private NeuronpediaImport() {}

  /**
   * What was taken.
   *
   * @param explanations in the export
   * @param scores in the export that were taken
   * @param scoresLeft others: they say neither interval nor examples
   */
  public record Taken(DictionaryName dictionary, int explanations, int scores, int scoresLeft) {}

  /**
   * Adds what is not there already.
   *
   * @param folder of one source, of which only explanations and scores are read
   * @param summary of the dictionary whose features these are
   * @throws dev.loupe.files.FileFormatException for a damaged file
   * @throws IllegalArgumentException for an explanation of a feature that the dictionary lacks
   */
  public static Taken read(Path folder, StoreSummary summary, Explanations to) {
    NeuronpediaWords.Read read = NeuronpediaWords.read(folder);
    read.explanations()
        .forEach(each -> {
          if (each.feature() >= summary.features()) {
            throw new IllegalArgumentException(
                "expected features of %s, below %,d, got an explanation of %,d; is it another dictionary's?"
                    .formatted(summary.dictionary(), summary.features(), each.feature()));
          }
        });
    to.add(read.explanations(), read.scores());
    return new Taken(
        summary.dictionary(), read.explanations().size(), read.scores().size(), read.left());
  }
}
