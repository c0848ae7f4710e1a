package dev.loupe.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails a test that leaves a tensor open. For test classes that touch native memory. */
public final class LeakCheck implements BeforeEachCallback, AfterEachCallback {
  private long before;

  @Override
  public void beforeEach(ExtensionContext context) {
    before = Tensor.openCount();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    assertThat(Tensor.openCount() - before).as("tensors left open").isZero();
  }
}
