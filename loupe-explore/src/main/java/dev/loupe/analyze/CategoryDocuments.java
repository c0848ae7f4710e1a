package dev.loupe.analyze;

import dev.loupe.activation.CorpusContexts;
import dev.loupe.tensor.SeededRandom;
import dev.loupe.text.CorpusSpec;
import dev.loupe.text.DocumentReader;
import dev.loupe.text.DocumentReference;
import dev.loupe.text.Split;
import dev.loupe.text.TokenCorpus;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The documents of a corpus that carry a {@code category} (or {@code meta.category}): the ground
 * truth against which features are held. Only held-out documents count, since neither model nor
 * dictionaries have seen them; at most {@link #MOST} of them, chosen by hash. Half of them choose,
 * the others score.
 *
 * <p>Left out are categories that say nothing of meaning (WordNet's {@code adj.*}, {@code adv.all}
 * and {@code noun.Tops}: parts of speech and tops of trees) and those with fewer than {@link
 * #LEAST} documents; their documents stay, as negatives.
 *
 * @param names of the categories, sorted
 * @param categories for each document its category; -1 for another one // [documents]
 * @param scores for each document whether it scores, and does not choose // [documents]
 * @param contextDocuments for each context of the corpus its document here, or -1 // [contexts]
 */
@SuppressWarnings("ArrayRecordComponent") // a plain carrier of columns; never compared
public record CategoryDocuments(
    List<String> names, int[] categories, boolean[] scores, int[] contextDocuments) {
  static final int MOST = 16_384;
  static final int LEAST = 50;

  private static final String LEFT_OUT = "adj\\..*|adv\\.all|noun\\.Tops";

  /** Reads the metadata of the documents that the corpus has drawn. */
  public static CategoryDocuments read(
      CorpusSpec spec, TokenCorpus corpus, CorpusContexts contexts) {
    Map<DocumentReference, Integer> numbers = numbers(corpus, contexts);
    Map<DocumentReference, String> found = new HashMap<>();
    DocumentReader reader = new DocumentReader(spec, true);
    for (int source = 0; source < spec.sources().size(); source++) {
      reader.forEach(
          source,
          numbers::containsKey,
          document -> {
            String category = document.category();
            if (!category.isEmpty() && Split.HELD_OUT.accepts(document)) {
              found.put(document.reference(), category);
            }
          });
    }
    return of(found, numbers, contexts);
  }

  /** No documents of the corpus. */
  static CategoryDocuments none(CorpusContexts contexts) {
    return of(Map.of(), Map.of(), contexts);
  }

  private static Map<DocumentReference, Integer> numbers(
      TokenCorpus corpus, CorpusContexts contexts) {
    Map<DocumentReference, Integer> numbers = new HashMap<>();
    for (int context = 0; context < contexts.size(); context++) {
      numbers.put(corpus.document(context), contexts.document(context));
    }
    return numbers;
  }

  /**
   * Of categories by document.
   *
   * @param numbers the number of each document among the contexts
   */
  static CategoryDocuments of(
      Map<DocumentReference, String> found,
      Map<DocumentReference, Integer> numbers,
      CorpusContexts contexts) {
    List<DocumentReference> chosen =
        found.keySet().stream()
            .sorted(Comparator.comparingLong(d -> hash(d, "documents with a category")))
            .limit(MOST)
            .sorted(Comparator.comparing(numbers::get))
            .toList();
    Map<String, Integer> counts = new TreeMap<>();
    chosen.forEach(document -> counts.merge(found.get(document), 1, Integer::sum));
    List<String> names = new ArrayList<>();
    counts.forEach((name, count) -> {
      if (count >= LEAST && !name.matches(LEFT_OUT)) {
        names.add(name);
      }
    });
    int[] here = new int[contexts.documents()];
    Arrays.fill(here, -1);
    int[] categories = new int[chosen.size()];
    boolean[] scores = new boolean[chosen.size()];
    for (int d = 0; d < categories.length; d++) {
      categories[d] = names.indexOf(found.get(chosen.get(d)));
      scores[d] = Halves.isInHalfB(chosen.get(d));
      here[numbers.get(chosen.get(d))] = d;
    }
    int[] contextDocuments = new int[contexts.size()];
    for (int context = 0; context < contextDocuments.length; context++) {
      contextDocuments[context] = here[contexts.document(context)];
    }
    return new CategoryDocuments(List.copyOf(names), categories, scores, contextDocuments);
  }

  private static long hash(DocumentReference document, String purpose) {
    SeededRandom file =
        new SeededRandom(0, purpose + " " + document.source() + "/" + document.file());
    return file.bits(document.row()) >>> 1;
  }

  /** Whether there is anything to be searched for. */
  public boolean isEmpty() {
    return names.isEmpty();
  }

  int size() {
    return categories.length;
  }

  /** Documents of each category in one half. */
  int[] counts(boolean scoring) {
    int[] counts = new int[names.size()];
    for (int d = 0; d < categories.length; d++) {
      if (scores[d] == scoring && categories[d] >= 0) {
        counts[categories[d]]++;
      }
    }
    return counts;
  }
}
