package dev.loupe.probing;

import dev.loupe.activation.Activations;
import dev.loupe.activation.Capturing;
import dev.loupe.dictionary.Codes;
import dev.loupe.kernel.CodeRows;
import dev.loupe.model.Hook;
import dev.loupe.model.Llama;
import dev.loupe.tensor.Indexing;
import dev.loupe.tensor.Team;
import dev.loupe.tensor.Tensor;
import dev.loupe.tensor.TensorScope;
import dev.loupe.tensor.Tensors;
import dev.loupe.text.Progress;
import dev.loupe.text.SpecialTokens;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * The one pass of the language model: for each unit the mean activation at each hook and the mean
 * code of each dictionary, to temporary files. A mean is taken over the tokens of its unit alone,
 * in their order and in float64, so that tables depend on batches and threads only as far as the
 * rounding of the language model does. Owns the files until closed; borrows all else.
 */
final class UnitPass implements AutoCloseable {
  /** Activations that are held at once, all hooks together. */
  private static final long GROUP_BYTES = 128L << 20;

  private final Llama model;
  private final Units units;
  private final Set<Hook> tables; // whose activations are wanted
  private final List<Coder> coders;
  private final Set<Hook> hooks;
  private final Map<Hook, RowFile> activations = new TreeMap<>();
  private final Map<String, RowFile> codes = new TreeMap<>();

  /**
   * @param tables hooks whose activations are wanted themselves
   */
  UnitPass(Llama model, Units units, Set<Hook> tables, List<Coder> coders) {
    this.model = model;
    this.units = units;
    this.tables = Set.copyOf(tables);
    this.coders = List.copyOf(coders);
    this.hooks = new HashSet<>(tables);
    coders.forEach(coder -> hooks.add(coder.dictionary().contract().hookIn()));
    try {
      tables.forEach(hook -> activations.put(hook, RowFile.create(model.config().hiddenSize())));
      coders.forEach(coder -> {
        int features = Math.toIntExact(coder.dictionary().features());
        codes.put(coder.name(), RowFile.create(features));
      });
    } catch (RuntimeException | Error e) {
      try (this) {
        throw e;
      }
    }
  }

  /**
   * Runs the model over all contexts.
   *
   * @param batchIds ids of a batch with its padding; a longer context is a batch alone
   * @param stop asked now and then; once true, CancellationException
   */
  void run(SpecialTokens special, int batchIds, Progress progress, BooleanSupplier stop) {
    long row = 4L * model.config().hiddenSize() * hooks.size();
    List<Units.Batch> group = new ArrayList<>();
    long bytes = 0;
    int done = 0;
    for (Units.Batch batch : units.batches(batchIds, special)) {
      long more = row * batch.tokens().countedTokens();
      if (bytes + more > GROUP_BYTES && !group.isEmpty()) {
        done = compute(group, done, progress, stop);
        group.clear();
        bytes = 0;
      }
      group.add(batch);
      bytes += more;
    }
    compute(group, done, progress, stop);
  }

  private int compute(List<Units.Batch> group, int done, Progress progress, BooleanSupplier stop) {
    if (stop.getAsBoolean()) {
      throw new CancellationException("stopped after %,d contexts".formatted(done));
    }
    Activations[] found = new Activations[group.size()];
    try {
      Team.forEach(
          IntStream.range(0, found.length).boxed().toList(),
          i -> found[i] = Capturing.activations(model, group.get(i).tokens(), hooks));
      List<Tokens> tokens =
          IntStream.range(0, found.length)
              .mapToObj(i -> Tokens.of(units, group.get(i), found[i]))
              .toList();
      Team.forEach(List.copyOf(tables), hook -> tokens.forEach(some -> addActivations(hook, some)));
      Team.forEach(coders, coder -> tokens.forEach(some -> addCodes(coder, some)));
    } finally {
      Arrays.stream(found).filter(each -> each != null).forEach(Activations::close);
    }
    int contexts = done + group.stream().mapToInt(batch -> batch.contexts().length).sum();
    progress.report("encoding (contexts)", contexts, units.contexts().length);
    return contexts;
  }

  /**
   * The tokens of a batch that belong to units.
   *
   * @param found of the whole batch, borrowed
   * @param places of these tokens among all counted ones
   * @param unitOf of each, those of a unit in a row
   */
  @SuppressWarnings("ArrayRecordComponent") // a plain carrier; never compared
  private record Tokens(Activations found, long[] places, int[] unitOf) {
    static Tokens of(Units units, Units.Batch batch, Activations found) {
      int[] all = units.of(batch, found.contexts(), found.positions());
      int[] some = IntStream.range(0, all.length).filter(t -> all[t] >= 0).toArray();
      return new Tokens(
          found,
          Arrays.stream(some).asLongStream().toArray(),
          Arrays.stream(some).map(t -> all[t]).toArray());
    }

    /** The end of the unit that begins at a token. */
    int end(int from) {
      int to = from;
      while (to < unitOf.length && unitOf[to] == unitOf[from]) {
        to++;
      }
      return to;
    }

    /** Their rows at a hook, in the innermost scope. */
    Tensor rows(Hook hook) {
      Tensor all = found.at(hook);
      return Indexing.rows(all, Tensors.of(places, places.length).to(all.device()));
    }
  }

  private void addActivations(Hook hook, Tokens tokens) {
    float[] rows;
    try (TensorScope _ = TensorScope.open()) {
      rows = tokens.rows(hook).floats();
    }
    int d = model.config().hiddenSize();
    RowFile file = activations.get(hook);
    for (int from = 0; from < tokens.unitOf.length; ) {
      int to = tokens.end(from);
      float[] mean = new float[d];
      for (int j = 0; j < d; j++) {
        double sum = 0;
        for (int t = from; t < to; t++) {
          sum += rows[t * d + j];
        }
        mean[j] = (float) (sum / (to - from));
      }
      file.add(tokens.unitOf[from], mean);
      from = to;
    }
  }

  private void addCodes(Coder coder, Tokens tokens) {
    CodeRows rows;
    Hook hook = coder.dictionary().contract().hookIn();
    try (TensorScope _ = TensorScope.open();
        Codes found = coder.dictionary().encode(tokens.rows(hook))) {
      rows = found.rows();
    }
    RowFile file = codes.get(coder.name());
    double[] sums = new double[Math.toIntExact(coder.dictionary().features())];
    for (int from = 0; from < tokens.unitOf.length; ) {
      int to = tokens.end(from);
      int[] listed =
          Arrays.stream(rows.features(), rows.starts()[from], rows.starts()[to])
              .sorted()
              .distinct()
              .toArray();
      for (int i = rows.starts()[from]; i < rows.starts()[to]; i++) {
        sums[rows.features()[i]] += rows.values()[i];
      }
      float[] means = new float[listed.length];
      for (int i = 0; i < listed.length; i++) {
        means[i] = (float) (sums[listed[i]] / (to - from));
        sums[listed[i]] = 0;
      }
      file.add(tokens.unitOf[from], listed, means);
      from = to;
    }
  }

  /** Mean activations of all units. */
  DenseTable activations(Hook hook) {
    return activations.get(hook).dense(units.count());
  }

  /** Mean codes of all units. */
  SparseTable codes(String coder) {
    return codes.get(coder).sparse(units.count());
  }

  @Override
  public void close() {
    activations.values().forEach(RowFile::close);
    codes.values().forEach(RowFile::close);
  }
}
