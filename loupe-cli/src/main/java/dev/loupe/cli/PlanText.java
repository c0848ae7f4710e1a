package dev.loupe.cli;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.files.Bytes;
import dev.loupe.train.Plan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A plan for people: all of it for {@code plan}, some lines of it for {@code train}. */
public final class PlanText {
  private final Plan plan;

  public PlanText(Plan plan) {
    this.plan = plan;
  }

  /** All items, what is alike in one line. */
  String whole() {
    List<String> parts = new ArrayList<>();
    parts.add(
        "%s: %s, %,d tokens in %,d steps, %d threads"
            .formatted(
                plan.model(),
                count(plan.dictionaries().size()),
                plan.tokens(),
                plan.steps(),
                plan.threads()));
    parts.add(items("memory", plan.memory(), plan.peakBytes(), plan.freeBytes()));
    parts.add(items("disk", plan.disk(), plan.diskBytes(), plan.freeDiskBytes()));
    plan.seconds().ifPresent(seconds -> parts.add(time(seconds)));
    parts.add(dictionaries());
    parts.add(passes());
    parts.add(verdict());
    return String.join("\n\n", parts);
  }

  /** What a run begins with. */
  String summary() {
    String memory =
        "Memory %s of %s free; disk %s of %s free"
            .formatted(
                Bytes.text(plan.peakBytes()),
                Bytes.text(plan.freeBytes()),
                Bytes.text(plan.diskBytes()),
                Bytes.text(plan.freeDiskBytes()));
    String work =
        "%s in %s%s"
            .formatted(
                count(plan.dictionaries().size()),
                plan.passes().size() == 1 ? "1 pass" : plan.passes().size() + " passes",
                plan.seconds().map(seconds -> ", about " + TimeText.of(seconds)).orElse(""));
    return memory + "; " + work;
  }

  /** Whether it fits, and what to change. */
  public String verdict() {
    String advice = plan.advice().stream().map(line -> "\n  " + line).collect(Collectors.joining());
    return (plan.fits() ? "Fits." : refusal()) + advice;
  }

  private String refusal() {
    return plan.peakBytes() > plan.freeBytes()
        ? "does not fit: expected at most %s of memory, which are free, got %s"
            .formatted(Bytes.text(plan.freeBytes()), Bytes.text(plan.peakBytes()))
        : "does not fit: expected at most %s of disk, which are free, got %s"
            .formatted(Bytes.text(plan.freeDiskBytes()), Bytes.text(plan.diskBytes()));
  }

  private static String count(int dictionaries) {
    return dictionaries == 1 ? "1 dictionary" : dictionaries + " dictionaries";
  }

  private static String items(String title, List<Plan.Item> items, long sum, long free) {
    StringBuilder text = new StringBuilder(title);
    for (Plan.Item item : items) {
      text.append(line(item.what(), Bytes.text(item.bytes()), item.how()));
    }
    return text.append(line("in all", Bytes.text(sum), "of " + Bytes.text(free) + " free"))
        .toString();
  }

  private String time(double all) {
    StringBuilder text = new StringBuilder("time");
    for (Plan.Duration item : plan.time()) {
      text.append(line(item.what(), TimeText.of(item.seconds()), item.how()));
    }
    String speed =
        plan.tokensPerSecond().map(tokens -> "%,.0f tokens a second".formatted(tokens)).orElse("");
    return text.append(line("in all", TimeText.of(all), speed)).toString();
  }

  private static String line(String what, String amount, String how) {
    return "\n  %-22s %10s  %s".formatted(what, amount, how);
  }

  /** Dictionaries of a size in one line. */
  private String dictionaries() {
    Map<Long, List<Plan.Trained>> bySize = new LinkedHashMap<>();
    for (Plan.Trained one : plan.dictionaries()) {
      bySize.computeIfAbsent(one.features(), _ -> new ArrayList<>()).add(one);
    }
    TextTable table =
        new TextTable(List.of("dictionaries", "D", "features", "weights", "optimizer", "step"));
    bySize
        .values()
        .forEach(alike -> {
          Plan.Trained one = alike.getFirst();
          table.row(
              alike.size() == 1 ? one.name().toString() : alike.size() + " like " + one.name(),
              "%,d".formatted(one.dIn()),
              "%,d".formatted(one.features()),
              Bytes.text(one.weightsBytes()),
              Bytes.text(one.optimizerBytes()),
              one.stepSeconds().map(seconds -> "%.3g s".formatted(seconds)).orElse("-"));
        });
    return table.toString();
  }

  /** What is alike of a pass, for people. */
  private record Kind(int dictionaries, int hooks, long peakBytes) {}

  /** Passes of a kind in one line, the time being that of all. */
  private String passes() {
    Map<Kind, List<Plan.Pass>> byKind = new LinkedHashMap<>();
    for (Plan.Pass pass : plan.passes()) {
      Kind kind = new Kind(pass.dictionaries().size(), pass.hooks(), pass.peakBytes());
      byKind.computeIfAbsent(kind, _ -> new ArrayList<>()).add(pass);
    }
    TextTable table =
        new TextTable(List.of("pass", "dictionaries", "hooks", "buffer tokens", "memory", "time"));
    byKind.values().forEach(alike -> row(table, alike));
    return table.toString();
  }

  private static void row(TextTable table, List<Plan.Pass> alike) {
    Plan.Pass one = alike.getFirst();
    DictionaryName first = one.dictionaries().getFirst();
    DictionaryName last = one.dictionaries().getLast();
    boolean timed = alike.stream().allMatch(pass -> pass.seconds().isPresent());
    double seconds = alike.stream().mapToDouble(pass -> pass.seconds().orElse(0.0)).sum();
    table.row(
        alike.size() == 1 ? String.valueOf(one.pass()) : alike.size() + " like " + one.pass(),
        "%d: %s"
            .formatted(
                one.dictionaries().size(), first.equals(last) ? first : first + " .. " + last),
        String.valueOf(one.hooks()),
        "%,d".formatted(one.bufferTokens()),
        Bytes.text(one.peakBytes()),
        timed ? TimeText.of(seconds) : "-");
  }
}
