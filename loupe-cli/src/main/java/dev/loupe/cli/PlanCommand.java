package dev.loupe.cli;

import dev.loupe.text.CorpusSpec;
import dev.loupe.train.Plan;
import dev.loupe.train.PlanRequest;
import dev.loupe.train.PlanRoom;
import dev.loupe.train.Planner;
import dev.loupe.train.SpeedTest;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code loupe plan}. */
@Command(
    name = "plan",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Says what a run of train needs: peak memory and disk by item, and time after a calibration"
            + " of some seconds. Takes the options of train; of the model only config.json.",
    footer = {
      "",
      "Example: ./loupe plan --model demo --tokens 600k",
      "Exit code 1 where it does not fit; what would is listed."
    })
final class PlanCommand implements Callable<Integer> {
  @Mixin private TrainingOptions training = new TrainingOptions();

  @Option(
      names = "--corpus",
      paramLabel = "C",
      description = "as for train; may be left out, and is not read")
  private @Nullable String corpus;

  @Option(
      names = "--out",
      paramLabel = "SUITE",
      defaultValue = ".",
      description = "where the suite is to go: on which disk (default: here)")
  private Path out = Path.of(".");

  @Option(names = "--no-calibration", description = "leave the times out")
  private boolean noCalibration;

  @Mixin private OutputOptions output = new OutputOptions();

  @Override
  public Integer call() {
    if (corpus != null) {
      var _ = CorpusSpec.parse(corpus);
    }
    training.start();
    PlanRequest request = training.request();
    PlanRoom room = PlanRoom.here(out);
    Plan plan =
        Planner.plan(
            request, room, noCalibration ? Optional.empty() : Optional.of(SpeedTest.run(request)));
    output.print(plan, () -> new PlanText(plan).whole());
    TrainingOptions.caution(request, plan).ifPresent(output::note);
    return plan.fits() ? 0 : Failures.FAILED;
  }
}
