/**
 * What features are said to be, and how well that holds: examples from a feature store, explainers
 * that put them into words, scorers that test the words on other examples, and the file that keeps
 * both. Uses the store, the notes, the embeddings of search and, where one is given, a judge; asks
 * no language model of the suite.
 *
 * <p>What counts as the explanation of a feature: what a person wrote last in the notes, else the
 * best of those made by machine (see {@link dev.loupe.interpret.FeatureExplanations#best}).
 */
@NullMarked
package dev.loupe.interpret;

import org.jspecify.annotations.NullMarked;
