package dev.loupe.safetensors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.files.FileFormatException;
import dev.loupe.files.Json;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The tensors of a model that is stored in several safetensors files, as its index ({@code
 * model.safetensors.index.json}) lists them. Tensors that only a shard knows are left out.
 */
public final class ShardedSafetensors implements TensorSource {
  private final Path index;
  private final Map<String, SafetensorsFile> shards = new TreeMap<>(); // by file name
  private final Map<String, SafetensorsFile> shardOf = new LinkedHashMap<>(); // by tensor
  private final SortedMap<String, TensorEntry> entries = new TreeMap<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private volatile boolean closed;

  private ShardedSafetensors(Path index) {
    this.index = index;
  }

  /**
   * Opens every shard that an index names; the caller closes them all with the result.
   *
   * @throws FileFormatException if the index or a shard is damaged, a shard is missing or lacks a
   *     listed tensor, or a shard is not a plain file name in the folder of the index
   * @throws java.io.UncheckedIOException if a file cannot be read
   */
  public static ShardedSafetensors open(Path index) {
    ShardedSafetensors model = new ShardedSafetensors(index);
    try {
      model.load(Json.readObject(index));
      return model;
    } catch (Throwable e) {
      model.close();
      throw e;
    }
  }

  private void load(ObjectNode root) {
    // keys beside these two are other tools' own
    if (!(root.get("weight_map") instanceof ObjectNode map) || map.isEmpty()) {
      throw new FileFormatException(
          index, "expected an object weight_map from tensors to shards, got " + kind(root));
    }
    map.properties().forEach(pair -> add(pair.getKey(), pair.getValue()));
    if (root.get("metadata") instanceof ObjectNode notes) {
      notes.properties().forEach(pair -> metadata.put(pair.getKey(), text(pair.getValue())));
    }
  }

  private void add(String tensor, JsonNode shardName) {
    if (!shardName.isTextual() || !isPlain(shardName.textValue())) {
      throw new FileFormatException(
          index,
          "expected for tensor %s the name of a file beside the index, got %s"
              .formatted(Names.shown(tensor), Names.shown(shardName.toString())));
    }
    SafetensorsFile shard =
        shards.computeIfAbsent(shardName.textValue(), name -> openShard(tensor, name));
    if (!shard.has(tensor)) {
      throw new FileFormatException(
          index,
          "expected tensor %s in shard %s, got none of that name there"
              .formatted(Names.shown(tensor), shardName.textValue()),
          "are index and shards of one model?");
    }
    shardOf.put(tensor, shard);
    entries.put(tensor, shard.entry(tensor));
  }

  private SafetensorsFile openShard(String tensor, String name) {
    Path file = index.resolveSibling(name);
    if (!Files.exists(file)) {
      throw new FileFormatException(
          index,
          "expected shard %s (of tensor %s), got no such file beside the index"
              .formatted(Names.shown(name), Names.shown(tensor)),
          "copy or download it again");
    }
    return SafetensorsFile.open(file);
  }

  /** Whether a name stays in its folder, on any platform. */
  private static boolean isPlain(String name) {
    return !name.isEmpty()
        && !name.equals(".")
        && !name.equals("..")
        && name.chars().noneMatch(c -> c < ' ' || c == '/' || c == '\\' || c == ':');
  }

  private static String kind(ObjectNode root) {
    JsonNode map = root.get("weight_map");
    return map == null ? "no such key" : map.isObject() ? "an empty one" : "" + map.getNodeType();
  }

  private static String text(JsonNode value) {
    return value.isValueNode() ? value.asText() : value.toString();
  }

  @Override
  public Path path() {
    return index;
  }

  @Override
  public SortedMap<String, TensorEntry> entries() {
    requireOpen();
    return Collections.unmodifiableSortedMap(entries);
  }

  @Override
  public Map<String, String> metadata() {
    requireOpen();
    return Collections.unmodifiableMap(metadata);
  }

  @Override
  public MemorySegment view(String name) {
    entry(name); // says what is wrong with a wrong name
    return shardOf.get(name).view(name);
  }

  @Override
  public void close() {
    closed = true;
    RuntimeException failure = null;
    for (SafetensorsFile shard : shards.values()) {
      try {
        shard.close();
      } catch (RuntimeException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("safetensors index " + index + " is closed");
    }
  }
}
