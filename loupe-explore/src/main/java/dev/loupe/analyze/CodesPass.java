package dev.loupe.analyze;

import dev.loupe.activation.Activations;
import dev.loupe.activation.CorpusContexts;
import dev.loupe.activation.OrderedPass;
import dev.loupe.dictionary.Codes;
import dev.loupe.dictionary.Dictionary;
import dev.loupe.model.Hook;
import dev.loupe.model.Llama;
import dev.loupe.tensor.Team;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.Tensors;
import dev.loupe.text.Progress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * The one pass of the language model: activations at every hook, the codes of every dictionary, and
 * the losses of next tokens, part by part to disk. Parts that are there already are not computed
 * again. Borrows everything.
 */
final class CodesPass {
  /** Activations of a part, all hooks together. */
  private static final long PART_BYTES = 128L << 20;

  private static final int MOST_TOKENS = 8_192;
  private static final int LEAST_TOKENS = 256;

  private final Llama model;
  private final List<Dictionary> dictionaries;
  private final CorpusContexts contexts;
  private final CategoryDocuments categories;
  private final List<FloorScores> floors;
  private final OrderedPass pass;
  private final int[] cuts; // first context of each part, and the end

  CodesPass(
      Llama model,
      List<Dictionary> dictionaries,
      CorpusContexts contexts,
      CategoryDocuments categories,
      List<FloorScores> floors) {
    this.model = model;
    this.dictionaries = dictionaries;
    this.contexts = contexts;
    this.categories = categories;
    this.floors = floors;
    Set<Hook> hooks = new TreeSet<>();
    dictionaries.forEach(dictionary -> hooks.add(dictionary.contract().hookIn()));
    this.pass = new OrderedPass(model, contexts, hooks, true);
    this.cuts = cuts();
  }

  private int[] cuts() {
    long row = 4L * model.config().hiddenSize() * pass.hooks().size();
    long tokens = Math.clamp(PART_BYTES / row, LEAST_TOKENS, MOST_TOKENS);
    List<Integer> found = new ArrayList<>(List.of(0));
    while (found.getLast() < contexts.size()) {
      found.add(contexts.reach(found.getLast(), tokens));
    }
    return found.stream().mapToInt(Integer::intValue).toArray();
  }

  int parts() {
    return cuts.length - 1;
  }

  /**
   * Writes all parts.
   *
   * @param stop asked before each part; once true, CancellationException, with all parts before
   *     kept
   */
  void run(CodeFiles files, Progress progress, BooleanSupplier stop) {
    long total = contexts.countedTokens(0, contexts.size());
    long done = 0;
    List<Team.Task> writing = new ArrayList<>(); // at most one part, while the next is computed
    try {
      for (int part = 0; part < parts(); part++) {
        progress.report("encoding (tokens)", done, total);
        if (stop.getAsBoolean()) {
          throw new CancellationException(
              "the analysis was stopped after %,d of %,d tokens; the same command goes on"
                  .formatted(done, total));
        }
        if (!files.isWritten(part)) {
          Computed computed = compute(part);
          writing.forEach(Team::await);
          writing.clear();
          int number = part;
          writing.add(Team.background(() -> write(files, number, computed)));
        }
        done += contexts.countedTokens(cuts[part], cuts[part + 1]);
      }
    } finally {
      writing.forEach(Team::await);
    }
    progress.report("encoding (tokens)", done, total);
  }

  /**
   * A part to be written.
   *
   * @param scores owned
   */
  private record Computed(
      TokenColumns tokens,
      SequencedMap<String, CodeFiles.ByFeature> codes,
      Map<String, Tensor> scores) {}

  private static void write(CodeFiles files, int part, Computed computed) {
    try {
      files.write(part, computed.tokens, computed.codes, computed.scores);
    } finally {
      computed.scores.values().forEach(Tensor::close);
    }
  }

  private Computed compute(int part) {
    try (Activations found = pass.read(cuts[part], cuts[part + 1])) {
      SequencedMap<String, CodeFiles.ByFeature> codes = new LinkedHashMap<>();
      List<CodeFiles.ByFeature> rows =
          Team.map(dictionaries, dictionary -> codes(dictionary, found));
      for (int i = 0; i < rows.size(); i++) {
        codes.put(dictionaries.get(i).name().toString(), rows.get(i));
      }
      int[] listed =
          IntStream.range(cuts[part], cuts[part + 1])
              .filter(context -> categories.contextDocuments()[context] >= 0)
              .toArray();
      Map<String, Tensor> scores = new TreeMap<>();
      List<Tensor> maxima = Team.map(floors, floor -> floor.of(found, listed));
      for (int i = 0; i < maxima.size(); i++) {
        scores.put(floors.get(i).name(), maxima.get(i));
      }
      scores.put(CategorySearch.CONTEXTS, Tensors.of(listed, listed.length));
      return new Computed(TokenColumns.of(found), codes, scores);
    }
  }

  /** Computes all parts and keeps nothing: for measuring. */
  void dryRun(boolean encode, Progress progress) {
    for (int part = 0; part < parts(); part++) {
      progress.report(encode ? "model and encoders (parts)" : "model (parts)", part, parts());
      try (Activations found = pass.read(cuts[part], cuts[part + 1])) {
        if (encode) {
          Team.forEach(
              dictionaries,
              dictionary -> {
                Hook hook = dictionary.contract().hookIn();
                dictionary.encode(found.at(hook)).close();
              });
        }
      }
    }
  }

  private static CodeFiles.ByFeature codes(Dictionary dictionary, Activations found) {
    try (Codes codes = dictionary.encode(found.at(dictionary.contract().hookIn()))) {
      return CodeFiles.ByFeature.of(codes.rows(), Math.toIntExact(dictionary.features()));
    }
  }
}
