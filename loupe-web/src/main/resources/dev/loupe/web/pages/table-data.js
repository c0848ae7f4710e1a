// All features of a dictionary, column by column: filtered, sorted and counted without an object a feature.

/** A table of numbers (api.columns). Its words come later, by withWords; said: feature -> text by machine; near: feature -> Set of features. */
export function tableOf(numbers, notes = new Map(), said = new Map()) {
  const columns = Object.fromEntries(Object.entries(numbers.columns).map(([name, column]) => [name, column.data]));
  return { features: numbers.features, columns, categories: numbers.categories, words: null, notes, said, near: new Map() };
}

/** Puts in the tokens (api.columns of /tokens): {tokens, top: {data, width}, texts: by id}. */
export function withWords(table, { columns, texts }) {
  const byId = [];
  for (const [id, text] of Object.entries(texts)) byId[Number(id)] = text;
  table.words = { tokens: columns.tokens, top: columns.top, texts: byId };
  return table;
}

/** What a person said that a feature is, else what a machine says; "" for neither. */
export const explanationOf = (table, f) => table.notes.get(f)?.explanation ?? table.said.get(f) ?? "";

/** The first texts of a feature's tokens or likely tokens. */
export function wordsOf({ words }, name, feature, most) {
  const { data, width } = words[name];
  const found = [];
  for (let k = feature * width; k < feature * width + Math.min(most, width); k++) if (data[k] >= 0) found.push(words.texts[data[k]]);
  return found;
}

/** Which features pass all tests (query.js), in order. */
export function filter(table, tests) {
  const found = new Int32Array(table.features);
  for (let f = 0; f < found.length; f++) found[f] = f;
  let count = found.length;
  for (const { negated, holds } of tests) {
    let kept = 0;
    for (let i = 0; i < count; i++) if (holds(found[i]) !== negated) found[kept++] = found[i];
    count = kept;
  }
  return found.slice(0, count);
}

/** Columns that a table can be sorted by. */
export const SORTABLE = ["feature", "tokens", "top", "rate", "maximum", "mean", "token_share", "category", "category_f1", "flags", "firings"];

/** Sorts features in place; missing values last either way, equal ones as they stood. */
export function sort(table, features, column, descending) {
  if (column === "feature") return descending ? features.reverse() : features;
  return radixSort(features, keysOf(valuesFor(table, column)), descending);
}

function valuesFor(table, column) {
  if (column === "category") return kept(table.columns.category, () => ranked(table.columns.category, 1, table.categories));
  if (column === "tokens" || column === "top") { const { data, width } = table.words[column]; return kept(data, () => ranked(data, width, table.words.texts)); }
  return table.columns[column];
}

const derived = new WeakMap();
function kept(source, make) {
  if (!derived.has(source)) derived.set(source, make());
  return derived.get(source);
}

/** By feature, the place of its first text in the alphabet; NaN without one. */
function ranked(data, width, texts) {
  const places = kept(texts, () => placesOf(texts));
  const made = new Float32Array(data.length / width);
  for (let f = 0; f < made.length; f++) { const first = data[f * width]; made[f] = first < 0 ? NaN : places[first]; }
  return made;
}

/** By text, its place among all in the alphabet, blanks and case aside. */
function placesOf(texts) {
  const plain = texts.map((text) => text.trim().toLowerCase());
  const order = Object.keys(texts).map(Number).sort((a, b) => plain[a] < plain[b] ? -1 : plain[a] > plain[b] ? 1 : a - b);
  const places = new Float32Array(texts.length);
  for (let i = 0; i < order.length; i++) places[order[i]] = i;
  return places;
}

const MISSING = 0xffffffff;
const keys = new WeakMap();

/** Unsigned numbers in the order of the values: a float's bits, its sign turned; NaN is the largest. */
function keysOf(values) {
  if (keys.has(values)) return keys.get(values);
  const made = new Uint32Array(values.length);
  if (values instanceof Float32Array) {
    const bits = new Uint32Array(values.slice().buffer);
    for (let i = 0; i < made.length; i++) {
      const own = values[i] === 0 ? 0 : bits[i]; // -0 is 0
      made[i] = Number.isNaN(values[i]) ? MISSING : own & 0x80000000 ? ~own : own | 0x80000000;
    }
  } else {
    for (let i = 0; i < made.length; i++) made[i] = values[i] ^ 0x80000000;
  }
  keys.set(values, made);
  return made;
}

/** Two stable passes of 16 bits each. */
function radixSort(features, all, descending) {
  const own = new Uint32Array(features.length);
  for (let i = 0; i < own.length; i++) { const key = all[features[i]]; own[i] = descending && key !== MISSING ? MISSING - 1 - key : key; }
  const half = { features: new Int32Array(own.length), own: new Uint32Array(own.length) };
  pass(features, own, half.features, half.own, 0);
  pass(half.features, half.own, features, own, 16);
  return features;
}

function pass(features, own, toFeatures, toOwn, shift) {
  const starts = new Uint32Array(65537);
  for (let i = 0; i < own.length; i++) starts[((own[i] >>> shift) & 0xffff) + 1]++;
  for (let i = 1; i < starts.length; i++) starts[i] += starts[i - 1];
  for (let i = 0; i < own.length; i++) {
    const to = starts[(own[i] >>> shift) & 0xffff]++;
    toFeatures[to] = features[i];
    toOwn[to] = own[i];
  }
}

/** Edges of bins as wide as each other in the logarithm of the positive values, rounded so that they can be written. */
export function logEdges(values, bins) {
  let low = Infinity;
  let high = 0;
  for (const v of values) if (v > 0) { if (v < low) low = v; if (v > high) high = v; }
  if (high === 0) return Array.from({ length: bins + 1 }, (_, i) => i);
  if (high <= low * 1.01) [low, high] = [low / 2, high * 2];
  return Array.from({ length: bins + 1 }, (_, i) => rounded(low * (high / low) ** (i / bins), i === 0 ? "down" : i === bins ? "up" : "near"));
}

/** A value with three digits: the nearest such, or the next below ("down") or above ("up"). */
export function rounded(value, toward = "near") {
  const nearest = Number(value.toPrecision(3));
  const unit = 10 ** (Math.floor(Math.log10(Math.abs(value))) - 2);
  if (toward === "down" && nearest > value) return Number((nearest - unit).toPrecision(3));
  if (toward === "up" && nearest < value) return Number((nearest + unit).toPrecision(3));
  return nearest;
}

/** The bin of a value between edges; -1 outside. */
function binOf(v, edges) {
  if (!(v >= edges[0]) || v > edges[edges.length - 1]) return -1;
  let low = 0;
  let high = edges.length - 2;
  while (low < high) { const middle = (low + high + 1) >> 1; if (edges[middle] <= v) low = middle; else high = middle - 1; }
  return low;
}

/** By feature, its bin (at most 127 of them; -1 outside): worked out once, so that counting what a filter leaves is one pass. */
export function binned(values, edges) {
  const places = new Int8Array(values.length);
  for (let f = 0; f < places.length; f++) places[f] = binOf(values[f], edges);
  return places;
}

/** How many of the features (all without) lie in each bin. */
export function countBins(places, bins, features) {
  const counts = new Uint32Array(bins + 1); // the first: outside
  if (features) for (let i = 0; i < features.length; i++) counts[places[features[i]] + 1]++;
  else for (let f = 0; f < places.length; f++) counts[places[f] + 1]++;
  return Array.from(counts.subarray(1));
}

/** Counts of values in bins between edges, of all features or of some. */
export const bins = (values, edges, features) => countBins(binned(values, edges), edges.length - 1, features);

/** How many of the features have the bits of a column of flags. */
export function countFlags(flags, masks, features) {
  const counts = masks.map(() => 0);
  const n = features ? features.length : flags.length;
  for (let i = 0; i < n; i++) {
    const value = flags[features ? features[i] : i];
    if (value === 0) continue;
    for (let m = 0; m < masks.length; m++) if (value & masks[m]) counts[m]++;
  }
  return counts;
}
