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
 * @param reach where, and who may write
 */
public record ServeSetup(Suite suite, Optional<Supplier<SuiteModel>> model, Reach reach) {}
