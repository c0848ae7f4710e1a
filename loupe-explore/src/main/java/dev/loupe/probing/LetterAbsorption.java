package dev.loupe.probing;

import dev.loupe.dictionary.Weights;
import dev.loupe.tensor.Products;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a dictionary does with one letter.
 *
 * @param places test units that were judged, as {@link LetterProbe#found} gives them
 * @param full of each place, 1 for full absorption // [places]
 * @param fraction of each place // [places]
 * @param absorbers features that absorb in full, with how often
 */
@SuppressWarnings("ArrayRecordComponent") // a plain carrier; never compared
record LetterAbsorption(
    char letter,
    MainFeatures main,
    int[] places,
    double[] full,
    double[] fraction,
    Map<Integer, Integer> absorbers) {

  /**
   * Judges all test words of a letter that its probe finds. None of them where no feature fires
   * more on the letter.
   *
   * @param codes of all units
   */
  static LetterAbsorption of(SparseTable codes, Weights weights, Words words, LetterProbe probe) {
    int[] train = words.units(false);
    int[] test = words.units(true);
    MainFeatures main = MainFeatures.find(codes, train, words.labels(train, probe.letter()));
    int[] places = main.features().length == 0 ? new int[0] : probe.found();
    AbsorptionRule rule = new AbsorptionRule(cosines(weights, probe.direction()), main.features());
    double[] full = new double[places.length];
    double[] fraction = new double[places.length];
    Map<Integer, Integer> absorbers = new TreeMap<>();
    for (int i = 0; i < places.length; i++) {
      int unit = test[places[i]];
      AbsorptionRule.Judgement judgement =
          rule.judge(codes.columns()[unit], codes.values()[unit], probe.projections()[places[i]]);
      full[i] = judgement.isFull() ? 1 : 0;
      fraction[i] = judgement.fraction();
      if (judgement.isFull()) {
        absorbers.merge(judgement.absorber(), 1, Integer::sum);
      }
    }
    return new LetterAbsorption(probe.letter(), main, places, full, fraction, absorbers);
  }

  /** d_i · p of unit decoder columns. */
  private static float[] cosines(Weights weights, double[] direction) {
    float[] p = new float[direction.length];
    for (int j = 0; j < p.length; j++) {
      p[j] = (float) direction[j];
    }
    try (TensorScope _ = TensorScope.open()) {
      return Products.linear(
              Tensors.of(p, 1, p.length).to(weights.decoder().device()), weights.decoder())
          .floats();
    }
  }
}
