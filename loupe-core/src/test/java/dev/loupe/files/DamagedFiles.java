package dev.loupe.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Reads a file again and again, each time damaged in another way: each time it must be read, or
 * refused with a message, soon, and without taking much more memory than the whole file does. The
 * JVM's death would end the test, too.
 *
 * <p>{@code -Dloupe.damage.seed=N} draws others, {@code -Dloupe.damage.times=M} so many times as
 * many.
 */
public final class DamagedFiles {
  private static final List<Damage> ALL = List.of(Damage.values());
  private static final long SEED = Long.getLong("loupe.damage.seed", 20_261_127);
  private static final int TIMES = Integer.getInteger("loupe.damage.times", 1);
  private static final Duration LONGEST = Duration.ofSeconds(10);
  private static final int LONGEST_MESSAGE = 3_000; // characters
  private static final long SPARE_BYTES =
      8 << 20; // messages, stack traces, classes that are loaded

  private DamagedFiles() {}

  /** Reads what is to be damaged; throws where it refuses. */
  @FunctionalInterface
  public interface Reader {
    void read() throws IOException;
  }

  /**
   * Damages a file so often; it is whole again afterwards.
   *
   * @param file that the reader reads, by itself or among others
   */
  public static void read(Path file, int cases, Reader reader) throws IOException {
    byte[] whole = Files.readAllBytes(file);
    reader.read(); // loads classes
    long usual = allocatedBy(reader);
    AtomicInteger refused = new AtomicInteger();
    try {
      each(
          file.getFileName().toString(),
          whole,
          cases,
          (which, bytes) -> {
            Files.write(file, bytes);
            if (isRefused(which, bytes, 2 * usual + 2L * bytes.length, reader)) {
              refused.incrementAndGet();
            }
          });
    } finally {
      Files.write(file, whole);
    }
    reader.read();
    System.out.printf(
        Locale.ROOT,
        "%s: %,d cases of seed %d, %,d refused, the others read%n",
        file.getFileName(),
        cases * TIMES,
        SEED,
        refused.get());
    assertThat(refused.get()).as("damage that is noticed").isPositive();
  }

  /** Takes bytes that are damaged, with words for what was done to them. */
  @FunctionalInterface
  public interface Taker {
    void take(String which, byte[] bytes) throws IOException;
  }

  /** Damages bytes so often. */
  public static void each(String name, byte[] whole, int cases, Taker taker) throws IOException {
    Random random = new Random(SEED ^ name.hashCode());
    for (int i = 0; i < cases * TIMES; i++) {
      Damage damage = ALL.get(random.nextInt(ALL.size()));
      taker.take(
          "%s, case %d of seed %d, %s".formatted(name, i, SEED, damage), damage.of(whole, random));
    }
  }

  private static boolean isRefused(String which, byte[] bytes, long limit, Reader reader) {
    long start = System.nanoTime();
    long before = allocated();
    boolean refused = false;
    try {
      reader.read();
    } catch (IOException | RuntimeException | Error e) {
      if (!isMessage(e)) {
        fail(which + ": " + text(bytes), e);
      }
      refused = true;
    }
    long took = System.nanoTime() - start;
    assertThat(Duration.ofNanos(took)).as(which).isLessThan(LONGEST);
    assertThat(allocated() - before)
        .as("%s: bytes that are allocated", which)
        .isLessThan(limit + SPARE_BYTES);
    return refused;
  }

  /** Whether a failure is one for people: of a kind that is shown, and neither empty nor long. */
  public static boolean isMessage(Throwable e) {
    boolean shown =
        e instanceof IllegalArgumentException
            || e instanceof UncheckedIOException
            || e.getClass().getName().startsWith("dev.loupe.");
    String text = e.getMessage();
    return shown && text != null && !text.isBlank() && text.length() < LONGEST_MESSAGE;
  }

  private static String text(byte[] bytes) {
    int shown = Math.min(300, bytes.length);
    return bytes.length
        + " bytes, the first "
        + HexFormat.of().formatHex(bytes, 0, shown)
        + ", in Latin-1 "
        + new String(bytes, 0, shown, StandardCharsets.ISO_8859_1);
  }

  private static long allocatedBy(Reader reader) throws IOException {
    long before = allocated();
    reader.read();
    return allocated() - before;
  }

  private static long allocated() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }
}
