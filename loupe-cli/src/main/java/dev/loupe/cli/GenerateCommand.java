package dev.loupe.cli;

import dev.loupe.model.Generation;
import dev.loupe.model.GenerationRequest;
import dev.loupe.model.Llama;
import dev.loupe.model.ModelFolder;
import dev.loupe.text.Tokenizer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code loupe generate}. */
@Command(
    name = "generate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Continues a text with a language model, greedily or by sampling.",
    footer = {
      "",
      "Example: ./loupe generate --model demo --temperature 0.8 \"The captain looked at\""
    })
final class GenerateCommand implements Callable<Integer> {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "M",
      description = "a folder in the Hugging Face layout, or demo, demo-chat, demo-random")
  private String model = "";

  @Option(
      names = "--max-tokens",
      paramLabel = "N",
      defaultValue = "60",
      description = "how many at most (default: ${DEFAULT-VALUE})")
  private int maxTokens = 60;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      defaultValue = "0",
      description = "0 takes the likeliest token (default: ${DEFAULT-VALUE})")
  private double temperature;

  @Option(
      names = "--top-k",
      paramLabel = "N",
      defaultValue = "0",
      description = "sample among the likeliest N; 0 for all (default: ${DEFAULT-VALUE})")
  private int topK;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      defaultValue = "1",
      description = "sample among the likeliest with this share (default: ${DEFAULT-VALUE})")
  private double topP = 1;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "the same seed gives the same text (default: ${DEFAULT-VALUE})")
  private long seed;

  @Parameters(paramLabel = "TEXT", description = "how the text begins")
  private String text = "";

  @Mixin private ComputeOptions compute = new ComputeOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  @Override
  public Integer call() {
    compute.start();
    Path folder = ModelFolder.resolve(model).directory();
    try (Tokenizer tokenizer = Tokenizer.load(folder);
        Llama llama = Llama.load(folder, compute.lmDtype(), compute.device())) {
      int[] prompt =
          IntStream.concat(
                  IntStream.of(tokenizer.special().documentStart()),
                  IntStream.of(tokenizer.encode(text).ids()))
              .toArray();
      GenerationRequest request = new GenerationRequest(maxTokens, temperature, topK, topP, seed);
      int[] ids = Generation.generate(llama, prompt, tokenizer.special(), request, _ -> {});
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("text", text);
      json.put("continuation", tokenizer.decode(ids));
      json.put("ids", ids);
      output.print(json, () -> text + tokenizer.decode(ids));
      return 0;
    }
  }
}
