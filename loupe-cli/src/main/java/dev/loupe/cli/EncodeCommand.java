package dev.loupe.cli;

import dev.loupe.dictionary.Dictionary;
import dev.loupe.dictionary.DictionaryFolder;
import dev.loupe.evaluate.TextPass;
import dev.loupe.model.Llama;
import dev.loupe.model.ModelFolder;
import dev.loupe.text.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code loupe encode}. */
@Command(
    name = "encode",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Shows which features of a dictionary fire on each token of a text, strongest first, in raw"
            + " units, and what the model loses with the reconstruction spliced in.",
    footer = {
      "",
      "Example: ./loupe encode --model demo --dictionary runs/first/L2R-8x \"The whale came up.\""
    })
final class EncodeCommand implements Callable<Integer> {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "M",
      description = "a folder in the Hugging Face layout, or demo, demo-chat, demo-random")
  private String model = "";

  @Option(
      names = "--dictionary",
      required = true,
      paramLabel = "D",
      description = "a dictionary's folder, of a suite or published")
  private Path dictionary = Path.of("");

  @Option(
      names = "--top",
      paramLabel = "N",
      defaultValue = "5",
      description = "features to show for each token (default: ${DEFAULT-VALUE})")
  private int top = 5;

  @Option(names = "--other-model", description = "allow another model than the dictionary's")
  private boolean otherModel;

  @Parameters(paramLabel = "TEXT", description = "the text; a begin-of-text token is put before it")
  private String text = "";

  @Mixin private ComputeOptions compute = new ComputeOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  @Override
  public Integer call() {
    compute.start();
    Path folder = ModelFolder.resolve(model).directory();
    try (Tokenizer tokenizer = Tokenizer.load(folder);
        Llama llama = Llama.load(folder, compute.lmDtype(), compute.device());
        Dictionary opened = DictionaryFolder.openStandardised(dictionary)) {
      opened.contract().checkModel(llama.fingerprint(), otherModel);
      print(TextPass.of(llama, tokenizer, opened, text));
      return 0;
    }
  }

  private void print(TextPass pass) {
    List<Map<String, Object>> json = new ArrayList<>();
    TextTable table =
        new TextTable(List.of("token", "position", "loss", "spliced", "L0", "strongest features"));
    for (TextPass.Token token : pass.tokens()) {
      List<TextPass.Firing> shown = token.firings().stream().limit(top).toList();
      boolean isPredicted = token.position() > 0;
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("position", token.position());
      fields.put("id", token.id());
      fields.put("piece", token.text());
      fields.put("loss", isPredicted ? token.loss() : null);
      fields.put("spliced_loss", isPredicted ? token.splicedLoss() : null);
      fields.put("l0", token.firings().size());
      fields.put("features", shown);
      json.add(fields);
      table.row(
          "'" + token.text().replace("\n", "\\n") + "'",
          "" + token.position(),
          isPredicted ? "%.3f".formatted(token.loss()) : "",
          isPredicted ? "%.3f".formatted(token.splicedLoss()) : "",
          "" + token.firings().size(),
          shown.stream()
              .map(firing -> "%d:%.3f".formatted(firing.feature(), firing.activation()))
              .collect(Collectors.joining("  ")));
    }
    output.print(json, table::toString);
    output.note(
        "Mean loss %.3f nats, with the reconstruction spliced in %.3f."
            .formatted(pass.loss(), pass.splicedLoss()));
  }
}
