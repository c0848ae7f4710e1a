package dev.loupe.analyze;

import dev.loupe.activation.CorpusContexts;

/** The contexts of a corpus, and which of its documents carry a category. Borrows the corpus. */
record AnalysedContexts(CorpusContexts contexts, CategoryDocuments documents) {
  static AnalysedContexts of(AnalysisSource source) {
    CorpusContexts contexts = CorpusContexts.of(source.corpus());
    return new AnalysedContexts(
        contexts, CategoryDocuments.read(source.setup().corpus(), source.corpus(), contexts));
  }
}
