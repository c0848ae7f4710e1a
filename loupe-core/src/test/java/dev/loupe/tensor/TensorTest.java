package dev.loupe.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
final class TensorTest {
  @Test
  void scopeClosesWhatIsNotKept() {
    Tensor kept;
    Tensor lost;
    try (TensorScope scope = TensorScope.open()) {
      lost = Tensors.of(new float[] {1, 2}, 2);
      kept = scope.keep(Arithmetic.add(lost, 1));
    }
    assertThat(kept.floats()).containsExactly(2, 3);
    assertThatThrownBy(lost::floats)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("F32 [2] is closed");
    kept.close();
    kept.close();
  }

  @Test
  void keepHandsToTheEnclosingScope() {
    Tensor kept;
    try (TensorScope _ = TensorScope.open()) {
      try (TensorScope inner = TensorScope.open()) {
        kept = inner.keep(Tensors.zeros(DType.F32, Device.CPU, 3));
      }
      assertThat(kept.floats()).hasSize(3);
    }
    assertThatThrownBy(kept::floats).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void releaseLeavesEveryScope() {
    Tensor released;
    try (TensorScope _ = TensorScope.open();
        TensorScope _ = TensorScope.open()) {
      released = TensorScope.release(Tensors.range(3, DType.I64, Device.CPU));
    }
    assertThat(released.longs()).containsExactly(0, 1, 2);
    released.close();
  }

  @Test
  void viewsShareDataAndOutliveTheirOrigin() {
    Tensor view;
    try (TensorScope scope = TensorScope.open()) {
      Tensor matrix = Tensors.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
      view = scope.keep(matrix.select(0, 1));
      Arithmetic.multiplyInPlace(matrix, 2);
    }
    assertThat(view.floats()).containsExactly(8, 10, 12);
    assertThat(view.describe()).isEqualTo("F32 [3]");
    view.close();
  }

  @Test
  void sumRowsIsTheSparseProduct() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor table = Tensors.of(new float[] {1, 2, 10, 20, 100, 200}, 3, 2);
      Tensor sums =
          Products.sumRows(
              table,
              Tensors.of(new int[] {0, 2, 1}, 3),
              Tensors.of(new int[] {0, 2, 2, 3}, 4),
              Tensors.of(new float[] {1, 0.5f, 3}, 3));
      assertThat(sums.shape()).containsExactly(3, 2);
      assertThat(sums.floats()).containsExactly(51, 102, 0, 0, 30, 60);
    }
  }

  @Test
  void shapeErrorsAreOneLine() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor a = Tensors.zeros(DType.F32, Device.CPU, 2, 3);
      assertThatThrownBy(() -> Products.multiply(a, a))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("libtorch: mat1 and mat2")
          .message()
          .doesNotContain("Exception raised");
    }
  }

  @Test
  void notFiniteIsSeen() {
    try (TensorScope _ = TensorScope.open()) {
      assertThat(Arithmetic.allFinite(Tensors.of(new float[] {1, Float.MAX_VALUE}, 2))).isTrue();
      assertThat(Arithmetic.allFinite(Tensors.of(new float[] {1, Float.NaN}, 2))).isFalse();
      assertThat(Arithmetic.allFinite(Tensors.of(new float[] {Float.NEGATIVE_INFINITY, 0}, 2)))
          .isFalse();
    }
  }

  /**
   * Each operation makes small native objects; a leak of one of 24 bytes shows in 100,000 rounds.
   */
  @Test
  @EnabledOnOs(OS.LINUX)
  @SuppressWarnings("restricted")
  void operationsLeaveNothingBehind() throws Throwable {
    try (Tensor a = Tensors.zeros(DType.F32, Device.CPU, 8, 8)) {
      churn(a, 20_000);
      long leastGrowth = Long.MAX_VALUE; // compilers of the JVM allocate too, but not in each round
      for (int round = 0; round < 3; round++) {
        long before = allocatedBytes();
        churn(a, 100_000);
        leastGrowth = Math.min(leastGrowth, allocatedBytes() - before);
      }
      assertThat(leastGrowth).isLessThan(2_000_000);
    }
  }

  private static void churn(Tensor a, int times) {
    for (int i = 0; i < times; i++) {
      try (TensorScope _ = TensorScope.open()) {
        Tensor b = Tensors.full(1, DType.F32, Device.CPU, 8, 8);
        Reductions.largest(Tensors.concat(List.of(a, b), 1), 3);
        Reductions.total(Arithmetic.multiply(a, b).to(DType.F64));
      }
    }
  }

  /** Bytes that glibc's allocator has handed out: field uordblks of mallinfo2. */
  @SuppressWarnings("restricted")
  private static long allocatedBytes() throws Throwable {
    MemoryLayout info = MemoryLayout.sequenceLayout(10, ValueLayout.JAVA_LONG);
    MemoryLayout struct = MemoryLayout.structLayout(info);
    Linker linker = Linker.nativeLinker();
    MethodHandle mallinfo =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("mallinfo2"), FunctionDescriptor.of(struct));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment result = (MemorySegment) mallinfo.invoke((SegmentAllocator) arena);
      return result.getAtIndex(ValueLayout.JAVA_LONG, 7);
    }
  }
}
