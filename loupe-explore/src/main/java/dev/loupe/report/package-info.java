/**
 * Everything that was measured of a suite as one document of figures and tables: those of the paper
 * and more. Uses what commands wrote to the suite's folder, and runs what is lacking if asked to.
 */
@NullMarked
package dev.loupe.report;

import org.jspecify.annotations.NullMarked;
