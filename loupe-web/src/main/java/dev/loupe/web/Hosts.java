package dev.loupe.web;

import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The names by which a request may call this server.
 *
 * @param names without ports
 * @param anyAddress whether every numeric address will do: where it listens at all of them
 */
record Hosts(Set<String> names, boolean anyAddress) {
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");
  private static final Set<String> ANY = Set.of("0.0.0.0", "::", "[::]");
  private static final Pattern ADDRESS =
      Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9a-f:.]+]");

  /** For a server that listens at a host, and is called by further names as well. */
  static Hosts of(String host, Set<String> further) {
    Set<String> names = new TreeSet<>(LOOPBACK);
    further.forEach(name -> names.add(name.toLowerCase(Locale.ROOT)));
    String plain = host.toLowerCase(Locale.ROOT);
    names.add(plain.contains(":") && !plain.startsWith("[") ? "[" + plain + "]" : plain);
    return new Hosts(names, ANY.contains(plain));
  }

  /** Whether a Host header means this server. */
  boolean isOurs(String header) {
    String name = header.toLowerCase(Locale.ROOT).replaceFirst(":\\d{1,5}$", "");
    return names.contains(name) || (anyAddress && ADDRESS.matcher(name).matches());
  }

  @Override
  public String toString() {
    return String.join(", ", names);
  }
}
