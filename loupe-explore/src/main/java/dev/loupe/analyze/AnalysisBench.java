package dev.loupe.analyze;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.loupe.activation.CorpusContexts;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.model.LlamaConfig;
import dev.loupe.tensor.Torch;
import dev.loupe.text.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How long an analysis takes, beside what it cannot do without. The parts run in turn in one
 * process, on the same tokens, with corpus and model open.
 *
 * @param dictionaries that were analysed
 * @param features of all of them together
 * @param tokens counted
 * @param secondsModel pass of the language model, with the losses of next tokens
 * @param secondsModelAndEncoders that pass, and the codes of every dictionary, kept nowhere
 * @param secondsAnalysis the whole analysis, to the last file
 * @param ratio of the last two
 * @param featureTokensPerSecond features · tokens / seconds of the analysis
 * @param threads that computed
 * @param machine kind of CPU
 * @param peakBytes of memory that the process has held so far
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record AnalysisBench(
    List<DictionaryName> dictionaries,
    long features,
    long tokens,
    double secondsModel,
    double secondsModelAndEncoders,
    double secondsAnalysis,
    double ratio,
    double featureTokensPerSecond,
    int threads,
    String machine,
    long peakBytes) {

  public static AnalysisBench run(AnalysisSetup setup, Progress progress) {
    List<Double> seconds = new ArrayList<>();
    AtomicLong tokens = new AtomicLong();
    AnalysisSource.with(
        setup,
        progress,
        source -> {
          tokens.set(source.corpus().countedTokens());
          CorpusContexts contexts = CorpusContexts.of(source.corpus());
          source.withPass(
              contexts,
              CategoryDocuments.none(contexts),
              pass -> {
                seconds.add(seconds(() -> pass.dryRun(false, progress)));
                seconds.add(seconds(() -> pass.dryRun(true, progress)));
              });
          seconds.add(seconds(() -> Analysis.run(source, progress)));
        });
    int size = LlamaConfig.read(setup.model().directory()).hiddenSize();
    long features = setup.names().stream().mapToLong(name -> (long) name.expansion() * size).sum();
    return new AnalysisBench(
        setup.names(),
        features,
        tokens.get(),
        seconds.get(0),
        seconds.get(1),
        seconds.get(2),
        seconds.get(2) / seconds.get(1),
        features * tokens.get() / seconds.get(2),
        Torch.threads(),
        Torch.machine(),
        Torch.peakMemoryBytes());
  }

  private static double seconds(Runnable work) {
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) / 1e9;
  }
}
