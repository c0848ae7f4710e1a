package dev.loupe.cli;

import dev.loupe.dictionary.Dictionary;
import dev.loupe.dictionary.DictionaryDoctor;
import dev.loupe.dictionary.DictionaryFolder;
import dev.loupe.evaluate.ContractCheck;
import dev.loupe.model.Llama;
import dev.loupe.model.ModelDoctor;
import dev.loupe.model.ModelFolder;
import dev.loupe.safetensors.Comparison;
import dev.loupe.text.CorpusSpec;
import dev.loupe.text.LongDocuments;
import dev.loupe.text.Split;
import dev.loupe.text.TokenCorpus;
import dev.loupe.text.TokenRequest;
import dev.loupe.text.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code loupe doctor}. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Checks that what is loaded computes what it should.",
      "Without options, whether this machine can run Loupe: Java, processor, native libraries,"
          + " memory, disk.",
      "With --reference, every tensor of that file is recomputed and compared. A dictionary alone"
          + " is held to its checksums and its probe; with a model and a corpus, to the norms, L0"
          + " and explained variance of its contract."
    },
    footer = {
      "",
      "Example: ./loupe doctor",
      "         ./loupe doctor --model M --reference reference.safetensors",
      "         ./loupe doctor --dictionary runs/first/L2R-8x --model demo --corpus demo",
      "Exit code 1 if anything is further from its reference than 1e-4 standard deviations."
    })
final class DoctorCommand implements Callable<Integer> {
  @Option(
      names = "--model",
      paramLabel = "M",
      description = "a folder in the Hugging Face layout, or demo, demo-chat, demo-random")
  private @Nullable String model;

  @Option(
      names = "--dictionary",
      paramLabel = "D",
      description = "a dictionary's folder, of a suite or published")
  private @Nullable Path dictionary;

  @Option(
      names = "--reference",
      paramLabel = "F",
      description = "safetensors with what should come out")
  private @Nullable Path reference;

  @Option(
      names = "--corpus",
      paramLabel = "C",
      description = "text to check a dictionary's contract on")
  private @Nullable String corpus;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      defaultValue = "20k",
      description = "of that text (default: ${DEFAULT-VALUE})")
  private Quantity tokens = new Quantity(20_000);

  @Option(
      names = "--context",
      paramLabel = "N",
      defaultValue = "256",
      description = "positions of a context (default: ${DEFAULT-VALUE})")
  private int context = 256;

  @Mixin private ComputeOptions compute = new ComputeOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  @Override
  public Integer call() {
    if (model == null && dictionary == null && reference == null && corpus == null) {
      return machine();
    }
    if (model != null && dictionary == null && reference != null && corpus == null) {
      return modelAgainst(model, reference);
    }
    if (dictionary != null && model == null && corpus == null) {
      return reference == null ? probe(dictionary) : dictionaryAgainst(dictionary, reference);
    }
    if (dictionary != null && model != null && corpus != null && reference == null) {
      return contract(dictionary, model, corpus);
    }
    throw new IllegalArgumentException(
        "expected no options, or --model M --reference F, or --dictionary D [--reference F], or"
            + " --model M --dictionary D --corpus C");
  }

  private int machine() {
    List<MachineCheck.Finding> findings = MachineCheck.run(Path.of(""));
    TextTable table = new TextTable(List.of("", "here", ""), "here", "");
    findings.forEach(
        finding -> table.row(finding.what(), finding.here(), finding.passes() ? "ok" : "LACKING"));
    output.print(findings, table::toString);
    findings.stream()
        .filter(finding -> !finding.passes())
        .forEach(finding -> output.note(finding.what() + ": " + finding.advice()));
    return findings.stream().allMatch(MachineCheck.Finding::passes) ? 0 : Failures.FAILED;
  }

  private int modelAgainst(String argument, Path file) {
    compute.start();
    Path folder = ModelFolder.resolve(argument).directory();
    try (Llama llama = Llama.load(folder, compute.lmDtype(), compute.device())) {
      return comparisons(ModelDoctor.check(llama, file));
    }
  }

  private int dictionaryAgainst(Path folder, Path file) {
    compute.start();
    return comparisons(DictionaryDoctor.check(folder, file));
  }

  private int probe(Path folder) {
    compute.start();
    DictionaryDoctor.verify(folder);
    output.print(
        Map.of("dictionary", folder.toString(), "passes", true),
        () -> folder + ": checksums and probe hold");
    return 0;
  }

  private int comparisons(List<Comparison> found) {
    TextTable table =
        new TextTable(List.of("tensor", "shape", "largest error", "over deviation", ""));
    for (Comparison comparison : found) {
      table.row(
          comparison.name(),
          comparison.shape(),
          "%.3g".formatted(comparison.maxError()),
          "%.3g".formatted(comparison.relativeError()),
          comparison.passes() ? "ok" : "FAILS");
    }
    output.print(found, table::toString);
    return found.stream().allMatch(Comparison::passes) ? 0 : Failures.FAILED;
  }

  private int contract(Path folder, String argument, String texts) {
    compute.start();
    Path modelFolder = ModelFolder.resolve(argument).directory();
    TokenRequest request =
        new TokenRequest(
            Split.HELD_OUT,
            tokens.value(),
            1,
            context,
            LongDocuments.SPLIT,
            0,
            Math.max(4_096, context),
            false);
    List<ContractCheck.Finding> findings;
    try (ConsoleProgress progress = new ConsoleProgress();
        Dictionary opened = DictionaryFolder.openStandardised(folder);
        Tokenizer tokenizer = Tokenizer.load(modelFolder);
        TokenCorpus heldOut =
            TokenCorpus.open(CorpusSpec.parse(texts), tokenizer, request, progress);
        Llama llama = Llama.load(modelFolder, compute.lmDtype(), compute.device())) {
      findings = ContractCheck.run(llama, opened, heldOut);
    }
    TextTable table = new TextTable(List.of("", "contract", "here", ""));
    findings.forEach(finding ->
        table.row(
            finding.what(),
            "%.4f".formatted(finding.expected()),
            "%.4f".formatted(finding.got()),
            finding.passes() ? "ok" : "FAILS"));
    output.print(findings, table::toString);
    boolean holds = findings.stream().allMatch(ContractCheck.Finding::passes);
    if (!holds) {
      output.note("A wrong model, hook, scale or kind of text makes such differences.");
    }
    return holds ? 0 : Failures.FAILED;
  }
}
