package dev.loupe.search;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.FeatureName;
import dev.loupe.notes.Entry;
import dev.loupe.notes.FeatureNotes;
import dev.loupe.store.TokenColumns;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the features whose words, or whose explanation, mean most nearly what a text means: by the
 * cosine of their embeddings.
 */
public final class SemanticSearch {
  private final SemanticIndex index;
  private final float[] query;
  private final BestHits best;

  /**
   * A search, to be led through dictionaries.
   *
   * @param text whose meaning is looked for; 1 to 400 characters
   * @param limit how many of the best are kept
   */
  public SemanticSearch(SemanticIndex index, String text, int limit) {
    if (text.isBlank() || text.length() > Query.LONGEST) {
      throw new IllegalArgumentException(
          "expected words of 1 to %d characters, got %d".formatted(Query.LONGEST, text.length()));
    }
    this.index = index;
    this.query = index.embed(text.strip());
    this.best = new BestHits(limit);
  }

  /**
   * Looks through a dictionary; finds nothing but explanations before it is indexed.
   *
   * @param notes about its features
   */
  public void in(DictionaryName name, TokenColumns tokens, Map<Integer, FeatureNotes> notes) {
    Map<Integer, Hit> written = new HashMap<>();
    notes.forEach((feature, all) ->
        all.explanation()
            .map(Entry::text)
            .filter(text -> !text.isBlank())
            .ifPresent(text -> written.put(feature, explained(name, feature, text))));
    index
        .of(name)
        .ifPresent(embeddings ->
            embeddings.similarities(
                query,
                (feature, cosine) -> {
                  Hit explained = written.get(feature);
                  if (explained != null && explained.score() >= cosine) {
                    return;
                  }
                  written.remove(feature);
                  if (best.wants(cosine)) {
                    String words = FeatureWords.of(tokens, feature);
                    best.add(
                        new Hit(
                            new FeatureName(name, feature), Hit.Field.WORDS, words, 0, 0, cosine));
                  }
                }));
    written.values().forEach(best::add);
  }

  private Hit explained(DictionaryName name, int feature, String text) {
    float[] vector = index.embed(text);
    double cosine = 0;
    for (int i = 0; i < vector.length; i++) {
      cosine += query[i] * vector[i];
    }
    return new Hit(new FeatureName(name, feature), Hit.Field.EXPLANATION, text, 0, 0, cosine);
  }

  /** The best found so far, best first; scores are cosines. */
  public List<Hit> hits() {
    return best.sorted();
  }
}
