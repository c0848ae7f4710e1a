package dev.loupe.probing;

import dev.loupe.dictionary.Dictionary;
import dev.loupe.evaluate.Resamples;
import dev.loupe.model.Hook;
import dev.loupe.tensor.Team;
import dev.loupe.text.Progress;
import dev.loupe.text.Source;
import dev.loupe.text.Split;
import java.util.ArrayList;
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
 * Sparse probing (Gurnee et al. 2023, arXiv 2305.01610; in the form of SAEBench, arXiv 2503.09532,
 * section 4): how well the categories of documents can be told from k features of a dictionary, in
 * mean over the counted tokens of a document, beside the whole mean activation (dense), k of its
 * dimensions (neurons), and k features of an untrained dictionary (random). One pass of the
 * language model serves all dictionaries. Opens everything, runs, closes everything.
 */
public final class Probing {
  private static final String RANDOM = " random";

  private final ProbingSetup setup;
  private final Request request;
  private final Progress progress;
  private final BooleanSupplier stop;

  /**
   * What to probe with.
   *
   * @param documents that are read, 1 of 5 of them held out
   * @param ks how many columns sparse probes read, ascending
   * @param random whether to hold dictionaries against untrained ones
   * @param floor a report on the same documents of a suite whose model knows nothing
   */
  public record Request(
      int documents, List<Integer> ks, boolean random, Optional<ProbingReport> floor) {
    public Request {
      if (documents < 1) {
        throw new IllegalArgumentException("expected 1 or more documents, got " + documents);
      }
      ks = ks.stream().distinct().sorted().toList();
      if (ks.isEmpty() || ks.getFirst() < 1) {
        throw new IllegalArgumentException("expected a k of 1 or more, got " + ks);
      }
    }
  }

  private Probing(ProbingSetup setup, Request request, Progress progress, BooleanSupplier stop) {
    this.setup = setup;
    this.request = request;
    this.progress = progress;
    this.stop = stop;
  }

  /**
   * Probes a suite's dictionaries.
   *
   * @param stop asked now and then; once true, CancellationException
   */
  public static ProbingReport run(
      ProbingSetup setup, Request request, Progress progress, BooleanSupplier stop) {
    return new Probing(setup, request, progress, stop).run();
  }

  private ProbingReport run() {
    try (ProbingSource source = ProbingSource.open(setup)) {
      checkWidths(source.dictionaries());
      int context = setup.suite().tokens(Split.ALL, 1, 0, setup.seed(), 1, false).context();
      LabelledDocuments documents =
          LabelledDocuments.read(
              setup.corpus(),
              source.tokenizer(),
              request.documents(),
              context,
              setup.seed(),
              setup.skipBadLines());
      List<Task> tasks = tasks(documents);
      checkFloor(documents);
      return withRandom(source, coders -> probe(source, coders, documents, tasks, context));
    }
  }

  private void checkWidths(List<Dictionary> dictionaries) {
    int most = request.ks().getLast();
    for (Dictionary dictionary : dictionaries) {
      long least = Math.min(dictionary.features(), dictionary.weights().inputSize());
      if (most > least) {
        throw new IllegalArgumentException(
            "expected a k of at most %d (features and dimensions of %s), got %d"
                .formatted(least, dictionary.name(), most));
      }
    }
  }

  private List<Task> tasks(LabelledDocuments documents) {
    List<Task> tasks = Task.of(documents, setup.seed());
    if (tasks.isEmpty()) {
      throw new IllegalArgumentException(
          "expected a category with %d training and %d held-out documents, got none among %,d documents; give more with --documents"
              .formatted(Task.LEAST_TRAIN, Task.LEAST_TEST, documents.size()));
    }
    return tasks;
  }

  private void checkFloor(LabelledDocuments documents) {
    request
        .floor()
        .ifPresent(floor -> {
          if (!floor.documentsFingerprint().equals(documents.fingerprint())
              || !floor.k().containsAll(request.ks())) {
            throw new IllegalArgumentException(
                "expected a floor that was probed on the same documents with k = %s, got others with k = %s; give both runs the same --corpus, --documents, --k and --seed"
                    .formatted(request.ks(), floor.k()));
          }
        });
  }

  /** Work on the dictionaries and, where wanted, their untrained likes. */
  private interface Work {
    ProbingReport on(List<Coder> coders);
  }

  private ProbingReport withRandom(ProbingSource source, Work work) {
    List<Dictionary> owned = new ArrayList<>();
    try {
      List<Coder> coders = new ArrayList<>();
      for (Dictionary dictionary : source.dictionaries()) {
        coders.add(new Coder(dictionary.name().toString(), dictionary));
        if (request.random()) {
          RandomDictionary.like(dictionary, setup.seed())
              .ifPresent(random -> {
                owned.add(random);
                coders.add(new Coder(dictionary.name() + RANDOM, random));
              });
        }
      }
      return work.on(coders);
    } finally {
      owned.forEach(Dictionary::close);
    }
  }

  private ProbingReport probe(
      ProbingSource source,
      List<Coder> coders,
      LabelledDocuments documents,
      List<Task> tasks,
      int context) {
    Set<Hook> hooks = new TreeSet<>();
    coders.forEach(coder -> hooks.add(coder.dictionary().contract().hookIn()));
    Map<Hook, List<List<TaskProbe>>> ofHooks = new TreeMap<>();
    Map<String, List<List<TaskProbe>>> ofCoders = new TreeMap<>();
    try (UnitPass pass = new UnitPass(source.model(), documents.units(), hooks, coders)) {
      pass.run(source.tokenizer().special(), setup.batchIds(), progress, stop);
      Steps steps = new Steps(progress, stop, hooks.size() + coders.size());
      List<Hook> hookList = List.copyOf(hooks);
      List<List<List<TaskProbe>>> found =
          Team.map(hookList, hook -> steps.done(ofHook(pass.activations(hook), tasks, steps)));
      IntStream.range(0, found.size()).forEach(i -> ofHooks.put(hookList.get(i), found.get(i)));
      List<List<List<TaskProbe>>> codes =
          Team.map(coders, coder -> steps.done(sparse(pass.codes(coder.name()), tasks, steps)));
      IntStream.range(0, codes.size())
          .forEach(i -> ofCoders.put(coders.get(i).name(), codes.get(i)));
    }
    return score(source, documents, tasks, context, ofHooks, ofCoders);
  }

  /** Probes of each k, and last the dense ones; of each one for each task. */
  private List<List<TaskProbe>> ofHook(DenseTable table, List<Task> tasks, Steps steps) {
    List<List<TaskProbe>> all = new ArrayList<>(sparse(table, tasks, steps));
    List<TaskProbe> dense = new ArrayList<>();
    for (Task task : tasks) {
      steps.check();
      dense.add(TaskProbe.dense(table, task));
    }
    all.add(dense);
    return all;
  }

  private List<List<TaskProbe>> sparse(Table table, List<Task> tasks, Steps steps) {
    List<List<TaskProbe>> byTask = new ArrayList<>();
    for (Task task : tasks) {
      steps.check();
      byTask.add(TaskProbe.sparse(table, task, request.ks()));
    }
    return IntStream.range(0, request.ks().size())
        .mapToObj(i -> byTask.stream().map(probes -> probes.get(i)).toList())
        .toList();
  }

  private ProbingReport score(
      ProbingSource source,
      LabelledDocuments documents,
      List<Task> tasks,
      int context,
      Map<Hook, List<List<TaskProbe>>> ofHooks,
      Map<String, List<List<TaskProbe>>> ofCoders) {
    int test =
        (int) IntStream.range(0, documents.size()).filter(d -> documents.isTest()[d]).count();
    SequencedMap<String, ProbingReport.OfHook> hooks = new LinkedHashMap<>();
    SequencedMap<String, ProbingReport.OfDictionary> dictionaries = new LinkedHashMap<>();
    try (Resamples resamples =
        Resamples.draw(test, ProbingSetup.BOOTSTRAP_SAMPLES, setup.seed(), "probing")) {
      ProbeScores scores = new ProbeScores(tasks, documents.isTest(), resamples);
      ofHooks.forEach((hook, probes) ->
          hooks.put(
              hook.toString(),
              new ProbingReport.OfHook(scores.of(probes.getLast()), byK(scores, probes))));
      for (Dictionary dictionary : source.dictionaries()) {
        String name = dictionary.name().toString();
        List<List<TaskProbe>> random = ofCoders.getOrDefault(name + RANDOM, List.of());
        dictionaries.put(
            name,
            new ProbingReport.OfDictionary(
                dictionary.contract().hookIn().toString(),
                dictionary.features(),
                byK(scores, ofCoders.get(name)),
                random.isEmpty() ? new LinkedHashMap<>() : byK(scores, random),
                floor(name)));
      }
    }
    return new ProbingReport(
        ProbingReport.FORMAT,
        setup.command(),
        setup.model().name(),
        source.model().fingerprint(),
        setup.corpus().sources().stream().map(Source::name).toList(),
        documents.fingerprint(),
        context,
        documents.size() - test,
        test,
        ProbingSetup.BOOTSTRAP_SAMPLES,
        setup.seed(),
        request.ks(),
        LinearProbe.PENALTIES,
        tasks.stream()
            .map(t -> new ProbingReport.TaskSize(t.category(), t.train().length, t.test().length))
            .toList(),
        leftOut(documents, tasks),
        hooks,
        dictionaries);
  }

  private SequencedMap<Integer, ProbingReport.Probes> byK(
      ProbeScores scores, List<List<TaskProbe>> probes) {
    SequencedMap<Integer, ProbingReport.Probes> byK = new LinkedHashMap<>();
    for (int i = 0; i < request.ks().size(); i++) {
      byK.put(request.ks().get(i), scores.of(probes.get(i)));
    }
    return byK;
  }

  private SequencedMap<Integer, ProbingReport.Means> floor(String name) {
    SequencedMap<Integer, ProbingReport.Means> byK = new LinkedHashMap<>();
    request
        .floor()
        .flatMap(floor -> floor.of(name))
        .ifPresent(of ->
            request
                .ks()
                .forEach(k -> {
                  ProbingReport.Probes probes = of.sparse().get(k);
                  byK.put(k, new ProbingReport.Means(probes.accuracy(), probes.f1()));
                }));
    return byK;
  }

  private static List<ProbingReport.LeftOut> leftOut(
      LabelledDocuments documents, List<Task> tasks) {
    List<String> probed = tasks.stream().map(Task::category).toList();
    return documents.found().entrySet().stream()
        .filter(of -> !probed.contains(of.getKey()))
        .map(of -> new ProbingReport.LeftOut(of.getKey(), of.getValue()[0], of.getValue()[1]))
        .toList();
  }
}
