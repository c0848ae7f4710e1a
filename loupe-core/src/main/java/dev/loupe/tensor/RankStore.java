package dev.loupe.tensor;

import java.util.Optional;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.PrefixStore;
import org.bytedeco.pytorch.Store;
import org.bytedeco.pytorch.StringVector;
import org.bytedeco.pytorch.TCPStore;
import org.bytedeco.pytorch.TCPStoreOptions;

/**
 * A connection to the store where ranks leave word for each other: libtorch's TCPStore. Owns it;
 * one thread at a time.
 */
final class RankStore implements AutoCloseable {
  private final String prefix;
  private final TCPStore store;
  private boolean closed;

  /**
   * Connects.
   *
   * @param holds whether this connection also opens the store, as one of rank 0 does
   */
  RankStore(Rendezvous rendezvous, boolean holds) {
    this.prefix = prefix(rendezvous);
    try {
      this.store = Native.value(() -> connect(rendezvous, holds));
    } catch (RuntimeException e) {
      String expected =
          holds
              ? "expected %s:%d to be free for the store of the ranks, got: %s; choose another"
                  + " MASTER_PORT"
              : "expected the store of the ranks at %s:%d, got: %s; is rank 0 started?";
      throw new RankFailureException(
          expected.formatted(rendezvous.host(), rendezvous.port(), e.getMessage()), e);
    }
  }

  /**
   * A connection of its own for a process group, which frees it. What Java has made can be given to
   * libtorch once: the binding makes a first reference of it, and a second such is refused.
   */
  static Store ofGroup(Rendezvous rendezvous, String name) {
    return new PrefixStore(prefix(rendezvous) + name, connect(rendezvous, false)).retainReference();
  }

  private static TCPStore connect(Rendezvous rendezvous, boolean holds) {
    TCPStoreOptions options =
        new TCPStoreOptions()
            .port((short) rendezvous.port())
            .isServer(holds)
            .waitWorkers(false)
            .timeout(new Milliseconds(rendezvous.deadline().toMillis()));
    return new TCPStore(rendezvous.host(), options).retainReference();
  }

  private static String prefix(Rendezvous rendezvous) {
    return "loupe/" + rendezvous.attempt() + "/";
  }

  void set(String key, String value) {
    Native.run(() -> store().set(prefix + key, value));
  }

  Optional<String> find(String key) {
    return Native.value(() ->
        store().check(new StringVector(prefix + key))
            ? Optional.of(store().get_to_str(prefix + key))
            : Optional.empty());
  }

  /** Does something with a store, if it is still there; whether it was. */
  static boolean tried(Runnable action) {
    try {
      action.run();
      return true;
    } catch (RuntimeException e) {
      return false;
    }
  }

  private TCPStore store() {
    if (closed) {
      throw new IllegalStateException("the connection to the store of the ranks is closed");
    }
    return store;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      store.releaseReference();
    }
  }
}
