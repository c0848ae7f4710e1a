import dev.loupe.activation.Activations;
import dev.loupe.activation.Capturing;
import dev.loupe.dictionary.Codes;
import dev.loupe.dictionary.Dictionary;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.FeatureName;
import dev.loupe.dictionary.Suite;
import dev.loupe.inference.Edit;
import dev.loupe.inference.Steering;
import dev.loupe.inference.SteeringEvent;
import dev.loupe.inference.SteeringRequest;
import dev.loupe.inference.SuiteModel;
import dev.loupe.model.GenerationRequest;
import dev.loupe.model.Hook;
import dev.loupe.model.Llama;
import dev.loupe.model.ModelFolder;
import dev.loupe.model.NextToken;
import dev.loupe.model.Probe;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Torch;
import dev.loupe.text.TokenBatch;
import dev.loupe.text.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** What features of a suite a text has, what it costs to go on with them alone, and one steered. */
public final class Embed {
  private static final String TEXT = "The whale came up to breathe, and the captain looked at it.";

  public static void main(String[] arguments) {
    Torch.start(2); // threads
    Suite suite = Suite.open(Path.of(arguments[0]));
    ModelFolder folder = ModelFolder.resolve("demo");
    DictionaryName name = DictionaryName.parse("L3R-8x");
    int strongest = encodeAndSplice(suite, folder, name);
    steer(suite, folder, new FeatureName(name, strongest));
  }

  private static int encodeAndSplice(Suite suite, ModelFolder folder, DictionaryName name) {
    try (Tokenizer tokenizer = Tokenizer.load(folder.directory());
        Llama model = Llama.load(folder.directory(), DType.F32, Device.CPU);
        Dictionary dictionary = suite.dictionary(name);
        TensorScope _ = TensorScope.open()) { // frees what is made inside
      int[] ids =
          IntStream.concat(
                  IntStream.of(tokenizer.special().documentStart()),
                  IntStream.of(tokenizer.encode(TEXT).ids()))
              .toArray();
      TokenBatch batch = TokenBatch.of(new int[][] {ids}, tokenizer.special());
      Hook hook = dictionary.contract().hookIn();
      int strongest;
      try (Activations found = Capturing.activations(model, batch, Set.of(hook));
          Codes codes = dictionary.encode(found.at(hook))) {
        System.out.printf("%d tokens, %d firings%n", codes.tokens(), codes.active());
        strongest = strongest(codes);
      }
      Probe reconstruction =
          (at, x) ->
              at.equals(hook)
                  ? dictionary
                      .decode(dictionary.encode(x.reshape(-1, x.size(-1))))
                      .reshape(x.shape())
                  : x;
      System.out.printf(
          "loss %.3f, with the reconstruction in the place of %s %.3f%n",
          loss(model, batch, Probe.NONE), hook, loss(model, batch, reconstruction));
      return strongest;
    }
  }

  private static int strongest(Codes codes) {
    float[] values = codes.values().floats();
    int best =
        IntStream.range(0, values.length).reduce(0, (a, b) -> values[a] >= values[b] ? a : b);
    return codes.indices().ints()[best];
  }

  private static double loss(Llama model, TokenBatch batch, Probe probe) {
    Tensor ids = Capturing.ids(batch);
    float[] losses =
        NextToken.losses(model, model.forward(ids, model.config().layers(), probe), ids).floats();
    return IntStream.range(0, losses.length).mapToDouble(i -> losses[i]).average().orElseThrow();
  }

  private static void steer(Suite suite, ModelFolder folder, FeatureName feature) {
    SteeringRequest request =
        new SteeringRequest(
            "The captain",
            List.of(Edit.of(feature, Edit.Mode.ADD, 30)),
            1,
            GenerationRequest.greedy(12),
            List.of(),
            "");
    try (SuiteModel model = SuiteModel.open(suite, folder, false, DType.F32, Device.CPU, 1 << 28)) {
      StringBuilder steered = new StringBuilder(request.prompt());
      Steering.run(
          model,
          request,
          64,
          event -> {
            if (event instanceof SteeringEvent.Written written
                && written.by() == SteeringEvent.Writer.STEERED) {
              steered.append(written.text());
            }
          },
          () -> false);
      System.out.println("with " + feature + " added: " + steered);
    }
  }
}
