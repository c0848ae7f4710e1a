package dev.loupe.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.loupe.activation.Activations;
import dev.loupe.activation.Capturing;
import dev.loupe.dictionary.Codes;
import dev.loupe.dictionary.Dictionary;
import dev.loupe.dictionary.Site;
import dev.loupe.kernel.CodeRows;
import dev.loupe.model.Hook;
import dev.loupe.model.Llama;
import dev.loupe.model.ModelFolder;
import dev.loupe.model.NextToken;
import dev.loupe.model.Probe;
import dev.loupe.tensor.Arithmetic;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import dev.loupe.text.TextTokens;
import dev.loupe.text.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A text in the demo model, against the parts that the pass is made of. */
@ExtendWith(LeakCheck.class)
final class TextPassTest {
  private static final String TEXT = "The whale came up to breathe, and the captain wept.";
  private static final Path MODEL = ModelFolder.resolve("demo").directory();

  private Tokenizer tokenizer;

  @BeforeEach
  void load() {
    tokenizer = Tokenizer.load(MODEL);
  }

  @AfterEach
  void close() {
    tokenizer.close();
  }

  @ParameterizedTest
  @EnumSource(Site.class)
  void firingsAndLossesAreThoseOfTheParts(Site site) {
    TextTokens tokens = TextTokens.of(tokenizer, TEXT, 100);
    try (TensorScope _ = TensorScope.open();
        Llama model = Llama.load(MODEL, DType.F32, Device.CPU);
        Dictionary dictionary = HandMade.random(2, site, 256, 512, 7)) {
      TextPass pass = TextPass.of(model, tokenizer, dictionary, TEXT);

      assertThat(pass.tokens()).extracting(TextPass.Token::text).isEqualTo(tokens.texts());
      assertThat(pass.tokens().getFirst().firings()).isEmpty();
      assertThat(pass.tokens().getFirst().loss()).isNaN();
      assertThat(pass.tokens().stream().skip(1).map(TextPass.Token::firings).toList())
          .isEqualTo(firings(model, dictionary, tokens));

      Tensor ids = Capturing.ids(tokens.batch());
      Tensor whole = model.forward(ids, model.config().layers(), Probe.NONE);
      assertThat(pass.loss()).isCloseTo(mean(NextToken.losses(model, whole, ids)), within(1e-6));
      Tensor spliced = model.forward(ids, model.config().layers(), splicing(dictionary, tokens));
      assertThat(pass.splicedLoss())
          .isCloseTo(mean(NextToken.losses(model, spliced, ids)), within(1e-5))
          .isNotCloseTo(pass.loss(), within(1e-3));
    }
  }

  private static List<List<TextPass.Firing>> firings(
      Llama model, Dictionary dictionary, TextTokens tokens) {
    Hook in = dictionary.contract().hookIn();
    List<List<TextPass.Firing>> all = new ArrayList<>();
    try (Activations found = Capturing.activations(model, tokens.batch(), Set.of(in));
        Codes codes = dictionary.encode(found.at(in))) {
      CodeRows rows = codes.rows();
      for (int token = 0; token < rows.tokens(); token++) {
        List<TextPass.Firing> firings = new ArrayList<>();
        for (int i = rows.starts()[token]; i < rows.starts()[token + 1]; i++) {
          firings.add(new TextPass.Firing(rows.features()[i], rows.values()[i]));
        }
        firings.sort((a, b) -> Float.compare(b.activation(), a.activation()));
        all.add(firings);
      }
    }
    return all;
  }

  /** In a whole forward pass; a transcoder's input comes before its output. */
  private static Probe splicing(Dictionary dictionary, TextTokens tokens) {
    Tensor mask = Tensors.of(tokens.counted(), 1, tokens.length(), 1);
    Tensor[] reconstruction = new Tensor[1];
    return (at, x) -> {
      if (at.equals(dictionary.contract().hookIn())) {
        try (Codes codes = dictionary.encode(x.reshape(-1, x.size(-1)))) {
          reconstruction[0] = dictionary.decode(codes).reshape(x.shape());
        }
      }
      return at.equals(dictionary.contract().hookOut())
          ? Arithmetic.where(mask, reconstruction[0], x)
          : x;
    };
  }

  private static double mean(Tensor losses) {
    double sum = 0;
    for (float loss : losses.floats()) {
      sum += loss;
    }
    return sum / losses.elements();
  }

  @Test
  void aTextThatTheModelCannotReadIsRefused() {
    try (Llama model = Llama.load(MODEL, DType.F32, Device.CPU);
        Dictionary dictionary = HandMade.identity(1, Site.R, 256)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> TextPass.of(model, tokenizer, dictionary, ""))
          .withMessageContaining("expected a text");
      int most = model.config().maxPositions();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> TextPass.of(model, tokenizer, dictionary, "a b ".repeat(most)))
          .withMessageContaining("at most %d tokens".formatted(most - 1));
    }
  }
}
