package dev.loupe.evaluate;

import java.util.Arrays;
import java.util.List;

/** How many positions the losses of each document are averaged over. */
final class LossCounts {
  private final double[] pairs; // input and target count
  private final double[] targets;
  private final double[] inputs;

  LossCounts(int documents) {
    pairs = new double[documents];
    targets = new double[documents];
    inputs = new double[documents];
  }

  void add(LossRows rows) {
    for (int i = 0; i < rows.size(); i++) {
      int document = rows.documents()[i];
      targets[document] += rows.target()[i] ? 1 : 0;
      inputs[document] += rows.input()[i] ? 1 : 0;
      pairs[document] += rows.target()[i] && rows.input()[i] ? 1 : 0;
    }
  }

  /** Numbers of pairs, targets and inputs. */
  List<Series> series(Resamples resamples) {
    return resamples.series(List.of(pairs, targets, inputs));
  }

  long pairs() {
    return (long) Arrays.stream(pairs).sum();
  }

  long targets() {
    return (long) Arrays.stream(targets).sum();
  }

  long inputs() {
    return (long) Arrays.stream(inputs).sum();
  }
}
