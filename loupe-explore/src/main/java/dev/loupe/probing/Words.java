package dev.loupe.probing;

import dev.loupe.tensor.SeededRandom;
import dev.loupe.text.TokenCorpus;
import dev.loupe.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Words of a corpus that are one token: a space and Latin letters, with no letter behind. Seven of
 * ten words, by hash, are fitted on, the others tested on: a probe that has seen a word would know
 * its first letter by heart. Of each word some places are taken, by hash.
 *
 * @param letters the first letter of each word, in lower case // [words]
 * @param isTest whether a word is tested on // [words]
 * @param wordOf the word of each unit, of which there is one a place // [units]
 * @param units places, each of one token
 * @param fingerprint SHA-256, in hex, over the contexts and places
 */
@SuppressWarnings("ArrayRecordComponent") // a plain carrier; never compared
record Words(char[] letters, boolean[] isTest, int[] wordOf, Units units, String fingerprint) {
  /** The most places of a word. */
  static final int PLACES = 4;

  private static final int TEST_TENTHS = 3;

  /** A word in a context. */
  private record Place(int context, int position) {}

  /** Finds the words of all contexts of a corpus. Borrows both. */
  static Words find(TokenCorpus corpus, Tokenizer tokenizer, long seed) {
    return of(
        IntStream.range(0, corpus.contexts()).mapToObj(corpus::ids).toArray(int[][]::new),
        pieces(tokenizer),
        seed);
  }

  private static String[] pieces(Tokenizer tokenizer) {
    return IntStream.range(0, tokenizer.size()).mapToObj(tokenizer::piece).toArray(String[]::new);
  }

  /**
   * Finds the words of contexts.
   *
   * @param contexts ids, the begin id first
   * @param pieces the text of each id
   */
  static Words of(int[][] contexts, String[] pieces, long seed) {
    SeededRandom order = new SeededRandom(seed, "places of words");
    SeededRandom sides = new SeededRandom(seed, "words to test on");
    Map<Integer, List<Place>> found = places(contexts, pieces);
    List<Integer> ids = List.copyOf(found.keySet());
    char[] letters = new char[ids.size()];
    boolean[] isTest = new boolean[ids.size()];
    List<Place> chosen = new ArrayList<>();
    List<Integer> wordOf = new ArrayList<>();
    for (int word = 0; word < letters.length; word++) {
      letters[word] = Character.toLowerCase(pieces[ids.get(word)].charAt(1));
      isTest[word] = sides.below(ids.get(word), 10) < TEST_TENTHS;
      List<Place> some =
          found.get(ids.get(word)).stream()
              .sorted(
                  Comparator.comparingLong(
                      place -> order.bits((long) place.context << Integer.SIZE | place.position)))
              .limit(PLACES)
              .toList();
      chosen.addAll(some);
      for (int i = 0; i < some.size(); i++) {
        wordOf.add(word);
      }
    }
    int[] words = wordOf.stream().mapToInt(Integer::intValue).toArray();
    Fingerprint fingerprint = new Fingerprint();
    Units units = units(contexts, chosen, fingerprint);
    return new Words(letters, isTest, words, units, fingerprint.hex());
  }

  /** Of each id that is a word, in the order of ids, where it stands as one. */
  private static Map<Integer, List<Place>> places(int[][] contexts, String[] pieces) {
    boolean[] isWord = new boolean[pieces.length];
    boolean[] goesOn = new boolean[pieces.length];
    for (int id = 0; id < pieces.length; id++) {
      isWord[id] = pieces[id].matches(" [A-Za-z]+");
      // a part of a character may be one of a letter
      goesOn[id] = pieces[id].matches("(?s)[\\p{L}\\p{M}\uFFFD].*");
    }
    Map<Integer, List<Place>> found = new TreeMap<>();
    for (int context = 0; context < contexts.length; context++) {
      int[] ids = contexts[context];
      for (int position = 1; position + 1 < ids.length; position++) {
        if (isWord[ids[position]] && !goesOn[ids[position + 1]]) {
          found
              .computeIfAbsent(ids[position], _ -> new ArrayList<>())
              .add(new Place(context, position));
        }
      }
    }
    return found;
  }

  /** One unit for each place, in their order, of the contexts that have any. */
  private static Units units(int[][] contexts, List<Place> places, Fingerprint fingerprint) {
    Map<Integer, int[]> unitOf = new TreeMap<>();
    for (int unit = 0; unit < places.size(); unit++) {
      Place place = places.get(unit);
      unitOf
              .computeIfAbsent(
                  place.context,
                  context -> {
                    int[] none = new int[contexts[context].length];
                    Arrays.fill(none, -1);
                    return none;
                  })[place.position] =
          unit;
    }
    unitOf.forEach((context, of) -> {
      fingerprint.add(contexts[context]);
      fingerprint.add(of);
    });
    return new Units(
        unitOf.keySet().stream().map(context -> contexts[context]).toArray(int[][]::new),
        unitOf.values().toArray(int[][]::new),
        places.size());
  }

  /** Units of words on one side, in their order. */
  int[] units(boolean test) {
    return IntStream.range(0, wordOf.length).filter(u -> isTest[wordOf[u]] == test).toArray();
  }

  /** For each unit whether its word begins with a letter. */
  boolean[] labels(int[] some, char letter) {
    boolean[] labels = new boolean[some.length];
    for (int i = 0; i < some.length; i++) {
      labels[i] = letters[wordOf[some[i]]] == letter;
    }
    return labels;
  }

  /** Words on one side that begin with a letter. */
  int count(char letter, boolean test) {
    return (int)
        IntStream.range(0, letters.length)
            .filter(word -> letters[word] == letter && isTest[word] == test)
            .count();
  }

  /** Words on one side. */
  int count(boolean test) {
    return (int) IntStream.range(0, isTest.length).filter(word -> isTest[word] == test).count();
  }
}
