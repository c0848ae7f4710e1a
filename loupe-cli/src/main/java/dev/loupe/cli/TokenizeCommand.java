package dev.loupe.cli;

import dev.loupe.model.ModelFolder;
import dev.loupe.text.Encoding;
import dev.loupe.text.Tokenizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code loupe tokenize}. */
@Command(
    name = "tokenize",
    mixinStandardHelpOptions = true,
    description = "Shows a text's tokens: ids, pieces, and offsets in Unicode code points.",
    footer = {"", "Example: ./loupe tokenize --model demo \"The whale came up.\""})
final class TokenizeCommand implements Callable<Integer> {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "M",
      description = "a folder in the Hugging Face layout, or demo, demo-chat, demo-random")
  private String model = "";

  @Parameters(paramLabel = "TEXT", description = "the text")
  private String text = "";

  @Mixin private OutputOptions output = new OutputOptions();

  @Override
  public Integer call() {
    try (Tokenizer tokenizer = Tokenizer.load(ModelFolder.resolve(model).directory())) {
      Encoding encoding = tokenizer.encode(text);
      List<Map<String, Object>> tokens = new ArrayList<>();
      TextTable table = new TextTable(List.of("piece", "id", "start", "end"));
      for (int i = 0; i < encoding.length(); i++) {
        Map<String, Object> token = new LinkedHashMap<>();
        token.put("id", encoding.ids()[i]);
        token.put("piece", tokenizer.piece(encoding.ids()[i]));
        token.put("start", encoding.starts()[i]);
        token.put("end", encoding.ends()[i]);
        tokens.add(token);
        table.row(
            "'" + tokenizer.piece(encoding.ids()[i]).replace("\n", "\\n") + "'",
            "" + encoding.ids()[i],
            "" + encoding.starts()[i],
            "" + encoding.ends()[i]);
      }
      output.print(tokens, table::toString);
      return 0;
    }
  }
}
