package dev.loupe.train;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loupe.dictionary.Suite;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.TreeSet;

/** What differs between a run as it was begun and as it is to go on, in words. */
final class RunDifferences {
  private static final String SAME_OR_NEW =
      "; give what it was begun with, or train into another folder";

  private final List<String> found = new ArrayList<>();

  private RunDifferences() {}

  /**
   * Gives the manifest to go on with.
   *
   * @param step the next one
   * @throws IllegalArgumentException that names each difference, if the run cannot go on so
   */
  static Suite.Manifest resume(
      Suite.Manifest begun, Suite.Manifest now, long step, boolean inexact) {
    RunDifferences decisions = decisions(begun, now);
    RunDifferences places = places(lastPlace(begun), place(now, step));
    if (!decisions.found.isEmpty() || (!places.found.isEmpty() && !inexact)) {
      String way =
          decisions.found.isEmpty()
              ? "; --resume-inexact goes on all the same, and records it in suite.json"
              : SAME_OR_NEW;
      decisions.found.addAll(places.found);
      throw new IllegalArgumentException(decisions.told() + way);
    }
    return places.found.isEmpty() ? begun : begun.withInexactResume(place(now, step));
  }

  /** Refuses other options, model or corpus than a finished run's. */
  static void requireSame(Suite.Manifest begun, Suite.Manifest now) {
    RunDifferences decisions = decisions(begun, now);
    if (!decisions.found.isEmpty()) {
      throw new IllegalArgumentException(decisions.told() + SAME_OR_NEW);
    }
  }

  /** Refuses suites that were not trained as passes of one run, on machines of a kind. */
  static void requireParts(Suite.Manifest one, Suite.Manifest other) {
    Suite.Manifest alike = other.withParts(one.passes(), one.dictionaries(), List.of(), Map.of());
    RunDifferences all = decisions(one, alike);
    all.found.addAll(places(lastPlace(one), lastPlace(other)).found);
    all.add("buffer_tokens", one.bufferTokens(), other.bufferTokens());
    all.add("steps_done", one.stepsDone(), other.stepsDone());
    if (!all.found.isEmpty()) {
      throw new IllegalArgumentException(
          "expected parts of one run, got %s of one and %s of another: %s"
              .formatted(one.dictionaries(), other.dictionaries(), String.join("; ", all.found)));
    }
  }

  /** Refuses parts that a run with other options has made. */
  static void requireWanted(Suite.Manifest part, TrainingSetup whole) {
    RunDifferences all = new RunDifferences();
    all.add("model", part.model(), whole.model().name());
    all.add("recipe", part.recipe(), whole.recipes().json());
    all.add("tokens", part.tokens(), whole.tokens());
    all.add("seed", part.seed(), whole.seed());
    all.add("buffer_dtype", part.bufferDtype(), whole.buffer().dtype().torchName());
    all.add("lm_dtype", part.lmDtype(), whole.lmDtype().torchName());
    if (!all.found.isEmpty()) {
      throw new IllegalArgumentException(all.told() + SAME_OR_NEW);
    }
  }

  private String told() {
    return "expected the run as it was begun, got another: " + String.join("; ", found);
  }

  private static RunDifferences decisions(Suite.Manifest begun, Suite.Manifest now) {
    RunDifferences all = new RunDifferences();
    all.add(
        "model",
        named(begun.model(), begun.modelFingerprint(), now.modelFingerprint()),
        named(now.model(), now.modelFingerprint(), begun.modelFingerprint()));
    all.add("tokenizer", begun.tokenizerFingerprint(), now.tokenizerFingerprint());
    all.add("tokens", begun.tokens(), now.tokens());
    all.add("seed", begun.seed(), now.seed());
    all.add("buffer_dtype", begun.bufferDtype(), now.bufferDtype());
    all.add("lm_dtype", begun.lmDtype(), now.lmDtype());
    all.add("step (--step, --screening)", begun.step(), now.step());
    all.add("passes", begun.passes(), now.passes());
    all.add("dictionaries", begun.dictionaries(), now.dictionaries());
    all.add("token_policy", begun.tokenPolicy(), now.tokenPolicy());
    for (String key : keys(begun.recipe(), now.recipe())) {
      all.add("recipe's " + key, begun.recipe().path(key), now.recipe().path(key));
    }
    all.add("corpus", begun.corpus(), now.corpus());
    if (all.found.isEmpty()) { // the fingerprint is also one of the tokens, seed and recipe
      all.add(
          "corpus (its files, --epochs or --skip-bad-lines)",
          begun.corpusFingerprint(),
          now.corpusFingerprint());
    }
    return all;
  }

  /** A model by its name, or, where that does not tell it from the other, by its fingerprint. */
  private static String named(String model, String fingerprint, String other) {
    return fingerprint.equals(other) ? "" : "%s (%.12s…)".formatted(model, fingerprint);
  }

  private static NavigableSet<String> keys(JsonNode one, JsonNode other) {
    NavigableSet<String> keys = new TreeSet<>();
    one.fieldNames().forEachRemaining(keys::add);
    other.fieldNames().forEachRemaining(keys::add);
    return keys;
  }

  private static RunDifferences places(Suite.InexactResume begun, Suite.InexactResume now) {
    RunDifferences all = new RunDifferences();
    all.add("machine", begun.machine(), now.machine());
    all.add("threads", begun.threads(), now.threads());
    NavigableSet<String> parts = new TreeSet<>(begun.versions().keySet());
    parts.addAll(now.versions().keySet());
    for (String part : parts) {
      all.add(
          "version of " + part,
          begun.versions().getOrDefault(part, "none"),
          now.versions().getOrDefault(part, "none"));
    }
    return all;
  }

  /** Where the run was trained last. */
  private static Suite.InexactResume lastPlace(Suite.Manifest begun) {
    return begun.resumedInexactly().isEmpty()
        ? place(begun, 0)
        : begun.resumedInexactly().getLast();
  }

  private static Suite.InexactResume place(Suite.Manifest run, long step) {
    return new Suite.InexactResume(step, Map.copyOf(run.versions()), run.machine(), run.threads());
  }

  private void add(String what, Object begun, Object now) {
    if (!Objects.equals(begun, now)) {
      found.add("%s: expected %s, got %s".formatted(what, begun, now));
    }
  }
}
