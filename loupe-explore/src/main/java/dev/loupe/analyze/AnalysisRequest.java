package dev.loupe.analyze;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.loupe.dictionary.DictionaryFolder;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Screening;
import dev.loupe.dictionary.Suite;
import dev.loupe.files.Json;
import dev.loupe.tensor.Torch;
import dev.loupe.text.Source;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * All that the bytes of an analysis depend on, as {@code request.json} beside what is unfinished:
 * an analysis goes on only as what it was. Maps are sorted, since its bytes make a fingerprint.
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
    SortedMap<String, String> versions,
    String machine) {
  static final int FORMAT = 1;

  /**
   * What is asked of a source.
   *
   * @param floors the requests of the stores that categories are held against
   */
  static AnalysisRequest of(AnalysisSource source, SortedMap<String, String> floors) {
    AnalysisSetup setup = source.setup();
    return new AnalysisRequest(
        FORMAT,
        setup.model().name(),
        source.model().fingerprint(),
        setup.lmDtype().torchName(),
        setup.corpus().sources().stream().map(Source::name).toList(),
        source.corpus().fingerprint(),
        setup.split().label(),
        setup.tokens(),
        setup.context(),
        setup.seed(),
        Screening.current().label(),
        weights(setup.suite(), setup.names()),
        weights(setup.suite(), setup.suite().names()),
        floors,
        Torch.versions(),
        Torch.machine());
  }

  private static SortedMap<String, String> weights(Suite suite, List<DictionaryName> of) {
    SortedMap<String, String> sums = new TreeMap<>();
    of.forEach(name ->
        sums.put(
            name.toString(), DictionaryFolder.readContract(suite.folder(name)).weightsSha256()));
    return sums;
  }

  /** What the store of one of the dictionaries depends on. */
  AnalysisRequest of(DictionaryName name, List<DictionaryName> others) {
    List<String> own = List.of(name.toString());
    List<String> near = others.stream().map(DictionaryName::toString).toList();
    return with(only(dictionaries, own), only(neighbours, near), only(floors, own));
  }

  private AnalysisRequest with(
      SortedMap<String, String> encoded,
      SortedMap<String, String> sought,
      SortedMap<String, String> heldAgainst) {
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
        encoded,
        sought,
        heldAgainst,
        versions,
        machine);
  }

  private static SortedMap<String, String> only(SortedMap<String, String> of, List<String> names) {
    SortedMap<String, String> some = new TreeMap<>(of);
    some.keySet().retainAll(names);
    return some;
  }

  /** What the codes of some of the dictionaries depend on. */
  AnalysisRequest ofCodes(List<DictionaryName> some) {
    List<String> own = some.stream().map(DictionaryName::toString).toList();
    return with(only(dictionaries, own), neighbours, Collections.emptySortedMap());
  }

  /** The dictionaries that are encoded. */
  List<DictionaryName> names() {
    return dictionaries.keySet().stream().map(DictionaryName::parse).toList();
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
