package dev.loupe.tensor;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A step's or a call's temporary tensors: every tensor made on this thread while a scope is the
 * innermost one dies when it closes, except those that {@link #keep} lets out.
 *
 * <p>Scopes nest and belong to the thread that opened them. Without an open scope a tensor is owned
 * by whoever called the operation.
 */
public final class TensorScope implements AutoCloseable {
  private static final ThreadLocal<Deque<TensorScope>> OPEN =
      ThreadLocal.withInitial(ArrayDeque::new);

  private final List<Tensor> tensors = new ArrayList<>();
  private final Thread thread = Thread.currentThread();
  private boolean closed;

  private TensorScope() {}

  public static TensorScope open() {
    TensorScope scope = new TensorScope();
    OPEN.get().push(scope);
    return scope;
  }

  /** Hands a new tensor to the innermost scope, if there is one. */
  static void register(Tensor tensor) {
    TensorScope scope = OPEN.get().peek();
    if (scope != null) {
      scope.tensors.add(tensor);
    }
  }

  /**
   * Lets a tensor outlive this scope: the enclosing scope owns it from now on, or the caller where
   * there is none.
   */
  public Tensor keep(Tensor tensor) {
    if (tensors.remove(tensor)) {
      TensorScope outer = enclosing();
      if (outer != null) {
        outer.tensors.add(tensor);
      }
    }
    return tensor;
  }

  /** Lets a tensor out of this and of every enclosing scope: the caller owns it. */
  public static Tensor release(Tensor tensor) {
    for (TensorScope scope : OPEN.get()) {
      if (scope.tensors.remove(tensor)) {
        break;
      }
    }
    return tensor;
  }

  /** Gives a tensor that nobody owns, such as one of another thread, to this scope. */
  public Tensor adopt(Tensor tensor) {
    tensors.add(tensor);
    return tensor;
  }

  /** Runs something as on a thread without open scopes. */
  static void withoutOpen(Runnable action) {
    Deque<TensorScope> open = OPEN.get();
    OPEN.set(new ArrayDeque<>());
    try {
      action.run();
    } finally {
      OPEN.set(open);
    }
  }

  private @Nullable TensorScope enclosing() {
    boolean next = false;
    for (TensorScope scope : OPEN.get()) {
      if (next) {
        return scope;
      }
      next = scope == this;
    }
    return null;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    if (Thread.currentThread() != thread) {
      throw new IllegalStateException(
          "expected the scope to be closed by " + thread + ", got " + Thread.currentThread());
    }
    closed = true;
    OPEN.get().remove(this);
    for (int i = tensors.size() - 1; i >= 0; i--) {
      tensors.get(i).close();
    }
    tensors.clear();
  }
}
