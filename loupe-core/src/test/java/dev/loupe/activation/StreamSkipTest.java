package dev.loupe.activation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loupe.model.Hook;
import dev.loupe.model.Llama;
import dev.loupe.model.ModelFolder;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.Torch;
import dev.loupe.text.CorpusSpec;
import dev.loupe.text.LongDocuments;
import dev.loupe.text.Progress;
import dev.loupe.text.Split;
import dev.loupe.text.TokenCorpus;
import dev.loupe.text.TokenRequest;
import dev.loupe.text.Tokenizer;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What resuming needs: a stream that skips gives the bits of one that was read. */
@ExtendWith(LeakCheck.class)
final class StreamSkipTest {
  private static final Hook HOOK = Hook.parse("blocks.1.hook_resid_post");
  private static final int N = 256;

  @AfterEach
  void oneThreadAgain() {
    Torch.start(1);
  }

  /** Refills of one batch and, after the skip, of several at once: on two threads, two ways. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void skippedIsAsRead(int threads) {
    Torch.start(threads);
    Path demo = ModelFolder.resolve("demo").directory();
    TokenRequest request =
        new TokenRequest(Split.TRAIN, 40_000, 1, 64, LongDocuments.SPLIT, 0, 4_096, false);
    try (Tokenizer tokenizer = Tokenizer.load(demo);
        TokenCorpus corpus =
            TokenCorpus.open(CorpusSpec.parse("demo:wordnet"), tokenizer, request, Progress.NONE);
        Llama model = Llama.load(demo, DType.F32, Device.CPU);
        ActivationStream read = new ActivationStream(model, corpus, Set.of(HOOK), 8_192, 0);
        ActivationStream skipped = new ActivationStream(model, corpus, Set.of(HOOK), 8_192, 0)) {
      for (int i = 0; i < 30; i++) {
        read.next(N).close();
      }
      skipped.skip(30, N);
      for (int i = 0; i < 30; i++) {
        try (Activations expected = read.next(N);
            Activations got = skipped.next(N)) {
          assertThat(got.ids()).isEqualTo(expected.ids());
          assertThat(got.at(HOOK).floats()).isEqualTo(expected.at(HOOK).floats());
        }
      }
    }
  }
}
