package dev.loupe.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.loupe.activation.Capturing;
import dev.loupe.activation.CorpusContexts;
import dev.loupe.dictionary.Dictionary;
import dev.loupe.dictionary.Site;
import dev.loupe.model.Capture;
import dev.loupe.model.Hook;
import dev.loupe.model.Llama;
import dev.loupe.model.NextToken;
import dev.loupe.model.Probe;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.SeededRandom;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import dev.loupe.text.DocumentReference;
import dev.loupe.text.SpecialTokens;
import dev.loupe.text.TokenBatch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Losses with replaced activations against whole forward passes, on the golden tiny model. */
@ExtendWith(LeakCheck.class)
final class LossPassTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden/llama31");
  private static final SpecialTokens SPECIAL = new SpecialTokens(List.of(0), List.of(1));

  private static Llama model() {
    return Llama.load(GOLDEN, DType.F32, Device.CPU);
  }

  /** Contexts of several lengths with an end id inside, by three documents. */
  private static TokenBatch batch() {
    SeededRandom random = new SeededRandom(3, "ids");
    int[][] rows = {new int[40], new int[31], new int[12], new int[2]};
    for (int row = 0; row < rows.length; row++) {
      for (int p = 1; p < rows[row].length; p++) {
        rows[row][p] = 2 + random.below(100L * row + p, 298);
      }
    }
    rows[0][17] = 1;
    return TokenBatch.of(rows, SPECIAL);
  }

  private static CorpusContexts contexts(TokenBatch batch) {
    return CorpusContexts.of(batch, c -> new DocumentReference(0, 0, Math.min(c, 2)));
  }

  @ParameterizedTest
  @EnumSource(names = {"R", "A", "M"})
  void splicingTheTrueActivationChangesNoBit(Site site) {
    Hook hook = site.hookOut(2);
    TokenBatch batch = batch();
    try (TensorScope _ = TensorScope.open();
        Llama model = model();
        Capture capture = new Capture(Splice.needed(hook))) {
      Tensor last = model.forward(Capturing.ids(batch), 4, capture);
      Splice splice = new Splice(model, capture, counted(batch));
      assertThat(splice.replaced(hook, splice.rows(hook)).floats()).isEqualTo(last.floats());
    }
  }

  @ParameterizedTest
  @EnumSource(Site.class)
  void splicingIsAForwardPassWithAReplacingProbe(Site site) {
    Hook hook = site.hookOut(1);
    TokenBatch batch = batch();
    try (TensorScope _ = TensorScope.open();
        Llama model = model();
        Capture capture = new Capture(Splice.needed(hook))) {
      Tensor ids = Capturing.ids(batch);
      model.forward(ids, 4, capture);
      Splice splice = new Splice(model, capture, counted(batch));
      Tensor mask = Tensors.of(batch.counted(), batch.documents(), batch.positions(), 1);
      Probe zeroing =
          (at, x) -> at.equals(hook) ? Arithmetic.where(mask, Arithmetic.multiply(x, 0.0), x) : x;
      assertThat(splice.zeroed(hook).floats()).isEqualTo(model.forward(ids, 4, zeroing).floats());
      Probe everywhere = (at, x) -> at.equals(hook) ? Arithmetic.multiply(x, 0.0) : x;
      assertThat(splice.zeroedEverywhere(hook).floats())
          .isEqualTo(model.forward(ids, 4, everywhere).floats());
    }
  }

  @Test
  void anExactDictionaryLosesNothing() {
    for (Site site : List.of(Site.R, Site.A, Site.M)) {
      try (TensorScope _ = TensorScope.open();
          Llama model = model();
          Dictionary dictionary = HandMade.identity(1, site, 64)) {
        Map<String, Metric> found = metrics(model, dictionary);
        assertThat(found.get("loss_spliced")).isEqualTo(found.get("loss_original"));
        assertThat(found.get("delta_loss").value()).hasValue(0);
        assertThat(found.get("delta_loss").high()).hasValue(0);
        assertThat(found.get("delta_loss_target_mask").value()).hasValue(0);
        assertThat(found.get("kl").value()).hasValue(0);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Site.class)
  void lossesAreMeansOverTheirOwnPositions(Site site) {
    TokenBatch batch = batch();
    try (TensorScope _ = TensorScope.open();
        Llama model = model();
        Dictionary dictionary = HandMade.random(1, site, 64, 128, 5)) {
      Tensor ids = Capturing.ids(batch);
      Hook out = site.hookOut(1);
      Map<String, Metric> found = metrics(model, dictionary);
      Tensor before = model.forward(ids, 4, Probe.NONE);
      Tensor after = model.forward(ids, 4, replacing(dictionary, batch));
      Tensor mean = model.forward(ids, 4, (at, x) -> at.equals(out) ? constant(batch, x) : x);
      double original = mean(model, batch, before, true);
      double spliced = mean(model, batch, after, true);
      close(found, "loss_original", original);
      close(found, "loss_spliced", spliced);
      close(found, "loss_mean", mean(model, batch, mean, true));
      close(found, "delta_loss", spliced - original);
      close(
          found,
          "delta_loss_target_mask",
          mean(model, batch, after, false) - mean(model, batch, before, false));
      // 85 ids, 4 begins, 1 end: 80 count; the end takes one pair more, each first target another
      assertThat(found.get("kl").tokens()).isEqualTo(80);
      assertThat(found.get("delta_loss_target_mask").tokens()).isEqualTo(80);
      assertThat(found.get("loss_original").tokens()).isEqualTo(75);
      assertThat(found.get("kl").value().orElseThrow()).isPositive();
    }
  }

  @Test
  void divergenceOfTwoDistributions() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor p = Tensors.of(new double[] {0.5, 0.5, 0.25, 0.75}, 2, 2);
      Tensor logP = log(0.5, 0.5, 0.25, 0.75);
      Tensor logQ = log(0.25, 0.75, 0.25, 0.75);
      double expected = 0.5 * Math.log(2) + 0.5 * Math.log(0.5 / 0.75);
      double[] found = LossPass.divergences(p, logP, logQ);
      assertThat(found[0]).isCloseTo(expected, within(1e-15));
      assertThat(found[1]).isZero();
    }
  }

  @Test
  void recoveredIsAShareOfTheRoomThereIs() {
    Series original = new Series(new double[] {2, 2, 2});
    Series zero = new Series(new double[] {6, 6, 5});
    Series spliced = new Series(new double[] {3, 3, 3});
    Metric metric = LossMetrics.recovered(original, spliced, zero, 9);
    assertThat(metric.value()).hasValue(0.75);
    assertThat(metric.tokens()).isEqualTo(9);
    Series noRoom = new Series(new double[] {2.1, 1.9, 2.3});
    assertThat(LossMetrics.recovered(original, spliced, noRoom, 9)).isEqualTo(Metric.none(9));
  }

  private static Map<String, Metric> metrics(Llama model, Dictionary dictionary) {
    CorpusContexts contexts = contexts(batch());
    Map<Hook, Tensor> means = new TreeMap<>();
    Hook out = dictionary.contract().hookOut();
    means.put(out, Tensors.full(0.125, DType.F32, Device.CPU, 64));
    Map<String, Metric> found = new LinkedHashMap<>();
    Subject subject = Subject.of(dictionary);
    LossPass pass = new LossPass(model, List.of(subject), contexts, means);
    DocumentSums totals = DocumentSums.ofAll(contexts.documents());
    contexts.batches(0, contexts.size()).forEach(batch -> totals.merge(pass.measure(batch)));
    try (Resamples resamples = Resamples.draw(contexts.documents(), 20, 1, "test")) {
      new LossMetrics(totals, resamples).describe(subject.label(), found);
    }
    return found;
  }

  /** Encodes what passes the dictionary's input, and replaces what passes its output. */
  private static Probe replacing(Dictionary dictionary, TokenBatch batch) {
    Tensor mask = Tensors.of(batch.counted(), batch.documents(), batch.positions(), 1);
    List<Tensor> reconstruction = new ArrayList<>();
    return (at, x) -> {
      if (at.equals(dictionary.contract().hookIn())) {
        try (var codes = dictionary.encode(x.reshape(-1, x.size(-1)))) {
          reconstruction.add(HandMade.owned(dictionary.decode(codes)));
        }
      }
      if (!at.equals(dictionary.contract().hookOut())) {
        return x;
      }
      try (Tensor found = reconstruction.getLast()) {
        return Arithmetic.where(mask, found.reshape(x.shape()), x);
      }
    };
  }

  private static Tensor constant(TokenBatch batch, Tensor x) {
    Tensor mask = Tensors.of(batch.counted(), batch.documents(), batch.positions(), 1);
    return Arithmetic.where(mask, Tensors.full(0.125, DType.F32, Device.CPU, 1), x);
  }

  private static double mean(Llama model, TokenBatch batch, Tensor residual, boolean pairs) {
    double[] losses = NextToken.losses(model, residual, Capturing.ids(batch)).doubles();
    double sum = 0;
    int n = 0;
    for (int row = 0; row < batch.documents(); row++) {
      for (int p = 0; p + 1 < batch.positions(); p++) {
        int place = row * batch.positions() + p;
        if (batch.counted()[place + 1] && (batch.counted()[place] || !pairs)) {
          sum += losses[row * (batch.positions() - 1) + p];
          n++;
        }
      }
    }
    return sum / n;
  }

  private static Tensor counted(TokenBatch batch) {
    int[] places = Capturing.countedPlaces(batch);
    return Tensors.of(places, places.length).to(DType.I64);
  }

  private static Tensor log(double... values) {
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.log(values[i]);
    }
    return Tensors.of(values, 2, 2);
  }

  private static void close(Map<String, Metric> found, String name, double expected) {
    assertThat(found.get(name).value().orElseThrow()).as(name).isCloseTo(expected, within(1e-6));
  }
}
