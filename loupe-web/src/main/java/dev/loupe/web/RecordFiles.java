package dev.loupe.web;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.loupe.files.Json;
import dev.loupe.store.FeatureJson;
import dev.loupe.store.SampleRow;
import dev.loupe.store.SampleText;
import dev.loupe.store.WindowRow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A dictionary's feature store laid out for looking at one feature after the other: an entry a
 * feature with its numbers and its samples' places, and an entry a window with its text.
 * Thread-safe. Owns its files until closed.
 */
final class RecordFiles implements AutoCloseable {
  private static final int KEPT_WINDOWS = 40_000;

  private final RecordFile features;
  private final RecordFile windows;
  private final Map<Integer, WindowRow> kept = new LinkedHashMap<>(16, 0.75f, true);

  private RecordFiles(RecordFile features, RecordFile windows) {
    this.features = features;
    this.windows = windows;
  }

  static Path featureFile(Path folder, String name) {
    return folder.resolve(name + ".features");
  }

  static Path windowFile(Path folder, String name) {
    return folder.resolve(name + ".windows");
  }

  /** Opens the files of a dictionary that hold what the key names; empty where they do not. */
  static Optional<RecordFiles> open(Path folder, String name, String key) {
    Optional<RecordFile> windows = RecordFile.open(windowFile(folder, name), key);
    if (windows.isEmpty()) {
      return Optional.empty();
    }
    Optional<RecordFile> features = RecordFile.open(featureFile(folder, name), key);
    if (features.isEmpty()) {
      windows.get().close();
      return Optional.empty();
    }
    return Optional.of(new RecordFiles(features.get(), windows.get()));
  }

  /** An entry of the file of features: a length, so much JSON of numbers, then JSON of samples. */
  static byte[] entry(Map<String, Object> numbers, List<SampleRow> samples) {
    byte[] first = Body.jsonBytes(numbers);
    byte[] second = Body.jsonBytes(samples);
    return ByteBuffer.allocate(Integer.BYTES + first.length + second.length)
        .putInt(first.length)
        .put(first)
        .put(second)
        .array();
  }

  /** An entry of the file of windows: all but the losses, which no answer has. */
  static byte[] entry(WindowRow window) {
    return Body.jsonBytes(
        new WindowRow(
            window.window(),
            window.context(),
            window.firstPosition(),
            window.source(),
            window.file(),
            window.row(),
            window.metadata(),
            window.text(),
            window.ids(),
            window.starts(),
            window.ends(),
            new float[window.losses().length]));
  }

  /** The answer about a feature: its numbers, and its samples with their texts. */
  byte[] answer(int feature) {
    byte[] entry = features.entry(feature);
    int length = ByteBuffer.wrap(entry).getInt();
    byte[] numbers = Arrays.copyOfRange(entry, Integer.BYTES, Integer.BYTES + length);
    List<SampleRow> samples =
        parsed(
            Arrays.copyOfRange(entry, Integer.BYTES + length, entry.length),
            new TypeReference<List<SampleRow>>() {});
    return withSamples(numbers, samples.stream().map(this::text).toList());
  }

  /** A JSON object with the samples as its last field. */
  static byte[] withSamples(byte[] numbers, List<SampleText> samples) {
    byte[] name = ",\"samples\":".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    byte[] texts = Body.jsonBytes(samples.stream().map(FeatureJson::compact).toList());
    return ByteBuffer.allocate(numbers.length + name.length + texts.length)
        .put(numbers, 0, numbers.length - 1)
        .put(name)
        .put(texts)
        .put((byte) '}')
        .array();
  }

  private SampleText text(SampleRow sample) {
    Map<Integer, WindowRow> around = new HashMap<>();
    SampleText.windows(sample)
        .filter(number -> number >= 0 && number < windows.count())
        .forEach(number -> window(number).ifPresent(window -> around.put(number, window)));
    return SampleText.of(sample, around);
  }

  private Optional<WindowRow> window(int number) {
    synchronized (kept) {
      WindowRow found = kept.get(number);
      if (found != null) {
        return Optional.of(found);
      }
    }
    byte[] entry = windows.entry(number);
    if (entry.length == 0) {
      return Optional.empty(); // the store has no such window
    }
    WindowRow window = parsed(entry, new TypeReference<WindowRow>() {});
    synchronized (kept) {
      kept.put(number, window);
      if (kept.size() > KEPT_WINDOWS) {
        kept.remove(kept.keySet().iterator().next());
      }
    }
    return Optional.of(window);
  }

  private static <T> T parsed(byte[] json, TypeReference<T> type) {
    try {
      return Json.mapper().readValue(json, type);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read a record; remove the suite's folder cache", e);
    }
  }

  @Override
  public void close() {
    features.close();
    windows.close();
  }
}
