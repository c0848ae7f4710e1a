package dev.loupe.analyze;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.files.Json;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * All that the bytes of an analysis depend on, as {@code request.json} beside what is unfinished:
 * an analysis goes on only as what it was.
 *
 * @param format of the codes and of the store
 * @param model its name
 * @param modelFingerprint of what runs
 * @param lmDtype type that it runs in
 * @param corpus names of the sources
 * @param corpusFingerprint of the sources and of what is drawn
 * @param split of the documents
 * @param tokens counted tokens that were asked for
 * @param context most ids of a context
 * @param seed of all that is drawn
 * @param screening type in which encoders look for candidates
 * @param dictionaries of the suite that are encoded, with the SHA-256 of their weights
 * @param neighbours all dictionaries of the suite, to which neighbours are sought
 * @param floors for each dictionary the request of the store that its categories are held against
 * @param versions of Java and the tensor library
 * @param machine kind of CPU
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
record AnalysisRequest(
    int format,
    String model,
    String modelFingerprint,
    String lmDtype,
    List<String> corpus,
    String corpusFingerprint,
    String split,
    long tokens,
    int context,
    long seed,
    String screening,
    SortedMap<String, String> dictionaries,
    SortedMap<String, String> neighbours,
    SortedMap<String, String> floors,
    Map<String, String> versions,
    String machine) {
  static final int FORMAT = 1;
  static final String FILE = "request.json";

  /** What the store of one of the dictionaries depends on. */
  AnalysisRequest of(DictionaryName name, List<DictionaryName> others) {
    List<String> own = List.of(name.toString());
    List<String> near = others.stream().map(DictionaryName::toString).toList();
    return new AnalysisRequest(
        format,
        model,
        modelFingerprint,
        lmDtype,
        corpus,
        corpusFingerprint,
        split,
        tokens,
        context,
        seed,
        screening,
        only(dictionaries, own),
        only(neighbours, near),
        only(floors, own),
        versions,
        machine);
  }

  private static SortedMap<String, String> only(SortedMap<String, String> of, List<String> names) {
    SortedMap<String, String> some = new TreeMap<>(of);
    some.keySet().retainAll(names);
    return some;
  }

  /** The names of the fields in which another request differs. */
  List<String> differences(ObjectNode other) {
    return json()
        .propertyStream()
        .filter(field -> !field.getValue().equals(other.get(field.getKey())))
        .map(Map.Entry::getKey)
        .toList();
  }

  /** As a file gives it back. */
  private JsonNode json() {
    try {
      return Json.mapper().readTree(bytes());
    } catch (IOException e) {
      throw new IllegalStateException("expected JSON that was just written", e);
    }
  }

  private byte[] bytes() {
    try {
      return Json.mapper().writeValueAsBytes(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a request that is no JSON", e);
    }
  }

  /** SHA-256, in hex, of all of it. */
  String fingerprint() {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("expected SHA-256 in every Java", e);
    }
  }
}
