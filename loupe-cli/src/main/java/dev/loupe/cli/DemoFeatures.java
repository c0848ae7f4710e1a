package dev.loupe.cli;

import dev.loupe.analyze.Example;
import dev.loupe.analyze.ExampleText;
import dev.loupe.analyze.FeatureScan;
import dev.loupe.analyze.FeatureSummary;
import dev.loupe.dictionary.Dictionary;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.dictionary.Suite;
import dev.loupe.model.Llama;
import dev.loupe.model.ModelFolder;
import dev.loupe.text.CorpusSpec;
import dev.loupe.text.LongDocuments;
import dev.loupe.text.Split;
import dev.loupe.text.TokenCorpus;
import dev.loupe.text.TokenRequest;
import dev.loupe.text.Tokenizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A few features of one dictionary with their strongest tokens in context. */
final class DemoFeatures {
  private static final long TOKENS = 60_000;
  private static final int FEATURES = 6;
  private static final int EXAMPLES = 4;
  private static final int BEFORE = 14;
  private static final int AFTER = 6;

  private final DemoPrinter printer;

  DemoFeatures(DemoPrinter printer) {
    this.printer = printer;
  }

  /** Prints them, and gives them as JSON. */
  List<Map<String, Object>> show(
      ModelFolder model, Suite suite, DictionaryName name, ComputeOptions compute) {
    TokenRequest request =
        new TokenRequest(Split.HELD_OUT, TOKENS, 1, 256, LongDocuments.SPLIT, 0, 4_096, false);
    try (ConsoleProgress progress = new ConsoleProgress();
        Tokenizer tokenizer = Tokenizer.load(model.directory());
        TokenCorpus corpus =
            TokenCorpus.open(CorpusSpec.parse("demo"), tokenizer, request, progress);
        Llama llama = Llama.load(model.directory(), compute.lmDtype(), compute.device());
        Dictionary dictionary = suite.dictionary(name)) {
      FeatureScan scan = FeatureScan.run(llama, dictionary, corpus, progress);
      progress.end();
      printer.heading(
          "Features of %s that are more than detectors of one token (each line a place where it fires most)"
              .formatted(name));
      List<Map<String, Object>> shown = new ArrayList<>();
      for (int feature : scan.interesting(FEATURES, 0)) {
        shown.add(feature(scan, feature, name, tokenizer));
      }
      return shown;
    }
  }

  private Map<String, Object> feature(
      FeatureScan scan, int feature, DictionaryName name, Tokenizer tokenizer) {
    FeatureSummary summary = scan.features().get(feature);
    ExampleText plain = ExampleText.plain(tokenizer);
    ExampleText text = printer.coloured() ? ExampleText.coloured(tokenizer) : plain;
    printer.line("");
    printer.line(
        "%s/%d  fires %,d times in %,d documents, up to %.1f; the token alone explains %.0f %%"
            .formatted(
                name,
                feature,
                summary.firings(),
                summary.documents(),
                summary.maximum(),
                100 * Math.max(0, summary.tokenShare())));
    List<String> examples = new ArrayList<>();
    for (Example example : scan.examples(feature, EXAMPLES, BEFORE, AFTER)) {
      printer.line("  " + text.line(example, summary.maximum()));
      examples.add(plain.line(example, summary.maximum()));
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("feature", name + "/" + feature);
    json.put("summary", summary);
    json.put("examples", examples);
    return json;
  }
}
