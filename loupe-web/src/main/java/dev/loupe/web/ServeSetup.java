package dev.loupe.web;

import dev.loupe.dictionary.Suite;
import dev.loupe.inference.SuiteModel;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What to serve, and to whom.
 *
 * @param suite whose features are shown
 * @param model opens the suite's language model for what needs one; called once, on the thread that
 *     then uses it, at the first such request; empty for pages without a model
 * @param host to listen at: a loopback address unless others are to reach it
 * @param port to listen at; 0 for any free one
 * @param readOnly whether notes can be written
 */
public record ServeSetup(
    Suite suite, Optional<Supplier<SuiteModel>> model, String host, int port, boolean readOnly) {
  /** Where the pages are unless told otherwise. */
  public static final int PORT = 7007;

  public ServeSetup {
    if (host.isBlank()) {
      throw new IllegalArgumentException("expected a host to listen at, got a blank");
    }
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("expected a port from 0 to 65535, got " + port);
    }
  }
}
