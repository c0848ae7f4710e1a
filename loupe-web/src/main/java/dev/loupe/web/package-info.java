/**
 * The pages on which people look at a suite, and the server that they and scripts ask. Uses all of
 * explore; the only place for the web server.
 */
@NullMarked
package dev.loupe.web;

import org.jspecify.annotations.NullMarked;
