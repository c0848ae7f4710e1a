package dev.loupe.safetensors;

import dev.loupe.files.Checksums;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Tells models apart without reading them whole: SHA-256 over a text (such as the configuration
 * fields that matter) and, for each tensor sorted by name, its name, dtype, shape, first and last
 * 64 KiB. Does not depend on how the tensors are spread over files.
 */
public final class TensorFingerprint {
  private static final long EDGE_BYTES = 1 << 16;

  private TensorFingerprint() {}

  /** The fingerprint in lower-case hex. Reads at most 128 KiB of each tensor. */
  public static String of(TensorSource source, String extra) {
    MessageDigest digest = Checksums.digest();
    update(digest, extra);
    source
        .entries()
        .forEach((name, entry) -> {
          update(digest, name);
          update(digest, entry.dtype().name());
          update(digest, Arrays.toString(entry.shape()));
          MemorySegment data = source.view(name);
          long edge = Math.min(EDGE_BYTES, data.byteSize());
          digest.update(data.asSlice(0, edge).asByteBuffer());
          digest.update(data.asSlice(data.byteSize() - edge, edge).asByteBuffer());
        });
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Length first, so that no two sequences of texts give the same bytes. */
  private static void update(MessageDigest digest, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
    digest.update(bytes);
  }
}
