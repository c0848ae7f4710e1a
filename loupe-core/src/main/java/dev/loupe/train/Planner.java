package dev.loupe.train;

import dev.loupe.activation.ActivationStream;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.files.Bytes;
import dev.loupe.model.Llama;
import dev.loupe.tensor.DType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Plans a run: peak memory by item, disk, time, in how many passes, and what to change where that
 * does not fit. Nothing of the run is loaded.
 */
public final class Planner {
  /** Contexts of text that the buffer must hold, or its order is hardly shuffled. */
  static final int LEAST_CONTEXTS = 64;

  /** States of a run on disk at once: two are kept, while the next is written. */
  private static final int STATES = 3;

  /** What a disk writes a second, when nothing is known of it. */
  private static final double ASSUMED_WRITING = 300e6;

  /** Bytes of logs, settings and the probe of a dictionary, beside the probe's rows. */
  private static final long SMALL_FILES = 200_000;

  private final PlanRequest run;
  private final PlanRoom room;
  private final Optional<Speeds> speeds;

  private Planner(PlanRequest run, PlanRoom room, Optional<Speeds> speeds) {
    this.run = run;
    this.room = room;
    this.speeds = speeds;
  }

  /**
   * Plans a run.
   *
   * @param speeds for the times; without them the plan has none
   */
  public static Plan plan(PlanRequest run, PlanRoom room, Optional<Speeds> speeds) {
    return new Planner(run, room, speeds).plan();
  }

  /**
   * Plans a run on this machine, now, with times where it fits and takes long.
   *
   * @param out where the suite is to go
   */
  public static Plan planHere(PlanRequest run, Path out) {
    PlanRoom room = PlanRoom.here(out);
    Plan plan = plan(run, room, Optional.empty());
    return plan.fits() ? plan(run, room, SpeedTest.runUnlessShort(run)) : plan;
  }

  /** A pass as it would be. */
  private record Draft(List<DictionaryName> names, Footprint footprint) {}

  /**
   * All passes as they would be.
   *
   * @param bufferTokens the same in all, so that it does not matter for the numbers in which pass a
   *     dictionary is
   */
  private record Layout(int bufferTokens, List<Draft> drafts) {
    Draft largest() {
      return drafts.stream()
          .reduce((a, b) -> b.footprint().bytes() > a.footprint().bytes() ? b : a)
          .orElseThrow();
    }

    long peakBytes() {
      return largest().footprint().bytes();
    }

    int passes() {
      return drafts.size();
    }

    int mostDictionaries() {
      return drafts.stream().mapToInt(draft -> draft.names().size()).max().orElse(0);
    }
  }

  private Layout layout(int passes) {
    List<List<DictionaryName>> groups = Passes.split(run.names(), passes);
    int buffer = Passes.bufferTokens(groups, run.recipe(), run.buffer(), run.model());
    return new Layout(
        buffer,
        groups.stream()
            .map(names -> new Draft(names, Footprint.of(run, names, buffer, room)))
            .toList());
  }

  /** Tokens of a buffer that is worth its name: 64 contexts, and two batches of the model. */
  private int leastBuffer() {
    int least = Math.max(LEAST_CONTEXTS * run.recipe().context(), 2 * run.modelBatch());
    return Math.min(least, run.recipe().bufferTokens());
  }

  private boolean fits(Layout layout) {
    return layout.peakBytes() <= room.freeBytes();
  }

  /** The least passes that fit with a buffer that is large enough, or fit at all. */
  private Optional<Layout> fewest() {
    List<Layout> fitting =
        IntStream.rangeClosed(1, run.names().size())
            .mapToObj(this::layout)
            .filter(this::fits)
            .toList();
    return fitting.stream()
        .filter(layout -> layout.bufferTokens() >= leastBuffer())
        .findFirst()
        .or(() -> fitting.stream().findFirst());
  }

  private Plan plan() {
    Layout layout =
        run.passes().isPresent()
            ? layout(run.passes().getAsInt())
            : fewest().orElseGet(() -> layout(run.names().size()));
    List<Plan.Item> memory = layout.largest().footprint().items();
    List<Plan.Item> disk = disk(layout);
    long diskBytes = disk.stream().mapToLong(Plan.Item::bytes).sum();
    boolean fitsMemory = fits(layout);
    boolean fitsDisk = diskBytes <= room.freeDiskBytes();
    List<Plan.Pass> passes = passes(layout);
    List<Plan.Duration> time = speeds.map(found -> time(layout, found)).orElse(List.of());
    double seconds = time.stream().mapToDouble(Plan.Duration::seconds).sum();
    return new Plan(
        run.modelName(),
        run.tokens(),
        run.tokens() / run.recipe().batch(),
        room.threads(),
        memory,
        layout.peakBytes(),
        room.freeBytes(),
        disk,
        diskBytes,
        room.freeDiskBytes(),
        fitsMemory && fitsDisk,
        time,
        speeds.map(_ -> seconds),
        speeds.map(_ -> run.tokens() / seconds),
        passes,
        dictionaries(layout),
        advice(layout, fitsMemory, fitsDisk, diskBytes));
  }

  private List<Plan.Pass> passes(Layout layout) {
    List<Plan.Pass> passes = new ArrayList<>();
    for (Draft draft : layout.drafts()) {
      Optional<Double> seconds =
          speeds.map(found ->
              modelSeconds(draft, found) + stepSeconds(draft, found) * (steps() + stepsAfter()));
      passes.add(
          new Plan.Pass(
              passes.size() + 1,
              draft.names(),
              Passes.hooks(draft.names()).size(),
              layout.bufferTokens(),
              draft.footprint().bytes(),
              seconds));
    }
    return passes;
  }

  private List<Plan.Trained> dictionaries(Layout layout) {
    Map<DictionaryName, Integer> passOf = new LinkedHashMap<>();
    for (int pass = 0; pass < layout.passes(); pass++) {
      for (DictionaryName name : layout.drafts().get(pass).names()) {
        passOf.put(name, pass + 1);
      }
    }
    return run.names().stream()
        .map(name -> dictionary(name, passOf.getOrDefault(name, 1)))
        .toList();
  }

  private Plan.Trained dictionary(DictionaryName name, int pass) {
    long d = run.model().hiddenSize();
    long weights = Footprint.weightsBytes(features(name), d);
    Optional<Double> seconds = speeds.map(found -> stepSeconds(name, found));
    return new Plan.Trained(name, d, d, features(name), weights, 2 * weights, seconds, pass);
  }

  private long features(DictionaryName name) {
    return (long) name.expansion() * run.model().hiddenSize();
  }

  // --- disk ---

  private List<Plan.Item> disk(Layout layout) {
    List<Plan.Item> items = new ArrayList<>();
    DType dtype = DType.parse(run.recipe().fileDtype());
    items.add(
        new Plan.Item(
            "dictionaries",
            run.names().stream().mapToLong(this::fileBytes).sum(),
            "as trained and standardised, in " + dtype.torchName()));
    long state =
        layout.drafts().stream().mapToLong(draft -> stateBytes(draft.names())).max().orElse(0);
    items.add(
        new Plan.Item(
            "states to resume from",
            STATES * state,
            "%d x %s: two are kept while a third is written".formatted(STATES, Bytes.text(state))));
    items.add(
        new Plan.Item(
            "token ids", run.corpusTokens() * Integer.BYTES, "in the folder for temporary files"));
    run.buffer().cache().ifPresent(place -> items.add(cache(place.bytes())));
    return items;
  }

  private Plan.Item cache(long most) {
    int hooks = Passes.hooks(run.names()).size();
    long perToken = hooks * (run.model().hiddenSize() * (long) DType.BF16.bytes() + 12);
    long all = run.corpusTokens() * perToken;
    return new Plan.Item(
        "activation cache",
        Math.min(most, all),
        all <= most ? "all activations" : "--activation-cache-bytes, of " + Bytes.text(all));
  }

  /** Both forms of the weights, the probe, logs and settings. */
  private long fileBytes(DictionaryName name) {
    long d = run.model().hiddenSize();
    long weights = Footprint.weightsBytes(features(name), d) / Float.BYTES;
    return 2 * weights * DType.parse(run.recipe().fileDtype()).bytes() + SMALL_FILES;
  }

  private long stateBytes(List<DictionaryName> names) {
    long d = run.model().hiddenSize();
    return names.stream()
        .mapToLong(n -> 3 * Footprint.weightsBytes(features(n), d) + features(n) * Long.BYTES)
        .sum();
  }

  // --- time ---

  private List<Plan.Duration> time(Layout layout, Speeds found) {
    double model = layout.drafts().stream().mapToDouble(draft -> modelSeconds(draft, found)).sum();
    double all = layout.drafts().stream().mapToDouble(draft -> stepSeconds(draft, found)).sum();
    long written =
        run.names().stream().mapToLong(this::fileBytes).sum()
            + layout.drafts().stream().mapToLong(draft -> stateBytes(draft.names())).sum();
    return List.of(
        new Plan.Duration("language model", model, found.modelHow()),
        new Plan.Duration("steps", all * steps(), found.stepHow()),
        new Plan.Duration(
            "post-processing",
            all * stepsAfter(),
            "%,d tokens for threshold and contract, as training steps"
                .formatted(run.corpusTokens() - run.tokens())),
        new Plan.Duration(
            "writing",
            written / ASSUMED_WRITING,
            "%s at %s a second, assumed; a state every ten minutes comes on top"
                .formatted(Bytes.text(written), Bytes.text((long) ASSUMED_WRITING))));
  }

  private long steps() {
    return run.tokens() / run.recipe().batch();
  }

  private double stepsAfter() {
    return (double) (run.corpusTokens() - run.tokens()) / run.recipe().batch();
  }

  /** A pass runs as many layers as its deepest dictionary needs. */
  private double modelSeconds(Draft draft, Speeds found) {
    double share = (double) Llama.layersFor(Passes.hooks(draft.names())) / run.model().layers();
    return run.corpusTokens() * found.modelSecondsPerToken() * share;
  }

  /** One step of all dictionaries of a pass. */
  private double stepSeconds(Draft draft, Speeds found) {
    return draft.names().stream().mapToDouble(name -> stepSeconds(name, found)).sum();
  }

  private double stepSeconds(DictionaryName name, Speeds found) {
    return found.stepSeconds().getOrDefault(features(name), Double.NaN);
  }

  // --- advice ---

  private List<String> advice(Layout layout, boolean fitsMemory, boolean fitsDisk, long diskBytes) {
    List<String> advice = new ArrayList<>();
    if (!fitsMemory) {
      adviseMemory(layout, advice);
    } else if (layout.bufferTokens() < leastBuffer()) {
      adviseBuffer(layout, advice);
    }
    if (!fitsDisk) {
      advice.add(
          "free %s of disk, or give an --out on another"
              .formatted(Bytes.text(diskBytes - room.freeDiskBytes())));
    }
    return advice;
  }

  private void adviseMemory(Layout layout, List<String> advice) {
    smallerBuffer(layout).ifPresent(advice::add);
    narrower(run.withBufferDtype(DType.BF16), "--buffer-dtype bfloat16", layout)
        .ifPresent(advice::add);
    narrower(run.withLmDtype(DType.BF16), "--lm-dtype bfloat16", layout).ifPresent(advice::add);
    Optional<Layout> fewest = fewest();
    fewest.ifPresent(found -> advice.add(told(found, "")));
    if (fewest.isEmpty()) {
      adviseMore(advice);
    }
  }

  private static String told(Layout layout, String with) {
    return "--passes %d%s (%d dictionaries a pass) needs %s"
        .formatted(
            layout.passes(), with, layout.mostDictionaries(), Bytes.text(layout.peakBytes()));
  }

  /** Passes alone do not do it: with everything narrower, perhaps; else nothing does. */
  private void adviseMore(List<String> advice) {
    PlanRequest smallest = run.withBufferDtype(DType.BF16).withLmDtype(DType.BF16);
    Planner all = new Planner(smallest, room, Optional.empty());
    Optional<Layout> found = all.fewest();
    if (found.isPresent()) {
      advice.add(told(found.get(), " --buffer-dtype bfloat16 --lm-dtype bfloat16"));
      return;
    }
    int least = all.leastBuffer();
    Planner tight =
        new Planner(
            smallest.withBufferBytes(least * bytesPerToken(smallest, run.names().subList(0, 1))),
            room,
            Optional.empty());
    Layout one = tight.layout(run.names().size());
    advice.add(
        ("no number of passes fits: one dictionary a pass, in bfloat16, with a buffer of %d"
                + " contexts, needs %s; %s of it is the language model")
            .formatted(
                LEAST_CONTEXTS,
                Bytes.text(one.peakBytes()),
                Bytes.text(Footprint.modelBytes(run.model(), DType.BF16))));
  }

  /** A buffer as much smaller as is needed, if enough is left of it. */
  private Optional<String> smallerBuffer(Layout layout) {
    long perToken = bytesPerToken(run, layout.largest().names());
    for (long tokens = Integer.highestOneBit(layout.bufferTokens());
        tokens >= leastBuffer();
        tokens /= 2) {
      Layout smaller =
          new Planner(run.withBufferBytes(tokens * perToken), room, speeds).layout(layout.passes());
      if (fits(smaller)) {
        return Optional.of(
            "--buffer-bytes %s (%,d tokens) needs %s"
                .formatted(
                    rounded(tokens * perToken),
                    smaller.bufferTokens(),
                    Bytes.text(smaller.peakBytes())));
      }
    }
    return Optional.empty();
  }

  private static long bytesPerToken(PlanRequest run, List<DictionaryName> names) {
    return ActivationStream.bytesPerToken(run.model(), Passes.hooks(names), run.buffer().dtype());
  }

  /** Bytes as an option takes them, rounded up. */
  private static String rounded(long bytes) {
    return (bytes + 999_999) / 1_000_000 + "M";
  }

  /** What a narrower type saves, and whether that is enough. */
  private Optional<String> narrower(PlanRequest other, String option, Layout layout) {
    Planner planner = new Planner(other, room, speeds);
    Layout narrow = planner.layout(layout.passes());
    long saved = layout.peakBytes() - narrow.peakBytes();
    if (saved <= 0) {
      return Optional.empty();
    }
    return Optional.of(
        fits(narrow)
            ? "%s needs %s".formatted(option, Bytes.text(narrow.peakBytes()))
            : "%s saves %s, which alone is not enough".formatted(option, Bytes.text(saved)));
  }

  private void adviseBuffer(Layout layout, List<String> advice) {
    String poor =
        "the shuffle buffer holds %,d tokens, fewer than %d contexts (%,d)"
            .formatted(layout.bufferTokens(), LEAST_CONTEXTS, leastBuffer());
    Optional<Layout> better = fewest().filter(found -> found.bufferTokens() >= leastBuffer());
    advice.add(
        better
            .map(found ->
                poor + "; --passes %d holds %,d".formatted(found.passes(), found.bufferTokens()))
            .orElse(poor + "; a larger --buffer-bytes shuffles better"));
  }
}
