package dev.loupe.evaluate;

import dev.loupe.activation.Capturing;
import dev.loupe.dictionary.Codes;
import dev.loupe.dictionary.Contract;
import dev.loupe.dictionary.Dictionary;
import dev.loupe.kernel.CodeRows;
import dev.loupe.model.Capture;
import dev.loupe.model.Hook;
import dev.loupe.model.Llama;
import dev.loupe.model.ModelFolder;
import dev.loupe.model.NextToken;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import dev.loupe.text.TextTokens;
import dev.loupe.text.Tokenizer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * One text in a language model with one dictionary: what fires on each token, and what the model
 * loses when the reconstruction takes the place of what it reconstructs.
 *
 * @param tokens of the text, in order, the begin id first
 */
public record TextPass(List<Token> tokens) {
  /**
   * A token.
   *
   * @param text of the token as it stands in the text, see {@link TextTokens}
   * @param loss of predicting this token from those before it, nats; NaN for the first
   * @param splicedLoss the same with the reconstruction spliced in at all counted tokens
   * @param firings strongest first; none where the token is not counted, such as the begin id
   */
  public record Token(
      int position, int id, String text, double loss, double splicedLoss, List<Firing> firings) {
    public Token {
      firings = List.copyOf(firings);
    }
  }

  /**
   * A feature that fires.
   *
   * @param activation raw units
   */
  public record Firing(int feature, float activation) {}

  public TextPass {
    tokens = List.copyOf(tokens);
  }

  /**
   * Passes a text through the model, whole and spliced. Borrows everything.
   *
   * @param dictionary standardised, of this model's width and layers
   * @throws IllegalArgumentException for a text that is empty or longer than the model reads
   */
  public static TextPass of(Llama model, Tokenizer tokenizer, Dictionary dictionary, String text) {
    ModelFolder.checkTokenizer(model.config(), tokenizer);
    TextTokens tokens = TextTokens.of(tokenizer, text, model.config().maxPositions());
    int[] places = Capturing.countedPlaces(tokens.batch());
    Contract contract = dictionary.contract();
    Set<Hook> hooks = new TreeSet<>(Splice.needed(contract.hookOut()));
    hooks.add(contract.hookIn());
    try (TensorScope _ = TensorScope.open();
        Capture capture = new Capture(hooks)) {
      Tensor ids = Capturing.ids(tokens.batch());
      Tensor last = model.forward(ids, model.config().layers(), capture);
      Tensor counted = Tensors.of(places, places.length).to(DType.I64).to(model.device());
      Splice splice = new Splice(model, capture, counted);
      try (Codes codes = dictionary.encode(splice.rows(contract.hookIn()))) {
        Tensor spliced = splice.replaced(contract.hookOut(), dictionary.decode(codes));
        return new TextPass(
            tokens(
                tokens,
                places,
                codes.rows(),
                NextToken.losses(model, last, ids).floats(),
                NextToken.losses(model, spliced, ids).floats()));
      }
    }
  }

  private static List<Token> tokens(
      TextTokens tokens, int[] places, CodeRows codes, float[] losses, float[] spliced) {
    List<List<Firing>> firings = new ArrayList<>();
    tokens.texts().forEach(_ -> firings.add(List.of()));
    for (int i = 0; i < places.length; i++) {
      firings.set(places[i], firings(codes, i));
    }
    return IntStream.range(0, tokens.length())
        .mapToObj(at ->
            new Token(
                at,
                tokens.ids()[at],
                tokens.texts().get(at),
                at == 0 ? Double.NaN : losses[at - 1],
                at == 0 ? Double.NaN : spliced[at - 1],
                firings.get(at)))
        .toList();
  }

  private static List<Firing> firings(CodeRows codes, int token) {
    return IntStream.range(codes.starts()[token], codes.starts()[token + 1])
        .mapToObj(i -> new Firing(codes.features()[i], codes.values()[i]))
        .sorted(Comparator.comparingDouble(Firing::activation).reversed())
        .toList();
  }

  /** Mean loss of the tokens after the first, nats. */
  public double loss() {
    return mean(Token::loss);
  }

  /** The same with the reconstruction spliced in. */
  public double splicedLoss() {
    return mean(Token::splicedLoss);
  }

  private double mean(ToDoubleFunction<Token> loss) {
    return tokens.stream().skip(1).mapToDouble(loss).average().orElse(Double.NaN);
  }
}
