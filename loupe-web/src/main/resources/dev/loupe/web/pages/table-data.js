// Filters and sorts all features of a dictionary, column by column.
const LOGITS = 20;
const TOKENS = 10;

/** Which features the terms hold of, as an Int32Array of numbers. data: {numbers, tokens, notes: Map} */
export function filter(data, terms) {
  const n = data.numbers.features;
  const keep = new Uint8Array(n).fill(1);
  for (const term of terms) apply(data, term, keep, n);
  let count = 0;
  for (let i = 0; i < n; i++) count += keep[i];
  const found = new Int32Array(count);
  for (let i = 0, to = 0; i < n; i++) if (keep[i]) found[to++] = i;
  return found;
}

function apply(data, term, keep, n) {
  const columns = data.numbers.columns;
  const holds = (i, is) => { if (is === term.negated) keep[i] = 0; };
  switch (term.kind) {
    case "number": { const values = columns[term.column].data; for (let i = 0; i < n; i++) if (keep[i]) holds(i, term.test(values[i])); return; }
    case "flag": { const values = columns.flags.data; for (let i = 0; i < n; i++) if (keep[i]) holds(i, (values[i] & term.flag) !== 0); return; }
    case "category": {
      const fits = data.numbers.categories.map((name) => name.toLowerCase().includes(term.value));
      const values = columns.category.data;
      for (let i = 0; i < n; i++) if (keep[i]) holds(i, values[i] >= 0 && fits[values[i]]);
      return;
    }
    case "has": for (let i = 0; i < n; i++) if (keep[i]) holds(i, has(data.notes.get(i), term.value)); return;
    case "token": return tokens(data, term, keep, n, ["tokens"]);
    case "logit": return tokens(data, term, keep, n, ["top"]);
    case "text": return tokens(data, term, keep, n, ["tokens", "top"], (i) => { const text = data.notes.get(i)?.explanation; return Boolean(text) && term.match(text); });
  }
}

function has(notes, what) {
  if (!notes) return false;
  return { explanation: notes.explanation !== null, note: notes.notes > 0, tag: notes.tags.length > 0, bookmark: notes.bookmarked }[what];
}

/** Each text is looked at once, not once a feature. */
function tokens(data, term, keep, n, names, also = () => false) {
  const fits = new Set();
  for (const [id, text] of Object.entries(data.tokens.texts)) if (term.match(text)) fits.add(Number(id));
  for (let i = 0; i < n; i++) {
    if (!keep[i]) continue;
    let found = false;
    for (const name of names) {
      const ids = data.tokens.columns[name].data;
      const each = name === "tokens" ? TOKENS : LOGITS;
      for (let k = i * each; k < (i + 1) * each && !found; k++) found = fits.has(ids[k]);
    }
    if ((found || also(i)) === term.negated) keep[i] = 0;
  }
}

/** Sorts feature numbers by a column, in place; NaN last, equal ones by number. */
export function sort(data, features, column, descending) {
  if (column === "feature") { features.sort(); return descending ? features.reverse() : features; }
  const values = data.numbers.columns[column].data;
  // one float64 key a feature sorts natively: far faster than a comparison function
  const keys = new Float64Array(features.length);
  const order = rankOf(values);
  for (let i = 0; i < features.length; i++) {
    const rank = order[features[i]];
    keys[i] = (Number.isNaN(values[features[i]]) ? 2 ** 21 : descending ? 2 ** 20 - rank : rank) * 2 ** 21 + features[i];
  }
  keys.sort();
  for (let i = 0; i < keys.length; i++) features[i] = keys[i] % 2 ** 21;
  return features;
}

const ranks = new WeakMap();

/** The dense rank of each value among all: computed once a column. */
function rankOf(values) {
  let rank = ranks.get(values);
  if (rank) return rank;
  const sorted = Float64Array.from(values).sort();
  let count = 0;
  for (let i = 0; i < sorted.length; i++) if (i === 0 || sorted[i] !== sorted[i - 1]) sorted[count++] = sorted[i];
  rank = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    let low = 0;
    let high = count;
    while (low < high) { const middle = (low + high) >> 1; if (sorted[middle] < values[i]) low = middle + 1; else high = middle; }
    rank[i] = low;
  }
  ranks.set(values, rank);
  return rank;
}

/** Counts of values in bins between edges, of all features or of some. */
export function bins(values, edges, features) {
  const counts = new Array(edges.length - 1).fill(0);
  const n = features ? features.length : values.length;
  for (let k = 0; k < n; k++) {
    const v = values[features ? features[k] : k];
    if (!(v >= edges[0]) || v > edges.at(-1)) continue;
    let low = 0;
    let high = counts.length - 1;
    while (low < high) { const middle = (low + high + 1) >> 1; if (edges[middle] <= v) low = middle; else high = middle - 1; }
    counts[low]++;
  }
  return counts;
}
