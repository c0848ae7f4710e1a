/**
 * The loops that a training step and the encoding of activations spend their time in, on rows of
 * floats in native memory: dot products, sums of scaled rows, screening, Adam. The JDK's Vector API
 * where the module is there, plain loops with the same results, bit for bit, where it is not. Uses
 * nothing of Loupe.
 *
 * <p>Memory segments are native and of global scope ({@code Tensor.segment()}): segments of several
 * kinds in one kernel make it many times slower. The caller keeps their owner open. Places and
 * lengths are in elements, not bytes.
 */
@NullMarked
package dev.loupe.kernel;

import org.jspecify.annotations.NullMarked;
