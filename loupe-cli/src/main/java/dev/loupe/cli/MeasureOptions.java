package dev.loupe.cli;

import dev.loupe.dictionary.Suite;
import dev.loupe.model.ModelFolder;
import dev.loupe.report.Budget;
import dev.loupe.report.MeasureSetup;
import dev.loupe.report.Part;
import dev.loupe.text.CorpusSpec;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a report measures before it is made, if it is asked to. */
@Heading("Measure first")
final class MeasureOptions {
  @Option(
      names = "--measure",
      required = true,
      description =
          "first measure what is lacking: evaluation, positions, transfer, analysis, geometry,"
              + " splitting, probing, absorption")
  private boolean measure;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "M",
      description = "the suite's model: a folder in the Hugging Face layout, or demo, demo-random")
  private String model = "";

  @Option(
      names = "--corpus",
      required = true,
      paramLabel = "C",
      description = "files, a folder, a glob, demo, demo-chat, or a mixture")
  private String corpus = "";

  @Option(
      names = "--tuned",
      paramLabel = "M",
      description = "a fine-tuned model of the same shape and tokenizer, for transfer")
  private @Nullable String tuned;

  @Option(names = "--tuned-corpus", paramLabel = "C", description = "text that it was tuned for")
  private @Nullable String tunedCorpus;

  @Option(
      names = "--parts",
      split = ",",
      paramLabel = "PART",
      description = "measure these only (default: all that the suite and the options allow)")
  private List<String> parts = List.of();

  @Option(
      names = "--skip-bad-lines",
      description = "count bad lines of the corpus instead of stopping")
  private boolean skipBadLines;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "of everything that is drawn (default: ${DEFAULT-VALUE})")
  private long seed;

  boolean isWanted() {
    return measure;
  }

  MeasureSetup setup(
      Suite suite, Optional<Suite> beside, ComputeOptions compute, List<String> command) {
    return new MeasureSetup(
        suite,
        ModelFolder.resolve(model),
        CorpusSpec.parse(corpus),
        tuned(),
        beside,
        parts(),
        Budget.USUAL,
        seed,
        skipBadLines,
        compute.lmDtype(),
        compute.device(),
        command);
  }

  private Set<Part> parts() {
    Set<Part> wanted = EnumSet.noneOf(Part.class);
    parts.forEach(part -> wanted.add(Part.parse(part)));
    return wanted.isEmpty() ? EnumSet.allOf(Part.class) : wanted;
  }

  private Optional<MeasureSetup.Tuned> tuned() {
    if (tuned == null && tunedCorpus == null) {
      return Optional.empty();
    }
    if (tuned == null || tunedCorpus == null) {
      throw new IllegalArgumentException(
          "expected --tuned and --tuned-corpus together, got one of them");
    }
    return Optional.of(
        new MeasureSetup.Tuned(ModelFolder.resolve(tuned), CorpusSpec.parse(tunedCorpus)));
  }
}
