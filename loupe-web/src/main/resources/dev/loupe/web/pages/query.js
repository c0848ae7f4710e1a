// The language of the table's query box, without a page: text -> terms -> tests of one feature.
import { explanationOf } from "./table-data.js";

const NUMBERS = { density: "rate", rate: "rate", max: "maximum", mean: "mean", share: "token_share", f1: "category_f1", firings: "firings", contexts: "contexts" };
const FLAGS = { dead: 1, dense: 2, single: 4 };
const HAS = {
  explanation: (notes) => Boolean(notes.explanation), note: (notes) => notes.notes > 0,
  tag: (notes) => notes.tags.length > 0, bookmark: (notes) => notes.bookmarked,
};
const WORDS = { tok: "tokens", logit: "top" };
const KEYS = [...Object.keys(NUMBERS), ...Object.keys(WORDS), "category", "is", "has", "near"];

/** What can be asked: [example, meaning]. */
export const HELP = [
  ["density:<0.01", "fires on less than 1 % of the tokens (or density:<1%)"],
  ["max:>5 mean:>=2", "strongest activation, and its mean where it fires"],
  ["share:>0.5", "share of its variance that the token alone explains"],
  ["f1:>0.4 firings:>=100", "F1 of its best category; how often it fired"],
  ["density:0.001..0.01", "a range, both ends included; for every number"],
  ["tok:dog", "one of the ten tokens it fires on most has “dog” in it"],
  ["tok:\"dog\"", "one of them is exactly that; blanks around it do not count unless you write them"],
  ["logit:/^ (cat|dog)s?$/", "one of the twenty tokens that it makes likely fits the regular expression"],
  ["category:animal", "the name of its best category has this in it; in quotes, is this"],
  ["is:dead is:dense is:single", "never fires; fires on more than 10 %; one token has 90 % of its activation"],
  ["has:explanation", "also has:note, has:tag, has:bookmark"],
  ["near:417", "417 and its nearest features by decoder or encoder direction"],
  ["dog \"exact\" /regex/", "in its tokens, the tokens it makes likely, or its explanation"],
  ["-is:dead", "does not hold; all terms must hold together"],
];

/** A query that says nothing: message, and where in the text it lies. */
export class QueryError extends Error {
  constructor(message, at, end) {
    super(message);
    Object.assign(this, { at, end });
  }
}

/** Terms of a query: [{kind, negated, at, end, ...}]. Throws QueryError. */
export function parse(text) {
  const { terms, error } = scan(text);
  if (error) throw error;
  return terms;
}

/** The terms up to the first error, and that error. */
function scan(text) {
  const terms = [];
  let at = 0;
  try {
    for (;;) {
      at += /^\s*/.exec(text.slice(at))[0].length;
      if (at === text.length) return { terms, error: null };
      const term = read(text, at);
      terms.push(term);
      at = term.end;
    }
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    return { terms, error };
  }
}

function read(text, at) {
  const [head, minus, key] = /^(-?)(?:([a-z][a-z0-9]*):)?/i.exec(text.slice(at));
  const { value, form, end } = readValue(text, at + head.length);
  const where = { at, end };
  if (value === "") throw failed(key ? `a value after ${key}:` : minus ? "a term after -" : "something between the quotes", where);
  return { ...meaning(key?.toLowerCase(), value, form, where), negated: minus === "-", at, end };
}

/** A value in quotes (form "exact"), between slashes ("regex") or up to the next blank ("word"). */
function readValue(text, at) {
  const open = text[at];
  const form = open === "\"" ? "exact" : open === "/" ? "regex" : "word";
  if (form === "word") {
    const value = /^\S*/.exec(text.slice(at))[0];
    return { value, form, end: at + value.length };
  }
  const match = (form === "exact" ? /^"((?:[^"\\]|\\.)*)"/ : /^\/((?:[^/\\]|\\.)*)\//).exec(text.slice(at));
  if (!match) throw failed(`a closing ${open}`, { at, end: text.length });
  const end = at + match[0].length;
  if (end < text.length && !/\s/.test(text[end])) throw failed(`a blank after ${match[0]}`, { at: end, end: end + 1 });
  return { value: form === "exact" ? match[1].replace(/\\(["\\])/g, "$1") : match[1], form, end };
}

const failed = (expected, { at, end }, got) => new QueryError(`expected ${expected}${got === undefined ? "" : `, got ${got}`}`, at, end);

function meaning(key, value, form, where) {
  if (key === undefined) return { kind: "text", match: matcher(value, form, where), phrase: phraseMatcher(value, form, where) };
  if (NUMBERS[key]) return { kind: "number", column: NUMBERS[key], ...range(key, value, where) };
  if (WORDS[key]) return { kind: "word", column: WORDS[key], match: matcher(value, form, where) };
  switch (key) {
    case "category": return { kind: "category", value, match: form === "exact" ? (name) => name === value : matcher(value, form, where) };
    case "is": return { kind: "is", value: choice(key, FLAGS, value, where) };
    case "has": return { kind: "has", value: choice(key, HAS, value, where) };
    case "near":
      if (!/^\d{1,9}$/.test(value)) throw failed("a feature number such as near:417", where, `near:${value}`);
      return { kind: "near", feature: Number(value) };
    default: throw failed(`one of ${KEYS.map((k) => `${k}:`).join(" ")} or a word in quotes`, where, `${key}:`);
  }
}

function choice(key, choices, value, where) {
  const name = value.toLowerCase();
  if (!Object.hasOwn(choices, name)) throw failed(Object.keys(choices).map((c) => `${key}:${c}`).join(" or "), where, `${key}:${value}`);
  return name;
}

/** Whether a token fits. */
function matcher(value, form, where) {
  if (form === "regex") return expression(value, where);
  if (form === "exact") return /^\s|\s$/.test(value) ? (text) => text === value : (text) => text === value || text.trim() === value;
  return contains(value);
}

/** Whether a sentence fits. */
function phraseMatcher(value, form, where) {
  if (form === "regex") return expression(value, where);
  return form === "exact" ? (text) => text.includes(value) : contains(value);
}

function contains(value) {
  const low = value.toLowerCase();
  return (text) => text.toLowerCase().includes(low);
}

function expression(value, where) {
  try {
    const regex = new RegExp(value, "iu");
    return (text) => regex.test(text);
  } catch (e) {
    throw failed(`a regular expression (${e.message.replace(/^.*: /, "")})`, where, `/${value}/`);
  }
}

const NUMBER = "(-?(?:\\d+\\.?\\d*|\\.\\d+)(?:e[+-]?\\d+)?)(%?)";
const RANGE = new RegExp(`^${NUMBER}\\.\\.${NUMBER}$`, "i");
const BOUND = new RegExp(`^(<=|>=|<|>|=)${NUMBER}$`, "i");

/** {low, high, lowOpen, highOpen}: open ends leave the bound itself out. */
function range(key, text, where) {
  const value = (digits, per) => Number(digits) / (per ? 100 : 1);
  const span = RANGE.exec(text);
  if (span) {
    const [low, high] = [value(span[1], span[2]), value(span[3], span[4])];
    if (low > high) throw failed("the smaller bound first", where, `${key}:${text}`);
    return { low, high, lowOpen: false, highOpen: false };
  }
  const bound = BOUND.exec(text);
  if (!bound) throw failed(`a bound such as ${key}:<0.01, ${key}:>=5 or a range ${key}:0.001..0.01`, where, `${key}:${text}`);
  const at = value(bound[2], bound[3]);
  const [sign] = bound[1];
  return { low: sign === "<" ? -Infinity : at, high: sign === ">" ? Infinity : at, lowOpen: bound[1] === ">", highOpen: bound[1] === "<" };
}

/** Whether the terms look at tokens, which are loaded after the numbers. */
export const needsWords = (terms) => terms.some((term) => term.kind === "text" || term.kind === "word");

/** The features whose neighbours the terms look at. */
export const nearOf = (terms) => terms.filter((term) => term.kind === "near").map((term) => term.feature);

/** Tests of one feature's number: [{negated, holds}]. table: see table-data.js. Throws QueryError. */
export const compile = (terms, table) => terms.map((term) => ({ negated: term.negated, holds: test(term, table) }));

function test(term, table) {
  switch (term.kind) {
    case "number": return within(table.columns[term.column], term);
    case "is": { const flags = table.columns.flags; const flag = FLAGS[term.value]; return (f) => (flags[f] & flag) !== 0; }
    case "category": { const fits = table.categories.map(term.match); const category = table.columns.category; return (f) => category[f] >= 0 && fits[category[f]]; }
    case "has": { const has = HAS[term.value]; return (f) => { const notes = table.notes.get(f); return notes !== undefined && has(notes); }; }
    case "word": return hasWord(table.words, table.words[term.column], fitting(table.words, term.match));
    case "near": return near(term, table);
    default: return anywhere(term, table);
  }
}

function within(values, { low, high, lowOpen, highOpen }) {
  // bounds are rounded as the column is, so that =, <= and >= mean what the table shows
  const round = values instanceof Float32Array ? Math.fround : Number;
  const [from, to] = [round(low), round(high)];
  return (f) => { const v = values[f]; return (lowOpen ? v > from : v >= from) && (highOpen ? v < to : v <= to); };
}

/** By token id, whether its text fits: each text is looked at once, not once a feature. */
function fitting({ texts }, match) {
  const fits = new Uint8Array(texts.length);
  for (let id = 0; id < texts.length; id++) if (texts[id] !== undefined && match(texts[id])) fits[id] = 1;
  return fits;
}

function hasWord(words, { data, width }, fits) {
  return (f) => {
    for (let k = f * width; k < (f + 1) * width; k++) if (fits[data[k]] === 1) return true;
    return false;
  };
}

function anywhere(term, table) {
  const fits = fitting(table.words, term.match);
  const tokens = hasWord(table.words, table.words.tokens, fits);
  const top = hasWord(table.words, table.words.top, fits);
  return (f) => tokens(f) || top(f) || explained(table, f, term.phrase);
}

function explained(table, f, phrase) {
  const text = explanationOf(table, f);
  return Boolean(text) && phrase(text);
}

function near(term, table) {
  if (term.feature >= table.features) throw failed(`a feature below ${table.features}`, term, `near:${term.feature}`);
  const found = table.near.get(term.feature);
  return (f) => found.has(f);
}

/** The query without the terms that are to go, and with others at its end. */
export function edit(text, gone, ...added) {
  let rest = "";
  let from = 0;
  for (const term of scan(text).terms) {
    if (!gone(term)) continue;
    rest += text.slice(from, term.at);
    from = term.end;
  }
  rest = (rest + text.slice(from)).trim();
  return [rest, ...added].filter(Boolean).join(" ");
}

/** The query with a range of a number in place of the one it has; null is no bound. */
export function withRange(text, key, low, high) {
  const gone = (term) => term.kind === "number" && term.column === NUMBERS[key] && !term.negated;
  const added = low !== null && high !== null ? `${key}:${low}..${high}` : low !== null ? `${key}:>=${low}` : high !== null ? `${key}:<=${high}` : "";
  return edit(text, gone, added);
}

/** The range that the terms leave of a number. */
export function rangeOf(terms, key) {
  const own = terms.filter((term) => term.kind === "number" && term.column === NUMBERS[key] && !term.negated);
  return { low: Math.max(-Infinity, ...own.map((term) => term.low)), high: Math.min(Infinity, ...own.map((term) => term.high)) };
}
