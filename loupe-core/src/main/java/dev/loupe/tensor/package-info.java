/**
 * Tensors in native memory and the operations on them that Loupe needs. The only package that
 * touches libtorch; everything above speaks {@link dev.loupe.tensor.Tensor}. Uses nothing of Loupe.
 */
@NullMarked
package dev.loupe.tensor;

import org.jspecify.annotations.NullMarked;
