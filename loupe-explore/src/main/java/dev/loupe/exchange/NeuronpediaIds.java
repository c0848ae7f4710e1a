package dev.loupe.exchange;

import dev.loupe.store.StoreSummary;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Ids of 25 characters: {@code c}, a hash of what is exported under which name, the feature, the
 * sample. Unique within an export by what they are made of, and among exports by the hash; no clock
 * and no chance.
 */
record NeuronpediaIds(String hash) {
  private static final int RADIX = 36;
  private static final int HASH = 14;
  private static final int FEATURE = 6;
  private static final int SAMPLE = 4;

  static NeuronpediaIds of(StoreSummary summary, NeuronpediaNames names) {
    String exported =
        String.join("\n", summary.request(), names.modelId(), names.source(summary.dictionary()));
    try {
      byte[] sum =
          MessageDigest.getInstance("SHA-256").digest(exported.getBytes(StandardCharsets.UTF_8));
      return new NeuronpediaIds(new BigInteger(1, sum).toString(RADIX).substring(0, HASH));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("a JDK without SHA-256", e);
    }
  }

  /**
   * The id of a sample.
   *
   * @param sample its number among the feature's
   */
  String of(int feature, int sample) {
    return "c" + hash + padded(feature, FEATURE) + padded(sample, SAMPLE);
  }

  private static String padded(int number, int length) {
    String digits = Integer.toString(number, RADIX);
    return "0".repeat(length - digits.length()) + digits;
  }
}
