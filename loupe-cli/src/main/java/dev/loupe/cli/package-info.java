/**
 * The command line: one class a command, which parses, calls and prints. Uses everything; nothing
 * uses it. The only package that knows picocli.
 */
@NullMarked
package dev.loupe.cli;

import org.jspecify.annotations.NullMarked;
