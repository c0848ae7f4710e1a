package dev.loupe.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.loupe.dictionary.Suite;
import dev.loupe.model.ModelFolder;
import dev.loupe.model.SmallModel;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.Torch;
import dev.loupe.text.CorpusSpec;
import dev.loupe.text.DemoSample;
import dev.loupe.text.Progress;
import dev.loupe.train.SmallRun;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A suite on its model and on the bundled fine-tune of it. */
final class TransferTest {
  private static final ModelFolder DEMO = ModelFolder.resolve("demo");
  @TempDir private static Path folder;

  @BeforeAll
  static void train() {
    SmallRun.in(folder.resolve("demo")).on(DEMO, DemoSample.both()).with("L2R-2x").train();
    SmallRun.in(folder.resolve("small")).with("L2R-2x").train();
  }

  private static SuiteEvaluation.Setup setup(String suite, ModelFolder model) {
    return new SuiteEvaluation.Setup(
        Suite.open(folder.resolve(suite)),
        model,
        CorpusSpec.parse(DemoSample.both()),
        List.of(),
        1_500,
        300,
        0,
        0,
        Set.of(),
        false,
        false,
        DType.F32,
        Device.CPU);
  }

  private static TransferReport run(SuiteEvaluation.Setup setup, ModelFolder tuned) {
    return new Transfer(setup, tuned, CorpusSpec.parse(DemoSample.chat()))
        .run(Progress.NONE, () -> false);
  }

  @Test
  void fourCellsAndShiftsInOrder() {
    SuiteEvaluation.Setup setup = setup("demo", DEMO);
    TransferReport report = run(setup, ModelFolder.resolve("demo-chat"));
    Report alone = SuiteEvaluation.run(setup, Progress.NONE, () -> false);
    assertThat(report.cell(TransferReport.Cell.BASE_MODEL_BASE_TEXT)).isEqualTo(alone);
    Report base = report.cell(TransferReport.Cell.BASE_MODEL_TUNED_TEXT);
    Report tuned = report.cell(TransferReport.Cell.TUNED_MODEL_TUNED_TEXT);
    assertThat(tuned.corpusFingerprint()).isEqualTo(base.corpusFingerprint());
    assertThat(tuned.modelFingerprint()).isNotEqualTo(base.modelFingerprint());
    assertThat(tuned.metric("L2R-2x", "loss_original").value().orElseThrow())
        .as("a model tuned for a text predicts it better")
        .isLessThan(base.metric("L2R-2x", "loss_original").value().orElseThrow());
    List<TransferReport.Shift> shifts = report.shifts().get("L2R-2x");
    assertThat(shifts).hasSize(20);
    assertThat(shifts)
        .isSortedAccordingTo(
            Comparator.comparingDouble((TransferReport.Shift s) -> -Math.abs(s.z())));
    assertThat(Math.abs(shifts.getFirst().z())).isGreaterThan(3);
    for (TransferReport.Shift shift : shifts) {
      assertThat(Math.signum(shift.z()))
          .isEqualTo(Math.signum(shift.rates().get(3) - shift.rates().get(1)));
    }
    report.write(folder.resolve("transfer.json"));
    assertThat(TransferReport.read(folder.resolve("transfer.json"))).isEqualTo(report);
  }

  /** To the last bit: rates, shifts, losses, intervals. */
  @Test
  void threadsDoNotMatter() {
    SuiteEvaluation.Setup setup = setup("small", SmallModel.folder());
    ModelFolder tuned = SmallModel.folder("demo-chat");
    TransferReport expected = run(setup, tuned);
    int before = Torch.threads();
    try {
      Torch.start(before == 1 ? 3 : 1);
      assertThat(run(setup, tuned)).isEqualTo(expected);
    } finally {
      Torch.start(before);
    }
  }

  @Test
  void sharesAreComparedByTheirError() {
    // p1 = 0.1, p2 = 0.2, together 0.15: 0.1 / sqrt(0.15 * 0.85 * 0.02)
    assertThat(Transfer.z(10, 100, 20, 100))
        .isCloseTo(0.1 / Math.sqrt(0.15 * 0.85 * 0.02), within(1e-12));
    assertThat(Transfer.z(0, 100, 0, 50)).isZero();
    assertThat(Transfer.z(20, 100, 10, 100)).isNegative();
  }

  @Test
  void anotherShapeIsRefused() {
    ModelFolder small =
        ModelFolder.resolve(Path.of("src/test/resources/golden/llama31").toString());
    Transfer transfer =
        new Transfer(setup("demo", DEMO), small, CorpusSpec.parse(DemoSample.chat()));
    assertThatThrownBy(() -> transfer.run(Progress.NONE, () -> false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("of the shape of demo");
  }
}
