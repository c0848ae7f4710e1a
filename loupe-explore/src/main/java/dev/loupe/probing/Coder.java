package dev.loupe.probing;

import dev.loupe.dictionary.Dictionary;

/**
 * A dictionary under the name that its table has in a pass.
 *
 * @param dictionary borrowed
 */
record Coder(String name, Dictionary dictionary) {}
