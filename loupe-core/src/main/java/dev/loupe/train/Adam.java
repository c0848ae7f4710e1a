package dev.loupe.train;

import dev.loupe.dictionary.Weights;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;

/** Adam (Kingma and Ba 2015) with bias correction and without weight decay, in float32. */
final class Adam {
  private final double beta1;
  private final double beta2;
  private final double epsilon;
  private final TrainedState state;

  /** Borrows the state. */
  Adam(double beta1, double beta2, double epsilon, TrainedState state) {
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = epsilon;
    this.state = state;
  }

  /**
   * @param factor by which the gradients are multiplied first (clipping); they are overwritten
   * @param step number of the update, the first being 0
   */
  void update(Weights gradients, double factor, double rate, long step) {
    double correction1 = 1 - Math.pow(beta1, step + 1.0);
    double correction2 = 1 - Math.pow(beta2, step + 1.0);
    for (int i = 0; i < 4; i++) {
      try (TensorScope _ = TensorScope.open()) {
        Tensor g = gradients.all().get(i);
        Tensor m = state.first().all().get(i);
        Tensor v = state.second().all().get(i);
        Arithmetic.addInPlace(Arithmetic.multiplyInPlace(m, beta1), g, (1 - beta1) * factor);
        Arithmetic.addProductInPlace(
            Arithmetic.multiplyInPlace(v, beta2), g, g, (1 - beta2) * factor * factor);
        Tensor root = Arithmetic.multiplyInPlace(Arithmetic.sqrt(v), 1 / Math.sqrt(correction2));
        Arithmetic.addQuotientInPlace(
            state.weights().all().get(i),
            m,
            Arithmetic.addInPlace(root, epsilon),
            -rate / correction1);
      }
    }
  }
}
