package dev.loupe.tensor;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * The thread count of OpenBLAS, for which JavaCPP has no binding: {@code openblas_set_num_threads}
 * of the library that libtorch has loaded. Where there is none (another BLAS), nothing is set.
 */
final class OpenBlas {
  private static final Optional<MethodHandle> SET_THREADS = find();

  private OpenBlas() {}

  @SuppressWarnings("restricted")
  private static Optional<MethodHandle> find() {
    return SymbolLookup.loaderLookup()
        .find("openblas_set_num_threads")
        .map(symbol ->
            Linker.nativeLinker()
                .downcallHandle(symbol, FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT)));
  }

  static void setThreads(int count) {
    if (SET_THREADS.isPresent()) {
      try {
        SET_THREADS.get().invokeExact(count);
      } catch (Throwable e) {
        throw new IllegalStateException("openblas_set_num_threads(" + count + ")", e);
      }
    }
  }
}
