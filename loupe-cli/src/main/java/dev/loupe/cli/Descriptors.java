package dev.loupe.cli;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import java.util.function.Supplier;

/** Where the process's standard streams lead, for what writes to them from native code. */
final class Descriptors {
  private static final int STDOUT = 1;
  private static final int STDERR = 2;

  private Descriptors() {}

  /** Makes standard error lead to where another descriptor does. */
  static void errorTo(int descriptor) {
    int _ = call("dup2", descriptor, STDERR);
  }

  /**
   * Runs something whose native code may write to standard output, where only a command's result
   * belongs: what it writes goes to standard error.
   */
  static <T> T withoutOutput(Supplier<T> action) {
    int saved = call("dup", STDOUT);
    try {
      int _ = call("dup2", STDERR, STDOUT);
      return action.get();
    } finally {
      int _ = call("dup2", saved, STDOUT);
      int _ = call("close", saved);
    }
  }

  @SuppressWarnings("restricted")
  private static int call(String function, int... arguments) {
    Linker linker = Linker.nativeLinker();
    ValueLayout.OfInt[] types = new ValueLayout.OfInt[arguments.length];
    Arrays.fill(types, ValueLayout.JAVA_INT);
    MethodHandle handle =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow(function),
            FunctionDescriptor.of(ValueLayout.JAVA_INT, types));
    try {
      return arguments.length == 1
          ? (int) handle.invokeExact(arguments[0])
          : (int) handle.invokeExact(arguments[0], arguments[1]);
    } catch (Throwable e) {
      throw new IllegalStateException(function, e);
    }
  }
}
