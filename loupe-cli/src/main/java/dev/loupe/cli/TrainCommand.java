package dev.loupe.cli;

import dev.loupe.tensor.Rendezvous;
import dev.loupe.text.CorpusSpec;
import dev.loupe.train.Grid;
import dev.loupe.train.Plan;
import dev.loupe.train.PlanRequest;
import dev.loupe.train.Planner;
import dev.loupe.train.TrainingSession;
import dev.loupe.train.TrainingSetup;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code loupe train}. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Trains a suite of dictionaries on one pass of a language model.",
    footer = {
      "",
      "Example: ./loupe train --model demo --corpus demo --out runs/first --layers 2,4 --sites R"
          + " --tokens 200k",
      "It begins with what it needs of memory, disk and time, and does not begin what does not"
          + " fit.",
      "Ctrl-C saves what there is; the same command with --resume goes on, also after a kill.",
      "On several processes, started alike: torchrun --no-python --nproc-per-node 4 ./loupe train"
          + " ... --ranks 2x2"
    })
final class TrainCommand implements Callable<Integer> {
  @Option(
      names = "--corpus",
      required = true,
      paramLabel = "C",
      description =
          "files (.jsonl, .jsonl.gz, .jsonl.zst, .txt, .parquet), a folder, a glob, demo,"
              + " demo-chat, or a mixture a.jsonl=0.7,b.jsonl=0.3")
  private String corpus = "";

  @Option(names = "--out", required = true, paramLabel = "SUITE", description = "a new folder")
  private Path out = Path.of("");

  @Mixin private TrainingOptions training = new TrainingOptions();

  @Option(names = "--resume", description = "go on with a stopped run in SUITE")
  private boolean resume;

  @Mixin private RankOptions ranks = new RankOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  @Override
  public Integer call() {
    CorpusSpec texts = CorpusSpec.parse(corpus);
    if (ranks.areWanted()) {
      return onRanks(texts, ranks.rendezvous());
    }
    training.start();
    PlanRequest request = training.request();
    if (training.isResumed(resume) && TrainingSession.canGoOn(out)) {
      return TrainingReport.run(
          training.setup(texts, out, resume, training.parsedPasses(), request.buffer()),
          Grid.alone(),
          Optional.empty(),
          output);
    }
    Plan plan = Planner.planHere(request, out);
    output.note(new PlanText(plan).summary());
    TrainingOptions.caution(request, plan).ifPresent(output::note);
    if (!plan.fits()) {
      throw new IllegalStateException(new PlanText(plan).verdict());
    }
    return TrainingReport.run(
        training.setup(texts, out, resume, OptionalInt.of(plan.passes().size()), request.buffer()),
        Grid.alone(),
        Optional.of(plan),
        output);
  }

  /** Without a plan, which knows one process only. */
  private int onRanks(CorpusSpec texts, Rendezvous rendezvous) {
    training.useRank(rendezvous.localRank());
    training.start();
    TrainingSetup setup =
        training.setup(texts, out, resume, training.numberOfPasses(), training.request().buffer());
    return ranks.with(
        rendezvous,
        setup.device(),
        grid -> TrainingReport.run(setup, grid, Optional.empty(), output));
  }
}
