package dev.loupe.cli;

import dev.loupe.dictionary.Contract;
import dev.loupe.dictionary.DictionaryFolder;
import dev.loupe.dictionary.Suite;
import dev.loupe.dictionary.SuiteImport;
import dev.loupe.model.ModelFolder;
import dev.loupe.text.LongDocuments;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code loupe import dictionaries}. */
@Command(
    name = "dictionaries",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Makes a suite of dictionaries that were trained elsewhere, or adds to one: those of Llama"
            + " Scope as they are published, or of SAELens. They are standardised, and can then be"
            + " evaluated, analysed, interpreted and shown like Loupe's own.",
    footer = {
      "",
      "Example: ./loupe import dictionaries Llama3_1-8B-Base-LXR-8x --model Llama-3.1-8B --out"
          + " runs/llama-scope",
      "What the suite has already is left alone: an import that was stopped goes on when it is"
          + " typed again."
    })
final class ImportDictionariesCommand implements Callable<Integer> {
  @Parameters(
      arity = "1..*",
      paramLabel = "DIR",
      description = "dictionaries' folders, or folders that hold such")
  private List<Path> from = List.of();

  @Option(
      names = "--model",
      required = true,
      paramLabel = "M",
      description = "what they were trained on: a folder in the Hugging Face layout, or demo")
  private String model = "";

  @Option(
      names = "--out",
      required = true,
      paramLabel = "SUITE",
      description = "a new folder, or a suite of imported dictionaries to add to")
  private Path out = Path.of("");

  @Option(
      names = "--context",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "positions of a context when they are evaluated and analysed (default: 1,024 as in Llama"
              + " Scope, or the model's limit)")
  private int context;

  @Option(
      names = "--long-documents",
      paramLabel = "HOW",
      defaultValue = "truncate",
      description =
          "truncate to the context as Llama Scope did, or split into several (default:"
              + " ${DEFAULT-VALUE})")
  private LongDocuments documents = LongDocuments.TRUNCATE;

  @Mixin private ComputeOptions compute = new ComputeOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  @Override
  public Integer call() {
    compute.start();
    Suite suite;
    try (ConsoleProgress progress = new ConsoleProgress()) {
      suite =
          new SuiteImport(out, ModelFolder.resolve(model), context, documents).add(from, progress);
    }
    List<Contract> contracts =
        suite.names().stream().map(suite::folder).map(DictionaryFolder::readContract).toList();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("suite", out.toString());
    json.put("model", suite.manifest().model());
    json.put("dictionaries", contracts);
    output.print(json, () -> text(contracts));
    return 0;
  }

  private String text(List<Contract> contracts) {
    TextTable table = new TextTable(List.of("dictionary", "gate", "mean norm"), "gate");
    for (Contract contract : contracts) {
      table.row(
          contract.name().toString(),
          contract.gate().label(),
          "%.3f".formatted(contract.trainedScale().normIn()));
    }
    return table + "%nNext: ./loupe evaluate %s --model %s --corpus FILES".formatted(out, model);
  }
}
