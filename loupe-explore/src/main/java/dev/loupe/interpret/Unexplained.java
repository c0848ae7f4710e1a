package dev.loupe.interpret;

/**
 * That a method had nothing to say of a feature, so that it is not asked again. A plain value.
 *
 * @param basis as {@link Explanation#basis}
 */
record Unexplained(int feature, String method, String basis) {}
