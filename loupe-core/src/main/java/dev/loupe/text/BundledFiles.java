package dev.loupe.text;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The models and corpora that come in the jar loupe-demo, as files. On first use they are extracted
 * into {@code $LOUPE_CACHE}, else {@code $XDG_CACHE_HOME/loupe}, else {@code ~/.cache/loupe}, each
 * in a folder named by the SHA-256 of its content, so that another version is extracted anew.
 * Several processes may do so at once: each file is written beside and moved into place.
 */
public final class BundledFiles {
  private static final String ROOT = "dev/loupe/demo/";
  private static final List<String> MODELS = List.of("demo", "demo-chat");
  private static final List<String> MODEL_FILES =
      List.of("config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors");

  private BundledFiles() {}

  /**
   * The directory of a bundled model, {@code demo} or {@code demo-chat}; empty for any other name.
   * CorpusException where loupe-demo is not on the class path or the cache cannot be written.
   */
  public static Optional<Path> model(String name) {
    if (!MODELS.contains(name)) {
      return Optional.empty();
    }
    return Optional.of(extract(cacheFolder(System.getenv()), "models/" + name, MODEL_FILES));
  }

  /**
   * A bundled corpus file, for instance {@code books.jsonl.gz}. CorpusException where there is none
   * of that name, loupe-demo is not on the class path, or the cache cannot be written.
   */
  public static Path corpus(String file) {
    return extract(cacheFolder(System.getenv()), "corpora", List.of(file)).resolve(file);
  }

  static Path cacheFolder(Map<String, String> environment) {
    String own = environment.getOrDefault("LOUPE_CACHE", "");
    if (!own.isEmpty()) {
      return Path.of(own);
    }
    String xdg = environment.getOrDefault("XDG_CACHE_HOME", "");
    Path caches = xdg.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(xdg);
    return caches.resolve("loupe");
  }

  /** Makes sure that {@code files} of a resource folder are in the cache; returns their folder. */
  static Path extract(Path cache, String resourceFolder, List<String> files) {
    Map<String, byte[]> contents = new LinkedHashMap<>();
    files.forEach(file -> contents.put(file, resource(ROOT + resourceFolder + "/" + file)));
    Path folder = cache.resolve("bundled").resolve(key(contents)).resolve(resourceFolder);
    try {
      Files.createDirectories(folder);
      for (Map.Entry<String, byte[]> entry : contents.entrySet()) {
        putInPlace(folder.resolve(entry.getKey()), entry.getValue());
      }
    } catch (IOException e) {
      throw new CorpusException(
          "cannot extract bundled files into %s: %s; set LOUPE_CACHE to a folder that can be written"
              .formatted(folder, e),
          e);
    }
    return folder;
  }

  private static byte[] resource(String name) {
    try (InputStream in = BundledFiles.class.getClassLoader().getResourceAsStream(name)) {
      if (in == null) {
        throw new CorpusException(
            "expected %s on the class path, got no such resource; add the jar loupe-demo, or name a"
                    .formatted(name)
                + " directory or file of your own");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new CorpusException("cannot read %s from the class path: %s".formatted(name, e), e);
    }
  }

  private static String key(Map<String, byte[]> contents) {
    MessageDigest digest = Sha256.create();
    contents.values().forEach(digest::update);
    return HexFormat.of().formatHex(digest.digest(), 0, 16);
  }

  private static void putInPlace(Path file, byte[] content) throws IOException {
    if (Files.isRegularFile(file) && Files.size(file) == content.length) {
      return;
    }
    Path beside = Files.createTempFile(file.getParent(), file.getFileName().toString(), ".part");
    try {
      Files.write(beside, content);
      Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(beside);
    }
  }
}
