package dev.loupe.search;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.FeatureName;
import dev.loupe.notes.Entry;
import dev.loupe.notes.FeatureNotes;
import dev.loupe.store.TokenColumns;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds features that have all terms of a query in what was written about them, or in the tokens
 * that they fire on or make likely.
 */
public final class ExactSearch {
  private final Query query;
  private final Duration time;
  private final BestHits best;

  /**
   * A search, to be led through dictionaries.
   *
   * @param time that each dictionary may take
   * @param limit how many of the best are kept
   */
  public ExactSearch(Query query, Duration time, int limit) {
    this.query = query;
    this.time = time;
    this.best = new BestHits(limit);
  }

  /**
   * Looks through a dictionary; IllegalArgumentException where that takes too long.
   *
   * @param notes about its features
   * @param said of its features by machine; of one that has an explanation among the notes it does
   *     not count
   */
  public void in(
      DictionaryName name,
      TokenColumns tokens,
      Map<Integer, FeatureNotes> notes,
      Map<Integer, String> said) {
    Deadline deadline = new Deadline(time);
    List<Map<Integer, int[]>> places = new ArrayList<>(); // of each term, in the texts of ids
    for (Query.Term term : query.terms()) {
      Map<Integer, int[]> found = new HashMap<>();
      tokens
          .texts()
          .forEach(
              (id, text) -> term.find(text, deadline).ifPresent(place -> found.put(id, place)));
      places.add(found);
    }
    int features = tokens.tokens().length / TokenColumns.TOKENS;
    for (int feature = 0; feature < features; feature++) {
      FeatureName full = new FeatureName(name, feature);
      Optional<FeatureNotes> own = Optional.ofNullable(notes.get(feature));
      Optional<String> explanation =
          own.flatMap(FeatureNotes::explanation)
              .map(Entry::text)
              .or(() -> Optional.ofNullable(said.get(full.feature())));
      find(full, tokens, own, explanation, places, deadline).ifPresent(best::add);
    }
  }

  /** The hit of the first term, if all terms are found. */
  private Optional<Hit> find(
      FeatureName feature,
      TokenColumns tokens,
      Optional<FeatureNotes> notes,
      Optional<String> explanation,
      List<Map<Integer, int[]>> places,
      Deadline deadline) {
    Optional<Hit> first = Optional.empty();
    double score = 0;
    for (int i = 0; i < places.size(); i++) {
      Optional<Hit> hit =
          term(feature, tokens, notes, explanation, query.terms().get(i), places.get(i), deadline);
      if (hit.isEmpty()) {
        return Optional.empty();
      }
      first = first.isEmpty() ? hit : first;
      score += hit.get().score();
    }
    Hit hit = first.orElseThrow();
    return Optional.of(
        new Hit(feature, hit.field(), hit.text(), hit.start(), hit.end(), score / places.size()));
  }

  private static Optional<Hit> term(
      FeatureName feature,
      TokenColumns tokens,
      Optional<FeatureNotes> notes,
      Optional<String> explanation,
      Query.Term term,
      Map<Integer, int[]> places,
      Deadline deadline) {
    return explanation
        .flatMap(text -> text(feature, Hit.Field.EXPLANATION, text, term, deadline))
        .or(() -> notes.flatMap(all -> written(feature, all, term, deadline)))
        .or(() -> token(feature, tokens, places, Hit.Field.TOKEN))
        .or(() -> token(feature, tokens, places, Hit.Field.LOGIT));
  }

  private static Optional<Hit> written(
      FeatureName feature, FeatureNotes notes, Query.Term term, Deadline deadline) {
    return notes.tags().stream()
        .flatMap(tag -> text(feature, Hit.Field.TAG, tag, term, deadline).stream())
        .findFirst()
        .or(() ->
            notes.notes().stream()
                .map(Entry::text)
                .flatMap(text -> text(feature, Hit.Field.NOTE, text, term, deadline).stream())
                .findFirst());
  }

  private static Optional<Hit> text(
      FeatureName feature, Hit.Field field, String text, Query.Term term, Deadline deadline) {
    return term.find(text, deadline)
        .map(place -> new Hit(feature, field, text, place[0], place[1], score(field, 0)));
  }

  private static Optional<Hit> token(
      FeatureName feature, TokenColumns tokens, Map<Integer, int[]> places, Hit.Field field) {
    boolean fires = field == Hit.Field.TOKEN;
    int[] ids = fires ? tokens.tokens() : tokens.top();
    int each = fires ? TokenColumns.TOKENS : TokenColumns.LOGITS;
    for (int rank = 0; rank < each; rank++) {
      int id = ids[feature.feature() * each + rank];
      int[] place = places.get(id);
      if (place != null) {
        String text = tokens.texts().get(id);
        // a whole token is nearer to what was asked for than a part of one
        int length = text.strip().codePointCount(0, text.strip().length());
        double whole = (place[1] - place[0]) / (double) Math.max(1, length);
        return Optional.of(
            new Hit(feature, field, text, place[0], place[1], score(field, rank) + whole * 0.5));
      }
    }
    return Optional.empty();
  }

  /** What was written counts more than tokens, the first token more than the next. */
  private static double score(Hit.Field field, int rank) {
    return field.weight() - rank / 40.0;
  }

  /** The best found so far, best first. */
  public List<Hit> hits() {
    return best.sorted();
  }
}
