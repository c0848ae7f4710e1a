/**
 * Training: recipes, schedules, the step, and the suite trainer that feeds many dictionaries from
 * one stream. Uses activations, dictionaries and tensors.
 */
@NullMarked
package dev.loupe.train;

import org.jspecify.annotations.NullMarked;
