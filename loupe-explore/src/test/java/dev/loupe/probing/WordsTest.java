package dev.loupe.probing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which tokens are words, and on which side they are. */
final class WordsTest {
  private static final String[] PIECES = {
    "<s>", " sea", "side", ".", " S", " 3", " é", "sea", " zoo", "\uFFFD", "'s"
  };

  private static Words words(int[]... contexts) {
    return Words.of(contexts, PIECES, 0);
  }

  @Test
  void aWordIsASpaceAndLettersWithNoLetterBehind() {
    Words words =
        words(
            new int[] {0, 1, 3, 1, 2, 3}, // " sea." is one, " seaside" is none
            new int[] {0, 4, 5, 6, 7, 3}, // " S 3" is one; digits, é and no space are none
            new int[] {0, 8, 9, 8, 10, 8}); // before half a letter: none; at the end: none
    assertThat(words.letters()).containsExactly('s', 's', 'z');
    assertThat(words.wordOf()).containsExactly(0, 1, 2);
    assertThat(words.units().unitOf())
        .isDeepEqualTo(
            new int[][] {
              {-1, 0, -1, -1, -1, -1}, {-1, 1, -1, -1, -1, -1}, {-1, -1, -1, 2, -1, -1}
            });
  }

  @Test
  void contextsWithoutWordsAreNotRead() {
    Words words = words(new int[] {0, 3, 3}, new int[] {0, 1, 3});
    assertThat(words.units().contexts()).isDeepEqualTo(new int[][] {{0, 1, 3}});
  }

  @Test
  void atMostSomePlacesOfAWordAreTaken() {
    int[][] contexts = new int[40][];
    Arrays.setAll(contexts, _ -> new int[] {0, 1, 3, 8, 3});
    Words words = words(contexts);
    assertThat(words.units().count()).isEqualTo(2 * Words.PLACES);
    assertThat(words.wordOf()).containsExactly(0, 0, 0, 0, 1, 1, 1, 1);
  }

  @Test
  void aWordIsOnOneSide() {
    String[] pieces = new String[1_001];
    int[][] contexts = new int[1_000][];
    pieces[0] = ".";
    for (int word = 1; word <= 1_000; word++) {
      pieces[word] = " " + (char) ('a' + word % 26) + "word";
      contexts[word - 1] = new int[] {0, word, 0, word, 0};
    }
    Words words = Words.of(contexts, pieces, 7);
    assertThat(words.count(true)).isBetween(250, 350);
    assertThat(words.count(true) + words.count(false)).isEqualTo(1_000);
    int[] train = words.units(false);
    int[] test = words.units(true);
    assertThat(train.length + test.length).isEqualTo(2_000);
    assertThat(IntStream.of(train).map(u -> words.wordOf()[u]).distinct().toArray())
        .doesNotContain(IntStream.of(test).map(u -> words.wordOf()[u]).distinct().toArray());
    assertThat(Words.of(contexts, pieces, 7).fingerprint()).isEqualTo(words.fingerprint());
    assertThat(Words.of(contexts, pieces, 8).fingerprint()).isNotEqualTo(words.fingerprint());
  }
}
