package dev.loupe.train;

import dev.loupe.dictionary.DictionaryName;

/**
 * A loss of one dictionary that was not finite or far above the usual.
 *
 * @param dictionary whose loss it was
 * @param message what was found
 * @param response what was done: {@code WARN} where the batch was used all the same
 */
record Incident(DictionaryName dictionary, String message, SpikeRule.Response response) {}
