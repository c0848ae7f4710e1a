package dev.loupe.analyze;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.loupe.safetensors.SafetensorsFile;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The codes of one dictionary on disk, mapped, to be read feature by feature: all parts are open at
 * once. Owns the open files until closed; several threads may read.
 *
 * <p>A feature is read chunk by chunk: a chunk is up to {@link #CHUNK} parts, so that what is held
 * of a feature does not grow with the corpus.
 */
final class StoredCodes implements AutoCloseable {
  /** Parts of a chunk, half a million tokens at most. */
  private static final int CHUNK = 64;

  private final List<SafetensorsFile> files = new ArrayList<>();
  private final List<Part> parts = new ArrayList<>();

  private StoredCodes() {}

  /** Opens the codes of a dictionary; the caller closes them. */
  @SuppressWarnings("MustBeClosedChecker") // owned by the result, closed here if there is none
  static StoredCodes open(CodeFiles codes, String dictionary) {
    StoredCodes stored = new StoredCodes();
    try {
      for (int part = 0; part < codes.parts(); part++) {
        SafetensorsFile file = codes.open(part);
        stored.files.add(file);
        stored.parts.add(Part.of(file, dictionary));
      }
      return stored;
    } catch (RuntimeException | Error e) {
      try (stored) {
        throw e;
      }
    }
  }

  int chunks() {
    return (parts.size() + CHUNK - 1) / CHUNK;
  }

  /** Tokens on which a feature fires. */
  long count(int feature) {
    long count = 0;
    for (Part part : parts) {
      count += part.end(feature) - part.start(feature);
    }
    return count;
  }

  /** Reads where a feature fires in a chunk. */
  void read(int feature, int chunk, Firings into) {
    into.clear();
    for (Part part : chunk(chunk)) {
      int end = part.end(feature);
      for (int i = part.start(feature); i < end; i++) {
        int token = part.tokens.getAtIndex(JAVA_INT, i);
        into.add(
            part.places.getAtIndex(JAVA_LONG, token),
            part.ids.getAtIndex(JAVA_INT, token),
            part.values.getAtIndex(JAVA_FLOAT, i));
      }
    }
  }

  private List<Part> chunk(int chunk) {
    return parts.subList(chunk * CHUNK, Math.min(parts.size(), (chunk + 1) * CHUNK));
  }

  int parts() {
    return parts.size();
  }

  /** The tokens of a part, as indices, on which a feature fires. */
  int[] tokens(int feature, int part) {
    Part of = parts.get(part);
    long start = of.start(feature);
    return of.tokens.asSlice(start * 4, (of.end(feature) - start) * 4).toArray(JAVA_INT);
  }

  /** The features that fire on each token of a part. */
  ByToken byToken(int part) {
    Part of = parts.get(part);
    return new ByToken(of.tokenStarts.toArray(JAVA_INT), of.features.toArray(JAVA_INT));
  }

  /** Token t has the features {@code features[starts[t] .. starts[t + 1])}. */
  @SuppressWarnings("ArrayRecordComponent") // a plain carrier of columns; never compared
  record ByToken(int[] starts, int[] features) {}

  @Override
  public void close() {
    files.forEach(SafetensorsFile::close);
  }

  /**
   * Views of a part: columns of its tokens; activations by feature; features by token.
   *
   * @param starts // [F + 1]
   * @param tokens // [active]
   * @param values // [active]
   * @param tokenStarts // [tokens + 1]
   * @param features // [active]
   */
  private record Part(
      MemorySegment places,
      MemorySegment ids,
      MemorySegment starts,
      MemorySegment tokens,
      MemorySegment values,
      MemorySegment tokenStarts,
      MemorySegment features) {
    static Part of(SafetensorsFile file, String dictionary) {
      return new Part(
          global(file, CodeFiles.PLACES),
          global(file, CodeFiles.IDS),
          global(file, dictionary + CodeFiles.STARTS),
          global(file, dictionary + CodeFiles.TOKENS),
          global(file, dictionary + CodeFiles.VALUES),
          global(file, dictionary + CodeFiles.TOKEN_STARTS),
          global(file, dictionary + CodeFiles.FEATURES));
    }

    /** Without a check at each access whether the file is open, which StoredCodes sees to. */
    @SuppressWarnings("restricted")
    private static MemorySegment global(SafetensorsFile file, String name) {
      MemorySegment view = file.view(name);
      return MemorySegment.ofAddress(view.address()).reinterpret(view.byteSize());
    }

    int start(int feature) {
      return starts.getAtIndex(JAVA_INT, feature);
    }

    int end(int feature) {
      return starts.getAtIndex(JAVA_INT, feature + 1);
    }
  }
}
