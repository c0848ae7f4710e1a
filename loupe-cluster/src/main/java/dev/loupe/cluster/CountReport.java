package dev.loupe.cluster;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.loupe.text.CorpusCount;
import dev.loupe.text.CorpusSpec;
import dev.loupe.text.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a corpus holds.
 *
 * @param total of all sources
 * @param sparkSeconds until Spark had started
 * @param jobSeconds until all files were counted
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
record CountReport(
    List<Counted> sources, CorpusCount total, double sparkSeconds, double jobSeconds) {
  /** A source by its name. */
  record Counted(String name, int files, CorpusCount count) {}

  /**
   * Adds up what was counted.
   *
   * @param files counts of all files, in the order of the sources
   */
  static CountReport of(
      CorpusSpec corpus, List<CorpusCount> files, double sparkSeconds, double jobSeconds) {
    List<Counted> sources = new ArrayList<>();
    int from = 0;
    for (Source source : corpus.sources()) {
      int to = from + source.files().size();
      sources.add(new Counted(source.name(), to - from, sum(files.subList(from, to))));
      from = to;
    }
    return new CountReport(sources, sum(files), sparkSeconds, jobSeconds);
  }

  private static CorpusCount sum(List<CorpusCount> counts) {
    return counts.stream().reduce(CorpusCount.NOTHING, CorpusCount::plus);
  }

  /** For people. */
  String text() {
    Stream<String> lines =
        sources.stream().map(source -> line(source.name(), source.files(), source.count()));
    int files = sources.stream().mapToInt(Counted::files).sum();
    return Stream.concat(
            lines, sources.size() == 1 ? Stream.of() : Stream.of(line("in all", files, total)))
        .collect(Collectors.joining("\n"));
  }

  private static String line(String name, int files, CorpusCount count) {
    return "%s: %,d files, %,d documents (%,d held out), %,d characters, %,d tokens (%,d held out), at most %,d in one%s"
        .formatted(
            name,
            files,
            count.documents(),
            count.heldOutDocuments(),
            count.characters(),
            count.tokens(),
            count.heldOutTokens(),
            count.longest(),
            count.badLines() == 0 ? "" : "; %,d bad lines".formatted(count.badLines()));
  }
}
