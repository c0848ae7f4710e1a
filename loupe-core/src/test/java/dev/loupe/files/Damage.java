package dev.loupe.files;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Ways in which the bytes of a file are damaged, or forged. */
enum Damage {
  TRUNCATED {
    @Override
    byte[] of(byte[] whole, Random random) {
      return Arrays.copyOf(whole, random.nextInt(whole.length));
    }
  },
  FLIPPED {
    @Override
    byte[] of(byte[] whole, Random random) {
      byte[] bytes = whole.clone();
      for (int flips = 1 + random.nextInt(8); flips > 0; flips--) {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      }
      return bytes;
    }
  },
  SWAPPED {
    @Override
    byte[] of(byte[] whole, Random random) {
      int length = 1 + random.nextInt(Math.max(1, Math.min(64, whole.length / 3)));
      int first = random.nextInt(whole.length - length + 1);
      int second = random.nextInt(whole.length - length + 1);
      byte[] bytes = whole.clone();
      System.arraycopy(whole, first, bytes, second, length);
      System.arraycopy(whole, second, bytes, first, length);
      return bytes;
    }
  },
  /** A part of the file once more, elsewhere. */
  SPLICED {
    @Override
    byte[] of(byte[] whole, Random random) {
      int from = random.nextInt(whole.length);
      int length = 1 + random.nextInt(Math.min(1_000, whole.length - from));
      return with(
          whole, random.nextInt(whole.length), 0, Arrays.copyOfRange(whole, from, from + length));
    }
  },
  /** What stands between two commas or line ends once more, beside itself: a repeated key. */
  REPEATED {
    @Override
    byte[] of(byte[] whole, Random random) {
      int middle = random.nextInt(whole.length);
      int from = middle;
      while (from > 0 && !isBetween(whole[from - 1])) {
        from--;
      }
      int to = middle;
      while (to < whole.length && !isBetween(whole[to])) {
        to++;
      }
      byte[] part = Arrays.copyOfRange(whole, from, Math.min(whole.length, to + 1));
      return with(whole, from, 0, part);
    }
  },
  /** A number, or eight bytes, that nothing can be as large as. */
  HUGE {
    @Override
    byte[] of(byte[] whole, Random random) {
      if (random.nextBoolean() || whole.length < 8) {
        return withNumber(whole, random, HUGE_NUMBERS);
      }
      long[] lengths = {Long.MAX_VALUE, Long.MIN_VALUE, -1, 1L << 32, 1L << 40, Integer.MAX_VALUE};
      byte[] bytes = whole.clone();
      ByteBuffer.wrap(bytes)
          .order(ByteOrder.LITTLE_ENDIAN)
          .putLong(random.nextInt(whole.length - 7), lengths[random.nextInt(lengths.length)]);
      return bytes;
    }
  },
  NOT_A_NUMBER {
    @Override
    byte[] of(byte[] whole, Random random) {
      if (random.nextBoolean() || whole.length < 4) {
        return withNumber(whole, random, NO_NUMBERS);
      }
      float[] values = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1e38f};
      byte[] bytes = whole.clone();
      ByteBuffer.wrap(bytes)
          .order(ByteOrder.LITTLE_ENDIAN)
          .putFloat(random.nextInt(whole.length - 3), values[random.nextInt(values.length)]);
      return bytes;
    }
  },
  NESTED {
    @Override
    byte[] of(byte[] whole, Random random) {
      String opening = random.nextBoolean() ? "[" : "{\"a\":";
      return with(
          whole, random.nextInt(whole.length), 0, bytes(opening.repeat(random.nextInt(20_000))));
    }
  },
  /** Bytes that are no UTF-8: an end that does not follow, a surrogate, bytes that never occur. */
  NO_TEXT {
    @Override
    byte[] of(byte[] whole, Random random) {
      byte[][] wrong = {
        {(byte) 0xc3, 0x28},
        {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
        {(byte) 0xff, (byte) 0xfe},
        {0}
      };
      return with(whole, random.nextInt(whole.length), 0, wrong[random.nextInt(wrong.length)]);
    }
  },
  ZEROED {
    @Override
    byte[] of(byte[] whole, Random random) {
      int from = random.nextInt(whole.length);
      byte[] bytes = whole.clone();
      Arrays.fill(bytes, from, from + 1 + random.nextInt(whole.length - from), (byte) 0);
      return bytes;
    }
  };

  private static final List<String> HUGE_NUMBERS =
      List.of(
          "9223372036854775807",
          "-9223372036854775808",
          "2147483648",
          "4294967296",
          "-1",
          "99999999999999999999999999",
          "1e400",
          "1" + "0".repeat(2_000),
          "0");
  private static final List<String> NO_NUMBERS =
      List.of("NaN", "Infinity", "-Infinity", "1e999", "null", "\"1\"", "true", "1.5", "-0.0");

  /** Other bytes than these. */
  abstract byte[] of(byte[] whole, Random random);

  private static boolean isBetween(byte b) {
    return b == ',' || b == '\n';
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** In the place of some bytes others. */
  private static byte[] with(byte[] whole, int from, int length, byte[] others) {
    byte[] bytes = new byte[whole.length - length + others.length];
    System.arraycopy(whole, 0, bytes, 0, from);
    System.arraycopy(others, 0, bytes, from, others.length);
    System.arraycopy(
        whole, from + length, bytes, from + others.length, whole.length - from - length);
    return bytes;
  }

  /** In the place of a number in digits; anywhere where there is none. */
  private static byte[] withNumber(byte[] whole, Random random, List<String> others) {
    List<Integer> starts = new ArrayList<>();
    for (int i = 0; i < whole.length; i++) {
      if (isDigit(whole[i]) && (i == 0 || !isDigit(whole[i - 1]))) {
        starts.add(i);
      }
    }
    byte[] other = bytes(others.get(random.nextInt(others.size())));
    if (starts.isEmpty()) {
      return with(whole, random.nextInt(whole.length), 0, other);
    }
    int from = starts.get(random.nextInt(starts.size()));
    int to = from;
    while (to < whole.length && isDigit(whole[to])) {
      to++;
    }
    return with(whole, from, to - from, other);
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }
}
