import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.FeatureName;
import dev.loupe.evaluate.TextPass;
import dev.loupe.inference.Edit;
import dev.loupe.inference.SuiteModel;
import dev.loupe.tensor.Torch;
import java.nio.file.Path;
import java.util.List;

/** What fires on a text, what the reconstruction costs, and the model steered by what fired. */
public final class Embed {
  public static void main(String[] arguments) {
    Torch.start(2); // threads
    try (SuiteModel model = SuiteModel.open(Path.of(arguments[0]), "demo")) {
      DictionaryName name = DictionaryName.parse("L3R-8x");
      TextPass pass =
          model.pass(name, "The whale came up to breathe, and the captain looked at it.");
      pass.tokens().forEach(token -> System.out.println(token.text() + " " + token.firings()));
      System.out.printf("loss %.3f, spliced %.3f%n", pass.loss(), pass.splicedLoss());
      FeatureName whale =
          new FeatureName(name, pass.tokens().get(2).firings().getFirst().feature());
      Edit more = Edit.of(whale, Edit.Mode.ADD, 30);
      System.out.println(whale + " added: " + model.steered("The captain", 12, List.of(more)));
    }
  }
}
