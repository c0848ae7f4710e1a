package dev.loupe.search;

import dev.loupe.dictionary.DictionaryName;
import java.util.Map;

/** What features are said to be by machine, wherever that is kept. Thread-safe. */
public interface Said {
  /** Of nothing is anything said. */
  Said NOTHING =
      new Said() {
        @Override
        public Map<Integer, String> of(DictionaryName name) {
          return Map.of();
        }

        @Override
        public long version(DictionaryName name) {
          return 0;
        }
      };

  /** The words that count, by feature. */
  Map<Integer, String> of(DictionaryName name);

  /** Another number whenever something was added. */
  long version(DictionaryName name);
}
