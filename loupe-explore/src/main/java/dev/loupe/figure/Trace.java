package dev.loupe.figure;

/** The path data of a line in a drawing. */
final class Trace {
  private final StringBuilder path = new StringBuilder();

  /** Lifts the pen. */
  Trace move(double x, double y) {
    return add('M', x, y);
  }

  Trace line(double x, double y) {
    return add('L', x, y);
  }

  /** Down or up to a y. */
  Trace vertical(double y) {
    path.append('V').append(Numbers.length(y));
    return this;
  }

  /** Left or right to an x. */
  Trace horizontal(double x) {
    path.append('H').append(Numbers.length(x));
    return this;
  }

  /** A point: with round ends, a line without length. */
  Trace dot(double x, double y) {
    move(x, y);
    path.append("h0");
    return this;
  }

  /** Back to where the pen was put down. */
  Trace close() {
    path.append('z');
    return this;
  }

  boolean isEmpty() {
    return path.isEmpty();
  }

  private Trace add(char command, double x, double y) {
    path.append(command).append(Numbers.length(x)).append(' ').append(Numbers.length(y));
    return this;
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
