package dev.loupe.probing;

import dev.loupe.dictionary.Contract;
import dev.loupe.dictionary.Dictionary;
import dev.loupe.evaluate.Resamples;
import dev.loupe.evaluate.Series;
import dev.loupe.model.Hook;
import dev.loupe.tensor.Team;
import dev.loupe.text.Progress;
import dev.loupe.text.Source;
import dev.loupe.text.Split;
import dev.loupe.text.TokenCorpus;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * First-letter absorption (Chanin et al. 2024, arXiv 2409.14507; SAEBench, arXiv 2503.09532): how
 * often a dictionary's features of "begins with s" are silent on a word with s because a feature of
 * that word carries the direction ({@link AbsorptionRule}). Differs from SAEBench in what is read:
 * words where they stand in a corpus, not in a spelling prompt. Only letters count of which a dense
 * probe of the activations reaches F1 0.8 on words that it has not seen; of the others, and of
 * models without any, it is said that they cannot be measured. One pass of the language model
 * serves all dictionaries. Opens everything, runs, closes everything.
 *
 * <p>The probes read what a dictionary writes: for a transcoder the output of the MLP, to which its
 * decoder columns belong.
 */
public final class Absorption {
  private final ProbingSetup setup;
  private final long tokens;
  private final Progress progress;
  private final BooleanSupplier stop;

  private Absorption(ProbingSetup setup, long tokens, Progress progress, BooleanSupplier stop) {
    this.setup = setup;
    this.tokens = tokens;
    this.progress = progress;
    this.stop = stop;
  }

  /**
   * Measures a suite's dictionaries.
   *
   * @param tokens of held-out text among which words are looked for
   * @param stop asked now and then; once true, CancellationException
   */
  public static AbsorptionReport run(
      ProbingSetup setup, long tokens, Progress progress, BooleanSupplier stop) {
    return new Absorption(setup, tokens, progress, stop).run();
  }

  /** The words of a corpus, and how much text they are from. */
  private record Found(Words words, long documents, long tokens) {}

  private AbsorptionReport run() {
    try (ProbingSource source = ProbingSource.open(setup)) {
      source.dictionaries().forEach(Absorption::checkStandardised);
      Found found = find(source);
      Set<Hook> hooks = new TreeSet<>();
      List<Coder> coders = new ArrayList<>();
      for (Dictionary dictionary : source.dictionaries()) {
        hooks.add(dictionary.contract().hookOut());
        coders.add(new Coder(dictionary.name().toString(), dictionary));
      }
      try (UnitPass pass = new UnitPass(source.model(), found.words.units(), hooks, coders)) {
        pass.run(source.tokenizer().special(), setup.batchIds(), progress, stop);
        return measure(source, found, pass, hooks);
      }
    }
  }

  private static void checkStandardised(Dictionary dictionary) {
    if (dictionary.contract().form() != Contract.Form.STANDARDISED) {
      throw new IllegalArgumentException(
          "expected a standardised dictionary, whose decoder columns are unit vectors, got %s %s"
              .formatted(dictionary.name(), dictionary.contract().form().label()));
    }
  }

  private Found find(ProbingSource source) {
    try (TokenCorpus corpus =
        TokenCorpus.open(
            setup.corpus(),
            source.tokenizer(),
            setup
                .suite()
                .tokens(
                    Split.HELD_OUT,
                    tokens,
                    0,
                    setup.seed(),
                    setup.batchIds(),
                    setup.skipBadLines()),
            progress)) {
      Words words = Words.find(corpus, source.tokenizer(), setup.seed());
      return new Found(words, corpus.counts().documents(), corpus.countedTokens());
    }
  }

  private AbsorptionReport measure(
      ProbingSource source, Found found, UnitPass pass, Set<Hook> hooks) {
    Words words = found.words;
    Steps steps = new Steps(progress, stop, hooks.size() + source.dictionaries().size());
    Map<Hook, List<LetterProbe>> probes = new TreeMap<>();
    List<Hook> hookList = List.copyOf(hooks);
    List<List<LetterProbe>> ofHooks =
        Team.map(hookList, hook -> steps.done(probes(pass.activations(hook), words, steps)));
    IntStream.range(0, ofHooks.size()).forEach(i -> probes.put(hookList.get(i), ofHooks.get(i)));
    List<List<LetterAbsorption>> ofDictionaries =
        Team.map(
            source.dictionaries(),
            dictionary -> {
              Hook hook = dictionary.contract().hookOut();
              SparseTable codes = pass.codes(dictionary.name().toString());
              return steps.done(absorption(dictionary, codes, words, probes.get(hook), steps));
            });
    return report(source, found, probes, ofDictionaries);
  }

  private List<LetterProbe> probes(DenseTable activations, Words words, Steps steps) {
    List<LetterProbe> probes = new ArrayList<>();
    for (char letter = 'a'; letter <= 'z'; letter++) {
      steps.check();
      if (LetterProbe.isPossible(words, letter)) {
        probes.add(LetterProbe.fit(activations, words, letter));
      }
    }
    return probes;
  }

  private List<LetterAbsorption> absorption(
      Dictionary dictionary,
      SparseTable codes,
      Words words,
      List<LetterProbe> probes,
      Steps steps) {
    List<LetterAbsorption> letters = new ArrayList<>();
    for (LetterProbe probe : probes) {
      steps.check();
      if (probe.isMeasurable()) {
        letters.add(LetterAbsorption.of(codes, dictionary.weights(), words, probe));
      }
    }
    return letters;
  }

  private AbsorptionReport report(
      ProbingSource source,
      Found found,
      Map<Hook, List<LetterProbe>> probes,
      List<List<LetterAbsorption>> ofDictionaries) {
    Words words = found.words;
    SequencedMap<String, AbsorptionReport.OfHook> hooks = new LinkedHashMap<>();
    SequencedMap<String, AbsorptionReport.OfDictionary> dictionaries = new LinkedHashMap<>();
    int test = words.count(true);
    try (Resamples resamples =
        Resamples.draw(test, ProbingSetup.BOOTSTRAP_SAMPLES, setup.seed(), "absorption")) {
      WordScores scores = new WordScores(words, resamples);
      probes.forEach((hook, of) -> hooks.put(hook.toString(), ofHook(words, of, scores)));
      for (int i = 0; i < ofDictionaries.size(); i++) {
        Dictionary dictionary = source.dictionaries().get(i);
        dictionaries.put(
            dictionary.name().toString(), ofDictionary(dictionary, ofDictionaries.get(i), scores));
      }
    }
    return new AbsorptionReport(
        AbsorptionReport.FORMAT,
        setup.command(),
        setup.model().name(),
        source.model().fingerprint(),
        setup.corpus().sources().stream().map(Source::name).toList(),
        words.fingerprint(),
        found.documents,
        found.tokens,
        words.count(false),
        test,
        words.units().count(),
        ProbingSetup.BOOTSTRAP_SAMPLES,
        setup.seed(),
        AbsorptionReport.Rule.used(),
        hooks.values().stream().anyMatch(of -> of.measurable() > 0),
        hooks,
        dictionaries);
  }

  private static AbsorptionReport.OfHook ofHook(
      Words words, List<LetterProbe> probes, WordScores scores) {
    List<AbsorptionReport.Letter> letters = new ArrayList<>();
    for (char letter = 'a'; letter <= 'z'; letter++) {
      char wanted = letter;
      Optional<LetterProbe> probe = probes.stream().filter(p -> p.letter() == wanted).findFirst();
      letters.add(
          new AbsorptionReport.Letter(
              String.valueOf(letter),
              words.count(letter, false),
              words.count(letter, true),
              probe.map(scores::f1),
              probe.map(LetterProbe::isMeasurable).orElse(false)));
    }
    int measurable = (int) probes.stream().filter(LetterProbe::isMeasurable).count();
    return new AbsorptionReport.OfHook(measurable, letters);
  }

  private static AbsorptionReport.OfDictionary ofDictionary(
      Dictionary dictionary, List<LetterAbsorption> all, WordScores scores) {
    SequencedMap<String, AbsorptionReport.OfLetter> letters = new LinkedHashMap<>();
    List<Series> full = new ArrayList<>();
    List<Series> fraction = new ArrayList<>();
    for (LetterAbsorption of : all) {
      if (of.places().length == 0) {
        continue; // no feature is the letter's
      }
      full.add(scores.mean(of.places(), of.full()));
      fraction.add(scores.mean(of.places(), of.fraction()));
      letters.put(
          String.valueOf(of.letter()),
          new AbsorptionReport.OfLetter(
              IntStream.of(of.main().features()).boxed().toList(),
              of.main().f1(),
              scores.words(of.places()),
              of.places().length,
              Score.of(full.getLast()),
              Score.of(fraction.getLast()),
              absorbers(of.absorbers())));
    }
    return new AbsorptionReport.OfDictionary(
        dictionary.contract().hookOut().toString(),
        dictionary.features(),
        full.isEmpty() ? Optional.empty() : Optional.of(WordScores.mean(full)),
        fraction.isEmpty() ? Optional.empty() : Optional.of(WordScores.mean(fraction)),
        letters);
  }

  private static List<AbsorptionReport.Absorber> absorbers(Map<Integer, Integer> counts) {
    return counts.entrySet().stream()
        .map(of -> new AbsorptionReport.Absorber(of.getKey(), of.getValue()))
        .sorted(Comparator.comparingInt(absorber -> -absorber.places()))
        .toList();
  }
}
