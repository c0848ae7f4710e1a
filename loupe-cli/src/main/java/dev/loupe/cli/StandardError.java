package dev.loupe.cli;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Gives the process its standard error back. The launcher starts the JVM with a filter in its
 * place, which drops the line that the JVM says about the incubating vector module, and the real
 * one as another descriptor, named by {@code LOUPE_STDERR}. From here on nothing stands between
 * Loupe and the terminal.
 */
final class StandardError {
  private static final int STDERR = 2;

  private StandardError() {}

  /** Does nothing where the launcher has set nothing. */
  @SuppressWarnings("restricted")
  static void restore() {
    String descriptor = System.getenv("LOUPE_STDERR");
    if (descriptor == null) {
      return;
    }
    Linker linker = Linker.nativeLinker();
    MethodHandle dup2 =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("dup2"),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    try {
      int _ = (int) dup2.invokeExact(Integer.parseInt(descriptor), STDERR);
    } catch (Throwable e) {
      throw new IllegalStateException("dup2(" + descriptor + ", 2)", e);
    }
  }
}
