/**
 * Files written whole or not at all, their checksums, and strict JSON. The only place that decides
 * how a file reaches the disk and how a damaged one is reported. Uses the JDK, Jackson and ranges.
 */
@NullMarked
package dev.loupe.files;

import org.jspecify.annotations.NullMarked;
