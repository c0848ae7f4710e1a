package dev.loupe.model;

import dev.loupe.files.FileFormatException;
import dev.loupe.safetensors.TensorFingerprint;
import dev.loupe.safetensors.TensorSource;
import dev.loupe.tensor.DType;
import dev.loupe.tensor.Device;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A language model that is known by its files from the start, and loaded when something needs it to
 * run. Owns it until closed. Thread-safe.
 */
public final class ModelOnDemand implements AutoCloseable {
  private final Path directory;
  private final DType dtype;
  private final Device device;
  private final LlamaConfig config;
  private final String fingerprint;
  private @Nullable Llama loaded;
  private boolean closed;

  /**
   * Reads the configuration and samples the weights.
   *
   * @param directory in the Hugging Face layout
   * @param dtype what it is to compute in
   */
  public ModelOnDemand(Path directory, DType dtype, Device device) {
    this.directory = directory;
    this.dtype = dtype;
    this.device = device;
    this.config = LlamaConfig.read(directory);
    try (TensorSource source = TensorSource.openModel(directory)) {
      this.fingerprint = TensorFingerprint.of(source, config.toString());
    }
  }

  public LlamaConfig config() {
    return config;
  }

  /** As {@link Llama#fingerprint}. */
  public String fingerprint() {
    return fingerprint;
  }

  public DType dtype() {
    return dtype;
  }

  public Device device() {
    return device;
  }

  /** The model, borrowed; loads it the first time. */
  public synchronized Llama get() {
    if (closed) {
      throw new IllegalStateException("the model of " + directory + " is closed");
    }
    if (loaded == null) {
      loaded = Llama.load(directory, dtype, device);
      if (!loaded.fingerprint().equals(fingerprint)) {
        throw new FileFormatException(
            directory,
            "expected the model of fingerprint " + fingerprint + ", got " + loaded.fingerprint(),
            "its files changed meanwhile");
      }
    }
    return loaded;
  }

  public synchronized boolean isLoaded() {
    return loaded != null;
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (loaded != null) {
      loaded.close();
      loaded = null;
    }
  }
}
