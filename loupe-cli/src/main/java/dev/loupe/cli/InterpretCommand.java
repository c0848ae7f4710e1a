package dev.loupe.cli;

import dev.loupe.analyze.Analysis;
import dev.loupe.analyze.AnalysisSetup;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Suite;
import dev.loupe.interpret.CategoryExplainer;
import dev.loupe.interpret.CorpusWindows;
import dev.loupe.interpret.EmbeddingScorer;
import dev.loupe.interpret.Explainer;
import dev.loupe.interpret.InterpretSetup;
import dev.loupe.interpret.InterpretSummary;
import dev.loupe.interpret.Interpretation;
import dev.loupe.interpret.JudgeExplainer;
import dev.loupe.interpret.JudgedExplainer;
import dev.loupe.interpret.JudgedScorer;
import dev.loupe.interpret.Rehearsal;
import dev.loupe.interpret.RubricScorer;
import dev.loupe.interpret.RuleExplainer;
import dev.loupe.interpret.RuleScorer;
import dev.loupe.interpret.Scorer;
import dev.loupe.interpret.TokenExplainer;
import dev.loupe.judge.AnswerCache;
import dev.loupe.judge.CostEstimate;
import dev.loupe.judge.EndpointJudge;
import dev.loupe.judge.Judge;
import dev.loupe.judge.Price;
import dev.loupe.judge.Spending;
import dev.loupe.judge.TokenEstimate;
import dev.loupe.store.FeatureStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code loupe interpret}. */
@Command(
    name = "interpret",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Puts features into words, from the feature store alone, and tests the words on examples"
            + " that they were not made from.",
    footer = {
      "",
      "Example: ./loupe interpret runs/demo --only L3R-8x",
      "         ./loupe interpret runs/demo --only L3R-8x --features 200 --scorers rule",
      "         ./loupe interpret runs/demo --only L3R-8x --features 100 --explainer highlights"
          + " --scorers detection,fuzzing --judge http://127.0.0.1:8080/v1 --judge-model NAME",
      "Explanations and scores go to SUITE/explanations and are shown by serve, search and exports."
          + " The same command goes on with a run that was ended, and does nothing twice."
    })
final class InterpretCommand implements Callable<Integer> {
  @Parameters(paramLabel = "SUITE", description = "the suite's folder")
  private Path suite = Path.of("");

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "NAME",
      description = "some of the suite's dictionaries (default: all that are analysed)")
  private List<String> only = List.of();

  @Option(
      names = "--explainer",
      split = ",",
      paramLabel = "E",
      defaultValue = "rules,category,tokens",
      description =
          "how: rules (tokens, n-grams, words), category (of documents), tokens (with logits);"
              + " with a judge paper (strongest contexts, Llama Scope's protocol), highlights"
              + " (examples of all strengths), logits; rules are always made (default:"
              + " ${DEFAULT-VALUE})")
  private List<String> explainers = List.of();

  @Option(
      names = "--scorers",
      split = ",",
      paramLabel = "S",
      defaultValue = "embedding,rule",
      description =
          "tests: embedding (a local model), rule (what rules predict); surprisal (of"
              + " --surprisal-model); with a judge detection, fuzzing, intruder, simulation,"
              + " rubric; none (default: ${DEFAULT-VALUE})")
  private List<String> scorers = List.of();

  @Option(
      names = "--features",
      paramLabel = "F|N",
      defaultValue = "all",
      description =
          "all, how many of each dictionary (drawn by the seed among those that fire), or"
              + " L3R-8x/7,L3R-8x/9 for those (default: ${DEFAULT-VALUE})")
  private String features = "all";

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "of what is drawn (default: ${DEFAULT-VALUE})")
  private long seed;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "that work (default: all processors)")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--surprisal-model",
      paramLabel = "M",
      defaultValue = "demo",
      description =
          "a causal language model on this machine that surprisal asks (default:"
              + " ${DEFAULT-VALUE})")
  private String surprisalModel = "demo";

  @Mixin private JudgeOptions judge = new JudgeOptions();

  @Mixin private OutputOptions output = new OutputOptions();

  @Override
  public Integer call() {
    Suite opened = Suite.open(suite);
    ChosenFeatures chosen = ChosenFeatures.parse(features);
    List<DictionaryName> names = names(opened, chosen);
    if (!judge.isGiven() && judge.estimate()) {
      throw new IllegalArgumentException("expected --judge beside --estimate, got none");
    }
    if (!judge.isGiven()) {
      interpret(opened, chosen, names, Optional.empty());
      return 0;
    }
    Map<DictionaryName, CostEstimate> estimates = estimates(opened, chosen, names, judge.price());
    if (judge.estimate()) {
      output.print(estimates, () -> EstimateText.of(estimates));
      return 0;
    }
    output.note(EstimateText.of(estimates));
    try (EndpointJudge endpoint =
        EndpointJudge.open(judge.setup(AnswerCache.folder(opened.directory())))) {
      try {
        interpret(opened, chosen, names, Optional.of(stoppable(endpoint)));
      } finally {
        output.note(spending(endpoint.spending()));
      }
    }
    return 0;
  }

  /** Ends between two questions when the user wants to stop. */
  private static Judge stoppable(Judge judge) {
    return question -> {
      if (Interrupts.requested()) {
        throw new CancellationException("stopped; the same command goes on");
      }
      return judge.ask(question);
    };
  }

  private static String spending(Spending spending) {
    return "The judge was asked %,d questions, %,d more were in the cache; spent: %s"
        .formatted(spending.calls(), spending.cacheHits(), EstimateText.money(spending.price()));
  }

  private void interpret(
      Suite opened, ChosenFeatures chosen, List<DictionaryName> names, Optional<Judge> asked) {
    Map<DictionaryName, InterpretSummary> done = new LinkedHashMap<>();
    try (ConsoleProgress progress = new ConsoleProgress();
        LocalModels models = new LocalModels(scorers, surprisalModel)) {
      for (DictionaryName name : names) {
        InterpretSetup setup = setup(opened, chosen, name, asked, models);
        done.put(name, Interpretation.run(setup, progress, Interrupts::requested));
      }
    }
    output.print(done, () -> InterpretText.of(suite, done));
  }

  private Map<DictionaryName, CostEstimate> estimates(
      Suite opened, ChosenFeatures chosen, List<DictionaryName> names, Price price) {
    Map<DictionaryName, CostEstimate> estimates = new LinkedHashMap<>();
    try (LocalModels none = new LocalModels(List.of(), surprisalModel)) {
      for (DictionaryName name : names) {
        Rehearsal rehearsal = new Rehearsal();
        InterpretSetup setup = setup(opened, chosen, name, Optional.of(rehearsal), none);
        Rehearsal.Questions asked = rehearsal.of(setup);
        estimates.put(
            name, CostEstimate.of(asked.questions(), asked.features(), new TokenEstimate(), price));
      }
    }
    return estimates;
  }

  private InterpretSetup setup(
      Suite opened,
      ChosenFeatures chosen,
      DictionaryName name,
      Optional<Judge> asked,
      LocalModels models) {
    return new InterpretSetup(
        opened,
        name,
        explainers(name, asked),
        scorers(opened, name, asked, models),
        chosen.of(name),
        chosen.most(),
        seed,
        asked.isPresent() ? Math.max(threads, judge.calls()) : threads);
  }

  private List<DictionaryName> names(Suite opened, ChosenFeatures chosen) {
    List<DictionaryName> wanted =
        chosen.names().isEmpty()
            ? only.stream().map(DictionaryName::parse).toList()
            : chosen.names();
    wanted.forEach(opened::folder); // refuses names that the suite lacks
    List<DictionaryName> names = wanted.isEmpty() ? opened.names() : wanted;
    List<DictionaryName> analysed =
        names.stream()
            .filter(name ->
                FeatureStore.isWritten(AnalysisSetup.features(opened).resolve(name.toString())))
            .toList();
    if (analysed.isEmpty() || (!wanted.isEmpty() && analysed.size() < wanted.size())) {
      throw new IllegalArgumentException(
          "expected analysed dictionaries, got none of %s; ./loupe analyze writes the store"
              .formatted(names.stream().filter(n -> !analysed.contains(n)).toList()));
    }
    return analysed;
  }

  private List<Explainer> explainers(DictionaryName dictionary, Optional<Judge> asked) {
    List<Explainer> all = new ArrayList<>();
    all.add(new RuleExplainer());
    for (String name : explainers) {
      switch (name) {
        case "rules" -> {} // always made
        case "category" -> all.add(new CategoryExplainer());
        case "tokens" -> all.add(new TokenExplainer());
        case "paper", "highlights", "logits" ->
            all.add(
                new JudgedExplainer(
                    JudgeExplainer.valueOf(name.toUpperCase(Locale.ROOT)),
                    dictionary,
                    needed(name, asked),
                    judge.model()));
        default ->
            throw new IllegalArgumentException(
                "expected an explainer of rules, category, tokens, paper, highlights, logits, got '"
                    + name
                    + "'");
      }
    }
    return all;
  }

  private static Judge needed(String what, Optional<Judge> asked) {
    return asked.orElseThrow(
        () -> new IllegalArgumentException("expected --judge URL for " + what + ", got none"));
  }

  private static CorpusWindows windows(Suite opened, DictionaryName dictionary) {
    try (FeatureStore store = Analysis.open(opened, dictionary)) {
      return CorpusWindows.of(store);
    }
  }

  /** New ones for each dictionary: they remember its windows. */
  private List<Scorer> scorers(
      Suite opened, DictionaryName dictionary, Optional<Judge> asked, LocalModels models) {
    List<Scorer> all = new ArrayList<>();
    for (String name : scorers) {
      switch (name) {
        case "embedding" ->
            models.embedding().ifPresent(model -> all.add(new EmbeddingScorer(model, seed)));
        case "surprisal" -> models.surprisal(seed).ifPresent(all::add);
        case "rule" -> all.add(new RuleScorer(windows(opened, dictionary)));
        case "rubric" -> all.add(new RubricScorer(dictionary, needed(name, asked), judge.model()));
        case "detection", "fuzzing", "intruder", "simulation" ->
            all.add(
                new JudgedScorer(
                    JudgedScorer.Test.valueOf(name.toUpperCase(Locale.ROOT)),
                    dictionary,
                    needed(name, asked),
                    judge.model(),
                    seed));
        case "none" -> {}
        default ->
            throw new IllegalArgumentException(
                "expected a scorer of embedding, rule, surprisal, detection, fuzzing, intruder,"
                    + " simulation, rubric, none, got '"
                    + name
                    + "'");
      }
    }
    return all;
  }
}
