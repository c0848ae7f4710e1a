package dev.loupe.analyze;

import dev.loupe.activation.Activations;
import dev.loupe.activation.CorpusContexts;
import dev.loupe.activation.OrderedPass;
import dev.loupe.dictionary.Codes;
import dev.loupe.dictionary.Dictionary;
import dev.loupe.kernel.Range;
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
 * the losses of next tokens, piece by piece to disk. Those that are there already are not computed
 * again. Borrows everything.
 */
final class CodesPass {
  /** Activations of a piece, all hooks together. */
  private static final long PIECE_BYTES = 128L << 20;

  private static final int MOST_TOKENS = 8_192;
  private static final int LEAST_TOKENS = 256;

  private final Llama model;
  private final List<Dictionary> dictionaries;
  private final CorpusContexts contexts;
  private final CategoryDocuments categories;
  private final List<FloorScores> floors;
  private final OrderedPass pass;
  private final int[] cuts; // first context of each piece, and the end

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
    long tokens = Math.clamp(PIECE_BYTES / row, LEAST_TOKENS, MOST_TOKENS);
    List<Integer> found = new ArrayList<>(List.of(0));
    while (found.getLast() < contexts.size()) {
      found.add(contexts.reach(found.getLast(), tokens));
    }
    return found.stream().mapToInt(Integer::intValue).toArray();
  }

  int pieces() {
    return cuts.length - 1;
  }

  /**
   * Writes some of the pieces.
   *
   * @param files of these
   * @param stop asked before each piece; once true, CancellationException, with all pieces before
   *     kept
   */
  void run(CodeFiles files, Range some, Progress progress, BooleanSupplier stop) {
    long total = contexts.countedTokens(cuts[some.from()], cuts[some.to()]);
    long done = 0;
    List<Team.Task> writing = new ArrayList<>(); // at most one piece, while the next is computed
    try {
      for (int piece = some.from(); piece < some.to(); piece++) {
        int file = piece - some.from();
        progress.report("encoding (tokens)", done, total);
        if (stop.getAsBoolean()) {
          throw new CancellationException(
              "the analysis was stopped after %,d of %,d tokens; the same command goes on"
                  .formatted(done, total));
        }
        if (!files.isWritten(file)) {
          Computed computed = compute(piece);
          writing.forEach(Team::await);
          writing.clear();
          writing.add(Team.background(() -> write(files, file, computed)));
        }
        done += contexts.countedTokens(cuts[piece], cuts[piece + 1]);
      }
    } finally {
      writing.forEach(Team::await);
    }
    progress.report("encoding (tokens)", done, total);
  }

  /**
   * A piece to be written.
   *
   * @param scores owned
   */
  private record Computed(
      TokenColumns tokens,
      SequencedMap<String, CodeFiles.ByFeature> codes,
      Map<String, Tensor> scores) {}

  private static void write(CodeFiles files, int piece, Computed computed) {
    try {
      files.write(piece, computed.tokens, computed.codes, computed.scores);
    } finally {
      computed.scores.values().forEach(Tensor::close);
    }
  }

  private Computed compute(int piece) {
    try (Activations found = pass.read(cuts[piece], cuts[piece + 1])) {
      SequencedMap<String, CodeFiles.ByFeature> codes = new LinkedHashMap<>();
      List<CodeFiles.ByFeature> rows =
          Team.map(dictionaries, dictionary -> codes(dictionary, found));
      for (int i = 0; i < rows.size(); i++) {
        codes.put(dictionaries.get(i).name().toString(), rows.get(i));
      }
      int[] listed =
          IntStream.range(cuts[piece], cuts[piece + 1])
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

  /** Computes all pieces and keeps nothing: for measuring. */
  void dryRun(boolean encode, Progress progress) {
    for (int piece = 0; piece < pieces(); piece++) {
      progress.report(encode ? "model and encoders (pieces)" : "model (pieces)", piece, pieces());
      try (Activations found = pass.read(cuts[piece], cuts[piece + 1])) {
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
