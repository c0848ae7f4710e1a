package dev.loupe.cluster;

import dev.loupe.model.ModelFolder;
import dev.loupe.text.CorpusCount;
import dev.loupe.text.CorpusFile;
import dev.loupe.text.CorpusSpec;
import dev.loupe.text.Source;
import dev.loupe.text.Tokenizer;
import java.util.List;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.util.SerializableConfiguration;

/** The task that counts one file of a corpus. */
final class FileCount implements Function<Integer, CorpusCount> {
  private static final long serialVersionUID = 1L;

  private final String model;
  private final String corpus;
  private final boolean skipBadLines;
  private final SerializableConfiguration storage;

  /** A task for each file, in the order of the sources and of the files in each. */
  FileCount(String model, String corpus, boolean skipBadLines, SerializableConfiguration storage) {
    this.model = model;
    this.corpus = corpus;
    this.skipBadLines = skipBadLines;
    this.storage = storage;
  }

  /** All files of a corpus, as the tasks are numbered. */
  static List<CorpusFile> files(CorpusSpec corpus) {
    return corpus.sources().stream().map(Source::files).flatMap(List::stream).toList();
  }

  @Override
  public CorpusCount call(Integer file) {
    HadoopStorage.use(storage.value());
    List<CorpusFile> one = List.of(files(CorpusSpec.parse(corpus)).get(file));
    try (Tokenizer tokenizer = Tokenizer.load(ModelFolder.resolve(model).directory())) {
      return CorpusCount.of(one, tokenizer, skipBadLines);
    }
  }
}
