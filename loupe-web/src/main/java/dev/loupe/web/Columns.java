package dev.loupe.web;

import dev.loupe.dictionary.DictionaryName;
import dev.loupe.store.FeatureColumns;
import dev.loupe.store.FeatureStore;
import dev.loupe.store.TokenColumns;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * The tables of all features, one a dictionary, as {@link ColumnBody} writes them; those asked for
 * last are kept. Thread-safe.
 */
final class Columns {
  private static final int KEPT = 8;

  private final Stores stores;
  private final Map<String, Body> kept = new LinkedHashMap<>(16, 0.75f, true);

  private final Map<DictionaryName, TokenColumns> tokens = new ConcurrentHashMap<>();

  Columns(Stores stores) {
    this.stores = stores;
  }

  /** Rates, activations, categories. */
  Body numbers(DictionaryName name) {
    return kept(
        "numbers " + name,
        () -> {
          FeatureColumns columns = stores.ask(name, FeatureStore::columns);
          return new ColumnBody(columns.features())
              .with("firings", columns.firings())
              .with("rate", columns.rate())
              .with("contexts", columns.contexts())
              .with("maximum", columns.maximum())
              .with("mean", columns.mean())
              .with("deviation", columns.deviation())
              .with("quantiles", columns.quantiles())
              .with("token_share", columns.tokenShare())
              .with("flags", columns.flags())
              .with("category", columns.category())
              .with("category_sign", columns.categorySign())
              .with("category_f1", columns.categoryF1())
              .body(Map.of("categories", columns.categories()));
        });
  }

  /** Tokens on which features fire, and which they make likely. */
  Body tokens(DictionaryName name) {
    return kept(
        "tokens " + name,
        () -> {
          TokenColumns columns = tokenColumns(name);
          return new ColumnBody(columns.tokens().length / TokenColumns.TOKENS)
              .with("tokens", columns.tokens())
              .with("top", columns.top())
              .with("bottom", columns.bottom())
              .body(Map.of("texts", new TreeMap<>(columns.texts())));
        });
  }

  /** The same as they are, all kept: a search goes through those of all dictionaries. */
  TokenColumns tokenColumns(DictionaryName name) {
    TokenColumns found = tokens.get(name);
    if (found == null) {
      found = stores.ask(name, FeatureStore::tokenColumns);
      tokens.put(name, found);
    }
    return found;
  }

  private Body kept(String key, Supplier<Body> make) {
    synchronized (kept) {
      Body body = kept.get(key);
      if (body != null) {
        return body;
      }
    }
    Body body = make.get();
    synchronized (kept) {
      kept.put(key, body);
      if (kept.size() > KEPT) {
        kept.remove(kept.keySet().iterator().next());
      }
    }
    return body;
  }
}
