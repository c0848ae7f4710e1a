package dev.loupe.text;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
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

  private static void file(MessageDigest digest, CorpusFile file) {
    try {
      long size = file.bytes();
      text(digest, Long.toString(size));
      edge(digest, file, 0);
      edge(digest, file, Math.max(0, size - EDGE_BYTES));
    } catch (IOException e) {
      throw new CorpusException("cannot read %s: %s".formatted(file, e), e);
    }
  }

  private static void edge(MessageDigest digest, CorpusFile file, long from) throws IOException {
    try (InputStream in = file.open(from)) {
      digest.update(in.readNBytes(EDGE_BYTES));
    }
  }
}
