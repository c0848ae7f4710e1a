package dev.loupe.cluster;

import dev.loupe.cli.Loupe;

/** Where the launcher and {@code spark-submit} begin; the first argument is {@code cluster}. */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    Loupe.main(ClusterCommand.class, arguments);
  }
}
