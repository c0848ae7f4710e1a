package dev.loupe.activation;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.loupe.files.AtomicFile;
import dev.loupe.files.Checksums;
import dev.loupe.files.FileFormatException;
import dev.loupe.files.IoFailures;
import dev.loupe.files.Json;
import dev.loupe.model.Hook;
import dev.loupe.model.LlamaConfig;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.text.TokenBatch;
import dev.loupe.text.TokenCorpus;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Activations kept on disk in bfloat16, so that another run at the same hooks needs no pass of the
 * model. Whether a batch comes from disk or from the model makes no difference: both are rounded.
 *
 * <p>{@code DIRECTORY/KEY/HOOK/BATCH.safetensors} is a {@link CacheBlock}; beside the hooks, {@code
 * cache.json} says what they are of. Blocks are written whole or not at all, and never removed:
 * once a directory holds the bytes that it may, nothing more is written. A block that is damaged is
 * named in the log, computed again and replaced.
 *
 * <p>Borrows the pass that fills it. Several threads may read, and several processes may share a
 * directory; each keeps count of its own bytes then.
 */
public final class ActivationCache implements ActivationSource {
  /** What activations are rounded to. */
  public static final DType DTYPE = DType.BF16;

  private static final Logger LOG = LoggerFactory.getLogger(ActivationCache.class);
  private static final String DESCRIPTION = "cache.json";

  private final ActivationSource pass;
  private final Path folder;
  private final long maxBytes;
  private final Path directory;
  private long bytes; // in the directory; guarded by this
  private boolean isFull; // guarded by this

  /**
   * Where a cache is, and how large it may grow.
   *
   * @param directory for any number of models and corpora, created where it is missing
   * @param bytes of all files in it
   */
  public record Place(Path directory, long bytes) {}

  /** All that the bytes of activations depend on beside the hook. */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Key(
      String modelFingerprint,
      String lmDtype,
      String tokenizerFingerprint,
      String corpusFingerprint,
      String tokenPolicy,
      String libtorch,
      String loupe,
      String machine) {
    /** Name of the folder. */
    String hash() {
      String all = CacheBlock.FORMAT + Json.mapper().valueToTree(this).toString();
      byte[] text = all.getBytes(StandardCharsets.UTF_8);
      return Checksums.sha256(text).substring(0, 16);
    }
  }

  /** {@code cache.json}. */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  record Description(String what, int format, String layout, String dtype, Key key) {
    static Description of(Key key) {
      return new Description(
          "activations of a language model, kept by loupe train --activation-cache; may be removed",
          CacheBlock.FORMAT,
          "HOOK/BATCH.safetensors: HOOK [tokens, width], tokens.context, tokens.position, tokens.id"
              + " [tokens]; metadata crc32c.TENSOR is the CRC-32C of the tensor's bytes",
          DTYPE.torchName(),
          key);
    }
  }

  /**
   * Opens the folder of a key, or begins it.
   *
   * @param pass gives what is missing
   */
  public ActivationCache(ActivationSource pass, Place place, Key key) {
    this.pass = pass;
    this.directory = place.directory();
    this.folder = directory.resolve(key.hash());
    this.maxBytes = place.bytes();
    Path file = folder.resolve(DESCRIPTION);
    Description description = Description.of(key);
    if (!Files.isRegularFile(file)) {
      createFolders(folder);
      AtomicFile.writeJson(file, description);
    } else if (!Json.read(file, Description.class).equals(description)) {
      throw new FileFormatException(
          file, "expected " + description, "it is another cache's; choose another directory");
    }
    for (Hook hook : pass.hooks()) {
      createFolders(folder.resolve(hook.toString()));
    }
    bytes = bytesBelow(directory);
  }

  @Override
  public TokenCorpus corpus() {
    return pass.corpus();
  }

  @Override
  public Set<Hook> hooks() {
    return pass.hooks();
  }

  @Override
  public LlamaConfig model() {
    return pass.model();
  }

  @Override
  public Device device() {
    return pass.device();
  }

  @Override
  public boolean isStored(int batch) {
    return hooks().stream().allMatch(hook -> Files.isRegularFile(block(hook, batch)));
  }

  @Override
  public Activations read(int batch) {
    Map<Hook, Tensor> rows = new TreeMap<>();
    try (TensorScope _ = TensorScope.open()) {
      if (isStored(batch)) {
        TokenBatch tokens = corpus().batch(batch);
        Activations expected = Activations.of(tokens, Map.of());
        hooks().forEach(hook -> readInto(rows, hook, batch, expected));
        if (rows.size() == hooks().size()) {
          rows.values().forEach(TensorScope::release);
          return Activations.of(tokens, rows);
        }
      }
    }
    return computed(batch);
  }

  /** Puts nothing where the block is damaged. */
  private void readInto(Map<Hook, Tensor> rows, Hook hook, int batch, Activations expected) {
    Path block = block(hook, batch);
    try {
      rows.put(hook, CacheBlock.read(block, hook, model().hiddenSize(), expected));
    } catch (FileFormatException e) {
      LOG.warn("{}; the model computes it again", e.getMessage());
      discard(block);
    } catch (UncheckedIOException e) {
      LOG.warn("{}; the model computes it again", e.getMessage());
    }
  }

  private Activations computed(int batch) {
    try (TensorScope _ = TensorScope.open();
        Activations found = pass.read(batch)) {
      Map<Hook, Tensor> rounded = new TreeMap<>();
      found
          .rows()
          .forEach((hook, rows) ->
              rounded.put(hook, TensorScope.release(rows.to(DTYPE).to(Device.CPU))));
      Activations result =
          new Activations(
              rounded, found.contexts(), found.positions(), found.ids(), found.losses());
      try {
        write(batch, result);
        return result;
      } catch (RuntimeException | Error e) {
        result.close();
        throw e;
      }
    }
  }

  /** All blocks of the batch that are missing, or none: a batch without some has to be computed. */
  private void write(int batch, Activations found) {
    Map<Hook, Path> missing = new TreeMap<>();
    for (Hook hook : hooks()) {
      Path block = block(hook, batch);
      if (!Files.isRegularFile(block)) {
        missing.put(hook, block);
      }
    }
    if (claim(missing.size() * CacheBlock.bytes(found.tokens(), model().hiddenSize()))) {
      try {
        missing.forEach((hook, block) -> CacheBlock.write(block, hook, batch, found));
      } catch (UncheckedIOException e) { // the run can do without
        LOG.warn("{}; the activation cache is not filled further", e.getMessage());
        fillNoFurther();
      }
    }
  }

  private synchronized boolean claim(long more) {
    if (!isFull && bytes + more > maxBytes) {
      LOG.info("the activation cache {} is full: {} of {} bytes", directory, bytes, maxBytes);
      isFull = true;
    }
    bytes += isFull ? 0 : more;
    return !isFull;
  }

  private synchronized void fillNoFurther() {
    isFull = true;
  }

  private synchronized void discard(Path block) {
    try {
      long size = Files.exists(block) ? Files.size(block) : 0;
      Files.deleteIfExists(block);
      bytes -= size;
    } catch (IOException e) {
      LOG.warn("{}", IoFailures.writing(block, e).getMessage());
    }
  }

  private Path block(Hook hook, int batch) {
    return folder.resolve(hook.toString()).resolve("%06d.safetensors".formatted(batch));
  }

  private static void createFolders(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw IoFailures.writing(folder, e);
    }
  }

  private static long bytesBelow(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.map(Path::toFile).filter(File::isFile).mapToLong(File::length).sum();
    } catch (IOException e) {
      throw IoFailures.reading(directory, e);
    }
  }
}
