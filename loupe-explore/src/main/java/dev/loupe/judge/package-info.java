/**
 * Language models that are asked about features: questions and answers, any OpenAI-compatible
 * endpoint, its limits and its price, the ledger and the cache. The only place that opens a
 * connection to the outside, and only to the endpoint that it is given. Uses core's files and the
 * names of features; knows no stores.
 */
@NullMarked
package dev.loupe.judge;

import org.jspecify.annotations.NullMarked;
