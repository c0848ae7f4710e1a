package dev.loupe.probing;

import dev.loupe.tensor.SeededRandom;
import dev.loupe.text.CorpusSpec;
import dev.loupe.text.Document;
import dev.loupe.text.DocumentReader;
import dev.loupe.text.DocumentReference;
import dev.loupe.text.Split;
import dev.loupe.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Documents of a corpus that carry a {@code category} (or {@code meta.category}): the labels of
 * probing. Probes are fitted on documents of the training split and tested on held-out ones ({@link
 * Split}): by {@code meta.split}, else by a hash of the text. Of each split the same number is
 * taken of each category, or all that there are, chosen by hash.
 *
 * @param categories in order
 * @param category of each document // [documents]
 * @param isTest whether it is held out // [documents]
 * @param contexts ids of each, the begin id first, cut to the longest context // [documents]
 * @param found how many documents of each category the corpus has: training, held out
 * @param fingerprint SHA-256, in hex, over the ids, categories and sides of all documents
 */
@SuppressWarnings("ArrayRecordComponent") // a plain carrier; never compared
record LabelledDocuments(
    List<String> categories,
    int[] category,
    boolean[] isTest,
    int[][] contexts,
    SequencedMap<String, int[]> found,
    String fingerprint) {
  /** One in so many documents is for testing. */
  private static final int TEST_SHARE = 5;

  /** A document with a label, before anything is chosen. */
  private record Labelled(DocumentReference reference, String category, boolean isTest) {}

  /**
   * Reads a corpus.
   *
   * @param most documents that are taken in all; 1 of 5 of them held out
   * @param longest ids of a context
   */
  static LabelledDocuments read(
      CorpusSpec spec,
      Tokenizer tokenizer,
      int most,
      int longest,
      long seed,
      boolean skipBadLines) {
    List<Labelled> all = labels(spec, skipBadLines);
    if (all.isEmpty()) {
      throw new IllegalArgumentException(
          "expected documents with a category (or meta.category) to probe for, got none in "
              + spec.sources().stream().map(source -> source.name()).toList());
    }
    Map<DocumentReference, Labelled> chosen = new HashMap<>();
    for (boolean test : new boolean[] {false, true}) {
      List<Labelled> side = all.stream().filter(document -> document.isTest == test).toList();
      int share = test ? most / TEST_SHARE : most - most / TEST_SHARE;
      choose(side, share, seed).forEach(document -> chosen.put(document.reference, document));
    }
    Map<DocumentReference, int[]> ids = tokens(spec, tokenizer, chosen, longest, skipBadLines);
    return of(all, chosen, ids);
  }

  private static List<Labelled> labels(CorpusSpec spec, boolean skipBadLines) {
    List<Labelled> all = new ArrayList<>();
    DocumentReader reader = new DocumentReader(spec, skipBadLines);
    for (int source = 0; source < spec.sources().size(); source++) {
      reader.forEach(
          source,
          document -> {
            String category = document.category();
            if (!category.isEmpty()) {
              boolean test = Split.HELD_OUT.accepts(document);
              all.add(new Labelled(document.reference(), category, test));
            }
          });
    }
    return all;
  }

  private static List<Labelled> choose(List<Labelled> side, int most, long seed) {
    Map<String, List<Labelled>> byCategory = new TreeMap<>();
    side.forEach(document ->
        byCategory.computeIfAbsent(document.category, _ -> new ArrayList<>()).add(document));
    int level = level(byCategory.values().stream().mapToInt(List::size).toArray(), most);
    return byCategory.values().stream()
        .flatMap(of ->
            of.stream()
                .sorted(Comparator.comparingLong(document -> hash(document.reference, seed)))
                .limit(level))
        .toList();
  }

  /** The largest number that, taken of each where there are as many, comes to no more in all. */
  static int level(int[] counts, int most) {
    int level = 0;
    int highest = Arrays.stream(counts).max().orElse(0);
    while (level < highest) {
      int next = level + 1;
      if (Arrays.stream(counts).mapToLong(count -> Math.min(count, next)).sum() > most) {
        break;
      }
      level = next;
    }
    return level;
  }

  private static long hash(DocumentReference document, long seed) {
    String file = "probing " + document.source() + "/" + document.file();
    return new SeededRandom(seed, file).bits(document.row());
  }

  /** The ids of the chosen documents; those without a counted token are left out. */
  private static Map<DocumentReference, int[]> tokens(
      CorpusSpec spec,
      Tokenizer tokenizer,
      Map<DocumentReference, Labelled> chosen,
      int longest,
      boolean skipBadLines) {
    Map<DocumentReference, int[]> ids = new HashMap<>();
    DocumentReader reader = new DocumentReader(spec, skipBadLines);
    int begin = tokenizer.special().documentStart();
    for (int source = 0; source < spec.sources().size(); source++) {
      reader.forEach(
          source,
          chosen::containsKey,
          (Document document) -> {
            int[] text = tokenizer.encode(document.text()).ids();
            int[] context =
                IntStream.concat(IntStream.of(begin), Arrays.stream(text).limit(longest - 1L))
                    .toArray();
            if (Arrays.stream(context).skip(1).anyMatch(id -> !tokenizer.special().contains(id))) {
              ids.put(document.reference(), context);
            }
          });
    }
    return ids;
  }

  private static LabelledDocuments of(
      List<Labelled> all,
      Map<DocumentReference, Labelled> chosen,
      Map<DocumentReference, int[]> ids) {
    SequencedMap<String, int[]> found = new LinkedHashMap<>();
    all.stream()
        .sorted(Comparator.comparing(Labelled::category))
        .forEach(document ->
            found.computeIfAbsent(document.category, _ -> new int[2])[document.isTest ? 1 : 0]++);
    List<String> categories = List.copyOf(found.keySet());
    List<Labelled> documents =
        all.stream()
            .filter(d -> chosen.containsKey(d.reference) && ids.containsKey(d.reference))
            .toList();
    boolean[] isTest = new boolean[documents.size()];
    int[] category = new int[documents.size()];
    int[][] contexts = new int[documents.size()][];
    Fingerprint fingerprint = new Fingerprint();
    for (int d = 0; d < isTest.length; d++) {
      Labelled document = documents.get(d);
      isTest[d] = document.isTest;
      category[d] = categories.indexOf(document.category);
      contexts[d] = ids.get(document.reference);
      fingerprint.add(document.category + (document.isTest ? " test" : " train"));
      fingerprint.add(contexts[d]);
    }
    return new LabelledDocuments(categories, category, isTest, contexts, found, fingerprint.hex());
  }

  int size() {
    return category.length;
  }

  /** The units of a pass: every token of a document. */
  Units units() {
    int[][] unitOf = new int[size()][];
    for (int d = 0; d < unitOf.length; d++) {
      unitOf[d] = new int[contexts[d].length];
      Arrays.fill(unitOf[d], d);
    }
    return new Units(contexts, unitOf, size());
  }
}
