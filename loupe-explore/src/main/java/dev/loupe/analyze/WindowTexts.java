package dev.loupe.analyze;

import dev.loupe.files.FileFormatException;
import dev.loupe.store.WindowFile;
import dev.loupe.store.WindowRow;
import dev.loupe.text.CorpusFile;
import dev.loupe.text.CorpusSpec;
import dev.loupe.text.Document;
import dev.loupe.text.DocumentReader;
import dev.loupe.text.DocumentReference;
import dev.loupe.text.Encoding;
import dev.loupe.text.Progress;
import dev.loupe.text.Source;
import dev.loupe.text.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The text of every window: reads the documents of the corpus once more, for offsets and metadata,
 * which a token corpus does not keep. Borrows everything.
 */
final class WindowTexts {
  private static final int BATCH_CHARACTERS = 1 << 19;

  private final CorpusSpec spec;
  private final AnalysedTokens corpus;
  private final Tokenizer tokenizer;
  private final WindowFile out;
  private final Progress progress;
  private final Map<DocumentReference, List<Integer>> contexts = new HashMap<>();
  private final List<Document> batch = new ArrayList<>();
  private int batchCharacters;
  private int done;

  private WindowTexts(
      CorpusSpec spec,
      AnalysedTokens corpus,
      Tokenizer tokenizer,
      WindowFile out,
      Progress progress) {
    this.spec = spec;
    this.corpus = corpus;
    this.tokenizer = tokenizer;
    this.out = out;
    this.progress = progress;
    for (int context = 0; context < corpus.contexts().size(); context++) {
      contexts
          .computeIfAbsent(corpus.corpus().document(context), _ -> new ArrayList<>())
          .add(context);
    }
  }

  /** Adds the text of every window to a file. */
  static void write(
      CorpusSpec spec,
      AnalysedTokens corpus,
      Tokenizer tokenizer,
      WindowFile out,
      Progress progress) {
    WindowTexts texts = new WindowTexts(spec, corpus, tokenizer, out, progress);
    DocumentReader reader = new DocumentReader(spec, true);
    for (int source = 0; source < spec.sources().size(); source++) {
      reader.forEach(source, texts.contexts::containsKey, texts::add);
    }
    texts.flush();
  }

  private void add(Document document) {
    batch.add(document);
    batchCharacters += document.text().length() + 64;
    if (batchCharacters >= BATCH_CHARACTERS) {
      flush();
    }
  }

  private void flush() {
    List<Encoding> encodings = tokenizer.encode(batch.stream().map(Document::text).toList());
    for (int i = 0; i < encodings.size(); i++) {
      Document document = batch.get(i);
      int[] text = document.text().codePoints().toArray();
      for (int context : contexts.getOrDefault(document.reference(), List.of())) {
        write(context, document, text, encodings.get(i));
      }
    }
    done += batch.size();
    batch.clear();
    batchCharacters = 0;
    progress.report("keeping the texts (documents)", done, contexts.size());
  }

  private void write(int context, Document document, int[] text, Encoding encoding) {
    int[] ids = corpus.corpus().ids(context);
    int first = corpus.corpus().start(context) - 1; // token of the document at position 0
    Source source = spec.sources().get(document.reference().source());
    CorpusFile file = source.files().get(document.reference().file());
    for (int from = 0; from < ids.length; from += WindowRow.TOKENS) {
      int position = Math.max(1, from);
      int end = Math.min(from + WindowRow.TOKENS, ids.length);
      if (position >= end) {
        continue; // a context that is its begin id alone
      }
      int[] window = Arrays.copyOfRange(ids, position, end);
      int at = first + position;
      if (first + end > encoding.length()
          || !Arrays.equals(window, 0, window.length, encoding.ids(), at, at + window.length)) {
        throw new FileFormatException(
            Path.of(file.toString()),
            "expected the tokens of row %d (from 0) as when the analysis began, got others"
                .formatted(document.reference().row()),
            "was the file changed?");
      }
      int[] starts = Arrays.copyOfRange(encoding.starts(), at, at + window.length);
      int[] ends = Arrays.copyOfRange(encoding.ends(), at, at + window.length);
      int textEnd = Arrays.stream(ends).max().orElse(starts[0]);
      out.addText(
          new WindowRow(
              corpus.window(context, position),
              context,
              position,
              source.name(),
              file.name(),
              document.reference().row(),
              document.metadata().toString(),
              new String(text, starts[0], textEnd - starts[0]),
              window,
              starts,
              ends,
              new float[0]));
    }
  }

  /** Adds the losses of every window. */
  static void writeLosses(CodeFiles files, AnalysedTokens corpus, WindowFile out) {
    files.forEach(piece -> writeLosses(CodeFiles.tokens(piece), corpus, out));
  }

  private static void writeLosses(TokenColumns tokens, AnalysedTokens corpus, WindowFile out) {
    int t = 0;
    while (t < tokens.size()) {
      int context = tokens.context(t);
      int length = corpus.contexts().length(context);
      for (int from = 0; from < length; from += WindowRow.TOKENS) {
        int first = Math.max(1, from);
        float[] losses = new float[Math.min(from + WindowRow.TOKENS, length) - first];
        Arrays.fill(losses, Float.NaN);
        for (;
            t < tokens.size()
                && tokens.context(t) == context
                && tokens.position(t) < from + WindowRow.TOKENS;
            t++) {
          losses[tokens.position(t) - first] = tokens.losses()[t];
        }
        if (losses.length > 0) {
          out.addLosses(corpus.window(context, first), losses);
        }
      }
    }
  }
}
