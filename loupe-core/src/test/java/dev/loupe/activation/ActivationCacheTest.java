package dev.loupe.activation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.loupe.files.FileFormatException;
import dev.loupe.files.FolderFiles;
import dev.loupe.model.Hook;
import dev.loupe.model.ModelOnDemand;
import dev.loupe.safetensors.SafetensorsFile;
import dev.loupe.safetensors.TensorSource;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.LeakCheck;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.text.TokenCorpus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

@ExtendWith(LeakCheck.class)
final class ActivationCacheTest {
  private static final long PLENTY = 1 << 30;
  private static final ActivationCache.Key KEY = key("a");

  @TempDir private Path folder;

  private static ActivationCache.Key key(String model) {
    return new ActivationCache.Key(model, "float32", "t", "c", "p", "2", "1", "m");
  }

  @Test
  void whatIsReadIsWhatTheModelGaveRounded() {
    List<List<Object>> written;
    try (ModelOnDemand model = SmallActivations.model();
        TokenCorpus corpus = SmallActivations.corpus(600)) {
      ModelPass pass = new ModelPass(model, corpus, SmallActivations.HOOKS);
      written = all(cache(pass, PLENTY, KEY));
      try (TensorScope _ = TensorScope.open();
          Activations raw = pass.read(0);
          Activations kept = cache(pass, PLENTY, KEY).read(0)) {
        Tensor rounded = raw.at(SmallActivations.MLP).to(DType.BF16);
        assertThat(kept.at(SmallActivations.MLP).dtype()).isEqualTo(DType.BF16);
        assertThat(kept.at(SmallActivations.MLP).floats()).containsExactly(rounded.floats());
      }
    }
    try (ModelOnDemand model = SmallActivations.model();
        TokenCorpus corpus = SmallActivations.corpus(600)) {
      ActivationCache again =
          cache(new ModelPass(model, corpus, SmallActivations.HOOKS), PLENTY, KEY);
      assertThat(all(again)).isEqualTo(written);
      assertThat(model.isLoaded()).isFalse();
    }
  }

  @Test
  void fewerHooksAreReadAndMoreAreComputed() {
    try (ModelOnDemand first = SmallActivations.model();
        ModelOnDemand second = SmallActivations.model();
        TokenCorpus corpus = SmallActivations.corpus(300)) {
      all(cache(new ModelPass(first, corpus, SmallActivations.HOOKS), PLENTY, KEY));
      all(cache(new ModelPass(second, corpus, Set.of(SmallActivations.MLP)), PLENTY, KEY));
      assertThat(second.isLoaded()).isFalse();
      Set<Hook> more = new TreeSet<>(SmallActivations.HOOKS);
      more.add(Hook.parse("blocks.0.hook_resid_post"));
      ActivationCache wider = cache(new ModelPass(second, corpus, more), PLENTY, KEY);
      assertThat(wider.isStored(0)).isFalse();
      all(wider);
      assertThat(second.isLoaded()).isTrue();
      assertThat(wider.isStored(0)).isTrue();
    }
  }

  @Test
  void otherToolsReadTheBlocks() {
    try (ModelOnDemand model = SmallActivations.model();
        TokenCorpus corpus = SmallActivations.corpus(300)) {
      all(cache(new ModelPass(model, corpus, SmallActivations.HOOKS), PLENTY, KEY));
      try (TensorScope _ = TensorScope.open();
          TensorSource block = SafetensorsFile.open(block(SmallActivations.MIDDLE, 0))) {
        int tokens = corpus.countedTokens(0);
        assertThat(block.entry("blocks.1.hook_resid_post").describe())
            .isEqualTo("BF16 [" + tokens + ", 64]");
        assertThat(block.read("tokens.id", tokens).ints())
            .containsExactly(Activations.of(corpus.batch(0), java.util.Map.of()).ids());
        assertThat(block.metadata()).containsEntry("batch", "0");
      }
      assertThat(folder.resolve(KEY.hash()).resolve("cache.json"))
          .content()
          .contains("\"lm_dtype\": \"float32\"", "\"dtype\": \"bfloat16\"");
    }
  }

  /** In the length, the header, the metadata, the rows, and the tokens at the end. */
  @ParameterizedTest
  @ValueSource(doubles = {0, 0.0001, 0.0008, 0.002, 0.003, 0.5, 0.9, 0.97, 0.99999})
  void aFlippedBitIsNamedAndComputedAgain(double place) throws IOException {
    try (ModelOnDemand model = SmallActivations.model();
        TokenCorpus corpus = SmallActivations.corpus(150)) {
      ModelPass pass = new ModelPass(model, corpus, SmallActivations.HOOKS);
      List<List<Object>> good = all(cache(pass, PLENTY, KEY));
      Path block = block(SmallActivations.MIDDLE, 0);
      byte[] bytes = Files.readAllBytes(block);
      byte[] bad = bytes.clone();
      bad[(int) (place * bytes.length)] ^= 0x10;
      Files.write(block, bad);
      ListAppender<ILoggingEvent> log = new ListAppender<>();
      Logger logger = (Logger) LoggerFactory.getLogger(ActivationCache.class);
      log.start();
      logger.addAppender(log);
      try {
        assertThat(all(cache(pass, PLENTY, KEY))).isEqualTo(good);
      } finally {
        logger.detachAppender(log);
      }
      assertThat(log.list)
          .singleElement()
          .asString()
          .contains(block.toString(), "the model computes it again");
      assertThat(block).hasBinaryContent(bytes);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 7, 8, 300, 20_000})
  void aShortBlockIsComputedAgain(int length) throws IOException {
    try (ModelOnDemand model = SmallActivations.model();
        TokenCorpus corpus = SmallActivations.corpus(150)) {
      ModelPass pass = new ModelPass(model, corpus, SmallActivations.HOOKS);
      List<List<Object>> good = all(cache(pass, PLENTY, KEY));
      Path block = block(SmallActivations.MLP, 0);
      byte[] bytes = Files.readAllBytes(block);
      Files.write(block, Arrays.copyOf(bytes, length));
      assertThat(all(cache(pass, PLENTY, KEY))).isEqualTo(good);
      assertThat(block).hasBinaryContent(bytes);
    }
  }

  @Test
  void aBlockOfOtherTokensIsNotUsed() throws IOException {
    try (ModelOnDemand model = SmallActivations.model();
        TokenCorpus corpus = SmallActivations.corpus(600)) {
      ModelPass pass = new ModelPass(model, corpus, SmallActivations.HOOKS);
      List<List<Object>> good = all(cache(pass, PLENTY, KEY));
      byte[] first = Files.readAllBytes(block(SmallActivations.MLP, 0));
      Files.copy(
          block(SmallActivations.MLP, 1),
          block(SmallActivations.MLP, 0),
          java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      assertThat(all(cache(pass, PLENTY, KEY))).isEqualTo(good);
      assertThat(block(SmallActivations.MLP, 0)).hasBinaryContent(first);
    }
  }

  @Test
  void theBudgetHoldsAndChangesNoRow() throws IOException {
    try (ModelOnDemand model = SmallActivations.model();
        TokenCorpus corpus = SmallActivations.corpus(1_500)) {
      ModelPass pass = new ModelPass(model, corpus, SmallActivations.HOOKS);
      List<List<Object>> none = all(cache(pass, 0, key("none")));
      long budget = bytes() + 175_000;
      ActivationCache some = cache(pass, budget, KEY);
      assertThat(all(some)).isEqualTo(none);
      assertThat(bytes()).isBetween(budget - 75_000, budget);
      assertThat(some.isStored(0)).isTrue();
      assertThat(some.isStored(corpus.batches() - 1)).isFalse();
      assertThat(all(cache(pass, budget, KEY))).isEqualTo(none);
      assertThat(bytes()).isLessThanOrEqualTo(budget);
    }
  }

  @Test
  void otherActivationsHaveAnotherFolder() {
    try (ModelOnDemand model = SmallActivations.model();
        TokenCorpus corpus = SmallActivations.corpus(150)) {
      ModelPass pass = new ModelPass(model, corpus, SmallActivations.HOOKS);
      all(cache(pass, PLENTY, KEY));
      assertThat(cache(pass, PLENTY, KEY).isStored(0)).isTrue();
      assertThat(cache(pass, PLENTY, key("b")).isStored(0)).isFalse();
    }
  }

  @Test
  void aFolderThatSaysItIsAnothersIsRefused() throws IOException {
    try (ModelOnDemand model = SmallActivations.model();
        TokenCorpus corpus = SmallActivations.corpus(150)) {
      ModelPass pass = new ModelPass(model, corpus, SmallActivations.HOOKS);
      cache(pass, PLENTY, KEY);
      Path file = folder.resolve(KEY.hash()).resolve("cache.json");
      Files.writeString(file, Files.readString(file).replace("\"float32\"", "\"bfloat16\""));
      assertThatThrownBy(() -> cache(pass, PLENTY, KEY))
          .isInstanceOf(FileFormatException.class)
          .hasMessageContaining("another cache's");
    }
  }

  @Test
  void whatCannotBeWrittenLeavesNothingHalfAndTheRunGoesOn() throws IOException {
    try (ModelOnDemand model = SmallActivations.model();
        TokenCorpus corpus = SmallActivations.corpus(400)) {
      ModelPass pass = new ModelPass(model, corpus, SmallActivations.HOOKS);
      List<List<Object>> good = all(cache(pass, 0, key("none")));
      ActivationCache cache = cache(pass, PLENTY, KEY);
      Files.delete(folder.resolve(KEY.hash()).resolve(SmallActivations.MIDDLE.toString()));
      assertThat(all(cache)).isEqualTo(good);
      assertThat(cache.isStored(0)).isFalse();
      assertThat(FolderFiles.of(folder)).noneMatch(file -> file.toString().endsWith(".partial"));
    }
  }

  private ActivationCache cache(ActivationSource pass, long bytes, ActivationCache.Key key) {
    return new ActivationCache(pass, new ActivationCache.Place(folder, bytes), key);
  }

  private Path block(Hook hook, int batch) {
    return folder.resolve(KEY.hash()).resolve(hook + "/%06d.safetensors".formatted(batch));
  }

  private long bytes() {
    return FolderFiles.of(folder).stream().mapToLong(file -> file.toFile().length()).sum();
  }

  private static List<List<Object>> all(ActivationSource source) {
    List<List<Object>> rows = new ArrayList<>();
    for (int batch = 0; batch < source.corpus().batches(); batch++) {
      try (Activations found = source.read(batch)) {
        rows.addAll(SmallActivations.rows(found));
      }
    }
    return rows;
  }
}
