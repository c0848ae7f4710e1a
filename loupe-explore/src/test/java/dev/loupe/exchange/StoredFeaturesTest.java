package dev.loupe.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loupe.store.FeatureStore;
import dev.loupe.store.SampleKind;
import dev.loupe.store.StoredFeature;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Features read together are the same as one by one. */
final class StoredFeaturesTest {
  @TempDir private Path folder;
  private FeatureStore store;

  @BeforeEach
  void open() throws IOException {
    store = SmallStore.open(folder);
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void allIsAsReadOneByOne() {
    List<StoredFeature> together = store.read(List.of(3, 0, 1), EnumSet.allOf(SampleKind.class));
    assertThat(together).extracting(each -> each.feature().feature()).containsExactly(3, 0, 1);
    for (StoredFeature each : together) {
      int feature = each.feature().feature();
      assertSame(each.feature(), store.feature(feature));
      assertSame(each.histogram(), store.histogram(feature));
      assertSame(each.logits(), store.logits(feature));
      assertSame(each.neighbours(), store.neighbours(feature));
      assertSame(each.samples(), store.texts(feature));
    }
  }

  private static void assertSame(Object together, Object alone) {
    assertThat(together)
        .usingRecursiveComparison()
        .withEqualsForType(Float::equals, Float.class) // NaN too
        .isEqualTo(alone);
  }

  @Test
  void onlyTheKindsAskedForAreRead() {
    assertThat(store.read(List.of(0), Set.of(SampleKind.NEAR_MISS)).getFirst().samples())
        .extracting(text -> text.sample().kind())
        .containsExactly(SampleKind.NEAR_MISS);
    assertThat(store.read(List.of(0), Set.of()).getFirst().samples()).isEmpty();
    assertThat(store.read(List.of(), Sequence.KINDS)).isEmpty();
  }

  @Test
  void featuresThatAreNoneAreRefused() {
    assertThatThrownBy(() -> store.read(List.of(0, SmallStore.FEATURES), Set.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("from 0 to 3, got 4");
  }
}
