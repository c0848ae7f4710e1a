package dev.loupe.text;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What to read: one source or a mixture by counted tokens. All files are known to exist and not to
 * be empty when it is parsed; they are opened later, when they are read.
 *
 * @param sources at least one; their shares add up to 1
 */
public record CorpusSpec(List<Source> sources) {
  private static final Map<String, String> BUNDLED_FILES =
      Map.of(
          "demo:books", "books.jsonl.gz",
          "demo:wordnet", "wordnet.jsonl.gz",
          "demo:chat", "chat.jsonl.gz");
  private static final Map<String, String> BUNDLED_CORPORA =
      Map.of("demo", "demo:books=0.7,demo:wordnet=0.3", "demo-chat", "demo:chat");

  /** Scales the shares so that they add up to 1. */
  public CorpusSpec {
    if (sources.isEmpty()) {
      throw new IllegalArgumentException("expected at least one source, got none");
    }
    double sum = sources.stream().mapToDouble(Source::share).sum();
    sources = sources.stream().map(source -> source.scaled(1 / sum)).toList();
  }

  /**
   * Reads the argument of {@code --corpus}: a file, a directory or a glob of {@code .jsonl}, {@code
   * .jsonl.gz}, {@code .jsonl.zst}, {@code .txt} or {@code .parquet}; a bundled name ({@code demo},
   * {@code demo-chat}, {@code demo:books}, {@code demo:wordnet}, {@code demo:chat}); or a mixture
   * of any of these by tokens, {@code a.jsonl=0.7,b.jsonl=0.3}, whose shares are scaled to add up
   * to 1. CorpusException where a file is missing, empty, unreadable or of an unknown kind.
   */
  public static CorpusSpec parse(String argument) {
    boolean mixture =
        argument.contains("=")
            && (CorpusFiles.isAddress(argument) || !Files.exists(Path.of(argument)));
    return mixture ? mixture(argument) : new CorpusSpec(part(argument));
  }

  private static CorpusSpec mixture(String argument) {
    List<Source> sources = new ArrayList<>();
    List<Double> shares = new ArrayList<>();
    for (String part : argument.split(",", -1)) {
      int equals = part.lastIndexOf('=');
      double share = equals <= 0 ? Double.NaN : share(part.substring(equals + 1));
      if (!(share > 0 && share < Double.POSITIVE_INFINITY)) {
        throw new CorpusException(
            "expected parts as file=0.7 with a share above 0, got '%s' in the corpus '%s'"
                .formatted(part, argument));
      }
      for (Source source : part(part.substring(0, equals))) {
        sources.add(source);
        shares.add(share * source.share());
      }
    }
    return scaled(sources, shares);
  }

  private static CorpusSpec scaled(List<Source> sources, List<Double> shares) {
    double sum = shares.stream().mapToDouble(Double::doubleValue).sum();
    List<Source> scaled = new ArrayList<>();
    for (int i = 0; i < sources.size(); i++) {
      Source source = sources.get(i);
      scaled.add(new Source(source.name(), source.files(), shares.get(i) / sum));
    }
    return new CorpusSpec(scaled);
  }

  private static double share(String number) {
    try {
      return Double.parseDouble(number.strip());
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  private static List<Source> part(String name) {
    if (BUNDLED_CORPORA.containsKey(name)) {
      return parse(BUNDLED_CORPORA.get(name)).sources();
    }
    if (BUNDLED_FILES.containsKey(name)) {
      return List.of(
          new Source(
              name, List.of(CorpusFile.of(BundledFiles.corpus(BUNDLED_FILES.get(name)))), 1));
    }
    return List.of(CorpusFiles.find(name));
  }
}
