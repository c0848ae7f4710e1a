package dev.loupe.interpret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.loupe.model.Llama;
import dev.loupe.model.ModelFolder;
import dev.loupe.model.NextToken;
import dev.loupe.model.Probe;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import dev.loupe.text.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
final class SurprisalTest {
  private static final String PASSAGE = " The whale came up beside the ship.";

  @Test
  void countsThePassageAndNothingBeforeIt() {
    Path folder = ModelFolder.resolve("demo").directory();
    try (Llama model = Llama.load(folder, DType.F32, Device.CPU);
        Tokenizer tokenizer = Tokenizer.load(folder);
        TensorScope _ = TensorScope.open()) {
      Surprisal surprisal = new Surprisal(model, tokenizer);
      int[] tokens = tokenizer.encode(PASSAGE).ids();
      long[] ids = new long[tokens.length + 1];
      ids[0] = tokenizer.special().documentStart();
      for (int i = 0; i < tokens.length; i++) {
        ids[i + 1] = tokens[i];
      }
      var row = Tensors.of(ids, 1, ids.length);
      var residual = model.forward(row, model.config().layers(), Probe.NONE);
      double sum = 0;
      for (float loss : NextToken.losses(model, residual, row).floats()) {
        sum += loss;
      }
      double alone = surprisal.loss("", PASSAGE);
      assertThat(alone).isCloseTo(sum / tokens.length, within(1e-5));
      // read once, it surprises less
      assertThat(surprisal.loss(PASSAGE, PASSAGE)).isLessThan(alone - 0.2);
    }
  }

  /** The small model does not follow descriptions, but it takes up words that it has read. */
  @Test
  void aTextHelpsWithThePassageThatItIsFrom() {
    Path folder = ModelFolder.resolve("demo").directory();
    try (Llama model = Llama.load(folder, DType.F32, Device.CPU);
        Tokenizer tokenizer = Tokenizer.load(folder)) {
      List<Example> items = PlantedFeature.all().get(5).items(1);
      List<Example> silent = items.stream().filter(item -> !item.active()).toList();
      Example active = items.getFirst();
      Surprisal.Score score =
          new Surprisal(model, tokenizer)
              .score(
                  Marks.plain(active.text()),
                  Stream.concat(Stream.of(active), silent.stream()).toList(),
                  1);
      assertThat(score.active()).isEqualTo(1);
      assertThat(score.silent()).isEqualTo(30);
      assertThat(score.auc().value()).isGreaterThan(0.8); // 0.9; by chance 0.5
      assertThat(score.auc().low()).isLessThanOrEqualTo(score.auc().value());
    }
  }
}
