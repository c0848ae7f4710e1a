package dev.loupe.cli;

import dev.loupe.activation.Activations;
import dev.loupe.activation.Capturing;
import dev.loupe.dictionary.Codes;
import dev.loupe.dictionary.Dictionary;
import dev.loupe.dictionary.DictionaryFolder;
import dev.loupe.model.Hook;
import dev.loupe.model.Llama;
import dev.loupe.model.ModelFolder;
import dev.loupe.text.TokenBatch;
import dev.loupe.text.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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
            + " units.",
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

  private record Activation(int feature, float value) {}

  @Override
  public Integer call() {
    compute.start();
    Path folder = ModelFolder.resolve(model).directory();
    try (Tokenizer tokenizer = Tokenizer.load(folder);
        Llama llama = Llama.load(folder, compute.lmDtype(), compute.device());
        Dictionary opened = DictionaryFolder.openStandardised(dictionary)) {
      opened.contract().checkModel(llama.fingerprint(), otherModel);
      int[] ids = tokenizer.encode(text).ids();
      int[] row =
          IntStream.concat(IntStream.of(tokenizer.special().documentStart()), IntStream.of(ids))
              .toArray();
      TokenBatch batch = TokenBatch.of(new int[][] {row}, tokenizer.special());
      Hook hook = opened.contract().hookIn();
      try (Activations found = Capturing.activations(llama, batch, Set.of(hook));
          Codes codes = opened.encode(found.at(hook))) {
        print(tokenizer, found, strongest(codes));
      }
      return 0;
    }
  }

  private static List<List<Activation>> strongest(Codes codes) {
    int[] offsets = codes.offsets().ints();
    int[] features = codes.indices().ints();
    float[] values = codes.values().floats();
    List<List<Activation>> all = new ArrayList<>();
    for (int token = 0; token + 1 < offsets.length; token++) {
      all.add(
          IntStream.range(offsets[token], offsets[token + 1])
              .mapToObj(i -> new Activation(features[i], values[i]))
              .sorted(Comparator.comparingDouble(Activation::value).reversed())
              .toList());
    }
    return all;
  }

  private void print(Tokenizer tokenizer, Activations found, List<List<Activation>> codes) {
    List<Map<String, Object>> json = new ArrayList<>();
    TextTable table = new TextTable(List.of("piece", "position", "L0", "strongest features"));
    for (int i = 0; i < codes.size(); i++) {
      List<Activation> shown = codes.get(i).stream().limit(top).toList();
      Map<String, Object> token = new LinkedHashMap<>();
      token.put("position", found.positions()[i]);
      token.put("id", found.ids()[i]);
      token.put("piece", tokenizer.piece(found.ids()[i]));
      token.put("l0", codes.get(i).size());
      token.put("features", shown);
      json.add(token);
      table.row(
          "'" + tokenizer.piece(found.ids()[i]).replace("\n", "\\n") + "'",
          "" + found.positions()[i],
          "" + codes.get(i).size(),
          shown.stream()
              .map(a -> "%d:%.3f".formatted(a.feature(), a.value()))
              .collect(Collectors.joining("  ")));
    }
    output.print(json, table::toString);
  }
}
