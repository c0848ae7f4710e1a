package dev.loupe.probing;

import dev.loupe.dictionary.Dictionary;
import dev.loupe.dictionary.DictionaryName;
import dev.loupe.model.Llama;
import dev.loupe.model.LlamaConfig;
import dev.loupe.model.ModelFolder;
import dev.loupe.text.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The model, tokenizer and dictionaries of a setup. Owns them until closed.
 *
 * @param dictionaries in the order asked for
 */
record ProbingSource(Tokenizer tokenizer, Llama model, List<Dictionary> dictionaries)
    implements AutoCloseable {

  static ProbingSource open(ProbingSetup setup) {
    setup.names().forEach(setup.suite()::folder); // refuses names that the suite lacks
    Path directory = setup.model().directory();
    LlamaConfig config = LlamaConfig.read(directory);
    Tokenizer tokenizer = Tokenizer.load(directory);
    List<AutoCloseable> opened = new ArrayList<>(List.of(tokenizer));
    try {
      ModelFolder.checkTokenizer(config, tokenizer);
      Llama model = Llama.load(directory, setup.lmDtype(), setup.device());
      opened.addFirst(model);
      setup.suite().checkModel(model.fingerprint(), setup.model().name(), setup.otherModel());
      List<Dictionary> dictionaries = new ArrayList<>();
      for (DictionaryName name : setup.names()) {
        Dictionary dictionary = setup.suite().dictionary(name);
        opened.addFirst(dictionary);
        dictionaries.add(dictionary);
      }
      return new ProbingSource(tokenizer, model, List.copyOf(dictionaries));
    } catch (RuntimeException | Error e) {
      closeAll(opened, e);
      throw e;
    }
  }

  private static void closeAll(List<AutoCloseable> opened, Throwable failure) {
    for (AutoCloseable each : opened) {
      try {
        each.close();
      } catch (Exception e) { // what close declares; none of these throws a checked one
        failure.addSuppressed(e);
      }
    }
  }

  @Override
  public void close() {
    dictionaries.forEach(Dictionary::close);
    model.close();
    tokenizer.close();
  }
}
