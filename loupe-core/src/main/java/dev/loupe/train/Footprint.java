package dev.loupe.train;

import dev.loupe.activation.ActivationStream;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Encoder;
import dev.loupe.dictionary.Screening;
import dev.loupe.model.Hook;
import dev.loupe.model.LlamaConfig;
import dev.loupe.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Memory of one pass, item by item, at its largest moment. What is counted follows the code that
 * allocates it: each method names it. Measured against real runs in docs/benchmarks/planner.md.
 */
record Footprint(List<Plan.Item> items) {
  private static final long FLOAT = Float.BYTES;

  /** JVM, libtorch, tokenizer and compiled code without the heap: measured as a run begins. */
  private static final long BASE_BYTES = 450_000_000;

  /** What the heap grows to by garbage, beside what is live in it: measured. */
  private static final long HEAP_BYTES = 350_000_000;

  /** Rows of width D that a block holds at its MLP: residual, norms, attention, sums. */
  private static final int BLOCK_ROWS = 9;

  /** Rows of width D out of an update beside its code: scaled rows, errors, centred copies. */
  private static final int STEP_ROWS = 6;

  /** Tiles of the dense step: eight of {@code TiledEncoder}'s 4 M numbers. */
  private static final long DENSE_BYTES = 8L * Float.BYTES * (1 << 22);

  /** Tokens that calibration encodes at once, and bytes for each of their features on average. */
  private static final int CALIBRATED = 64;

  private static final int POSITIVE_BYTES = 12;

  /** Bytes for each activation of a code: its places by token and by feature, its gradients. */
  private static final int CODE_BYTES = 36;

  /** Of a pass that trains these, with a buffer of so many tokens. */
  static Footprint of(
      PlanRequest run, List<DictionaryName> names, int bufferTokens, PlanRoom room) {
    Reckoning reckoning = new Reckoning(run, names, bufferTokens, room);
    return new Footprint(reckoning.items());
  }

  long bytes() {
    return items.stream().mapToLong(Plan.Item::bytes).sum();
  }

  /** Weights of the language model in memory: matrices in its type, gains in float32. */
  static long modelBytes(LlamaConfig model, DType dtype) {
    long d = model.hiddenSize();
    long attention = 2 * d * model.headSize() * (model.heads() + model.keyValueHeads());
    long block = attention + 3 * d * model.intermediateSize();
    long embedding = d * model.vocabularySize() * (model.tied() ? 1 : 2);
    return (embedding + model.layers() * block) * dtype.bytes()
        + (2L * model.layers() + 1) * d * FLOAT;
  }

  /** The four tensors of a dictionary in float32. */
  static long weightsBytes(long features, long d) {
    return (2 * features * d + features + d) * FLOAT;
  }

  private record Reckoning(
      PlanRequest run, List<DictionaryName> names, int bufferTokens, PlanRoom room) {
    List<Plan.Item> items() {
      List<Plan.Item> items = new ArrayList<>();
      items.add(
          new Plan.Item("JVM and libtorch", BASE_BYTES, "measured: all that is always loaded"));
      items.add(new Plan.Item("Java heap", HEAP_BYTES, "measured: mostly garbage"));
      items.add(model());
      items.add(modelWork());
      items.add(buffer());
      items.add(corpus());
      items.add(weights());
      items.add(optimizer());
      items.add(screening());
      items.add(gradients());
      items.add(batch());
      items.add(stepWork());
      long beyond = finishing() - training();
      if (beyond > 0) {
        items.add(new Plan.Item("post-processing", beyond, "above what training holds"));
      }
      return items;
    }

    private Set<Hook> hooks() {
      return Passes.hooks(names);
    }

    private long d() {
      return run.model().hiddenSize();
    }

    private long features(DictionaryName name) {
      return name.expansion() * d();
    }

    private Plan.Item model() {
      return new Plan.Item(
          "language model",
          modelBytes(run.model(), run.lmDtype()),
          "weights in " + run.lmDtype().torchName());
    }

    private Plan.Item modelWork() {
      long wide = 2 * FLOAT + (run.lmDtype() == DType.F32 ? 0 : 3 * run.lmDtype().bytes());
      long perToken = BLOCK_ROWS * d() * FLOAT + run.model().intermediateSize() * wide;
      long copies = run.lmDtype() == DType.F32 ? 0 : d() * d() * FLOAT;
      long captured = (hooks().size() + 1) * d() * FLOAT;
      return new Plan.Item(
          "model at work",
          room.threads() * (run.modelBatch() * (perToken + captured) + copies),
          "%d threads x %,d tokens of a block, and of %d hooks"
              .formatted(room.threads(), run.modelBatch(), hooks().size()));
    }

    private Plan.Item buffer() {
      long used = Math.min(bufferTokens, run.corpusTokens());
      return new Plan.Item(
          "shuffle buffer",
          used * ActivationStream.bytesPerToken(run.model(), hooks(), run.buffer().dtype()),
          "%,d tokens x %d hooks x %,d in %s"
              .formatted(used, hooks().size(), d(), run.buffer().dtype().torchName()));
    }

    private Plan.Item corpus() {
      long tokens = run.corpusTokens();
      long contexts = tokens / run.recipe().context() + 1;
      return new Plan.Item(
          "corpus", 4 * tokens + 60 * contexts, "%,d token ids, and an index".formatted(tokens));
    }

    private Plan.Item weights() {
      long bytes = names.stream().mapToLong(n -> weightsBytes(features(n), d())).sum();
      return new Plan.Item("dictionaries", bytes, names.size() + " in float32");
    }

    private Plan.Item optimizer() {
      long lastFired = names.stream().mapToLong(n -> features(n) * Long.BYTES).sum();
      return new Plan.Item(
          "optimizer", 2 * weights().bytes() + lastFired, "two moments, and when features fired");
    }

    private Plan.Item screening() {
      long bytes = names.stream().mapToLong(this::encoderBytes).sum();
      return new Plan.Item(
          "encoder copies",
          bytes,
          room.screening() == Screening.BFLOAT16
              ? "for screening in bfloat16, and rows"
              : "norms and rows");
    }

    /** Of the dense step, which is also what SIMD begins with while many features fire. */
    private Plan.Item gradients() {
      long bytes =
          names.stream()
              .filter(this::isDense)
              .mapToLong(name -> weightsBytes(features(name), d()))
              .sum();
      return new Plan.Item(
          "gradients", bytes, bytes == 0 ? "none are kept" : "while the step is dense");
    }

    private boolean isDense(DictionaryName name) {
      return run.step() == StepKind.TORCH
          || !run.recipes().of(name).isTopK()
          || startK(name) > SimdStep.DENSE * features(name);
    }

    private long startK(DictionaryName name) {
      Recipe recipe = run.recipes().of(name);
      return Math.max(recipe.k(), Math.round(recipe.kAnnealStartShare() * d()));
    }

    /** The largest of all. */
    private long startK() {
      return names.stream().mapToLong(this::startK).max().orElse(0);
    }

    private long encoderBytes(DictionaryName name) {
      // the rows of SimdStep too: a pair for each 64 features
      return Encoder.bytes(features(name), d(), room.screening())
          + weightsBytes(features(name), d()) / 64;
    }

    private Plan.Item batch() {
      long rows = run.recipe().batch();
      return new Plan.Item(
          "batch",
          rows * hooks().size() * d() * (FLOAT + (run.buffer().dtype() == DType.F32 ? 0 : 2)),
          "%,d tokens x %d hooks".formatted(rows, hooks().size()));
    }

    private long atOnce() {
      return Math.min(room.threads(), names.size());
    }

    private Plan.Item stepWork() {
      Recipe recipe = run.recipe();
      long n = recipe.batch();
      long k = startK();
      long dense = names.stream().anyMatch(this::isDense) ? DENSE_BYTES : 0;
      long one =
          n * d() * FLOAT * STEP_ROWS
              + codes() * CODE_BYTES
              + largestFeatures() * 6 * FLOAT
              + names.stream().mapToLong(this::auxiliary).max().orElse(0)
              + dense;
      return new Plan.Item(
          "step at work",
          atOnce() * one,
          "%d at once: %,d tokens and their codes at K %,d".formatted(atOnce(), n, k));
    }

    /** Of AuxK: copies of the silent features, all of them at worst, and their codes. */
    private long auxiliary(DictionaryName name) {
      Recipe recipe = run.recipes().of(name);
      return recipe.auxK() == 0 || !recipe.isTopK()
          ? 0
          : weightsBytes(features(name), d())
              + Encoder.bytes(features(name), d(), room.screening())
              + (long) recipe.batch() * recipe.auxK() * CODE_BYTES
              + recipe.batch() * d() * FLOAT;
    }

    /** Activations of a step's code when training starts. */
    private long codes() {
      return run.recipe().batch()
          * names.stream()
              .mapToLong(name -> run.recipes().of(name).isTopK() ? startK(name) : d() / 2)
              .max()
              .orElse(0);
    }

    private long largestFeatures() {
      return names.stream().mapToLong(this::features).max().orElse(0);
    }

    private long training() {
      return weights().bytes() + optimizer().bytes() + screening().bytes() + gradients().bytes();
    }

    /** Of {@link Finishing}: the moments are gone; copies of the weights as the files hold them. */
    private long finishing() {
      long largest = weightsBytes(largestFeatures(), d());
      long scores =
          names.stream()
              .map(run.recipes()::of)
              .filter(Recipe::isTopK)
              .mapToLong(recipe -> 3 * FLOAT * recipe.k() * recipe.calibrationTokens())
              .sum();
      long positive = atOnce() * CALIBRATED * largestFeatures() * POSITIVE_BYTES;
      return 2 * weights().bytes() + screening().bytes() + scores + Math.max(positive, 4 * largest);
    }
  }
}
