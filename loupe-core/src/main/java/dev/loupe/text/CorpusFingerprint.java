package dev.loupe.text;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * SHA-256 over what decides which tokens are drawn: of each source its name, its share and of each
 * file the size and the first and last 64 KiB; and the request. Paths have no part in it.
 */
final class CorpusFingerprint {
  private static final int EDGE_BYTES = 64 << 10;

  private CorpusFingerprint() {}

  static String of(CorpusSpec corpus, TokenRequest request) {
    MessageDigest digest = Sha256.create();
    for (Source source : corpus.sources()) {
      text(digest, "%s %s %d".formatted(source.name(), source.share(), source.files().size()));
      source.files().forEach(file -> file(digest, file));
    }
    text(digest, request.toString());
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void text(MessageDigest digest, String text) {
    digest.update((text + '\n').getBytes(StandardCharsets.UTF_8));
  }

  private static void file(MessageDigest digest, Path file) {
    try (FileChannel channel = FileChannel.open(file)) {
      long size = channel.size();
      text(digest, Long.toString(size));
      edge(digest, channel, 0);
      edge(digest, channel, Math.max(0, size - EDGE_BYTES));
    } catch (IOException e) {
      throw new CorpusException("cannot read %s: %s".formatted(file, e), e);
    }
  }

  private static void edge(MessageDigest digest, FileChannel channel, long from)
      throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(EDGE_BYTES);
    while (bytes.hasRemaining() && channel.read(bytes, from + bytes.position()) >= 0) {}
    digest.update(bytes.flip());
  }
}
