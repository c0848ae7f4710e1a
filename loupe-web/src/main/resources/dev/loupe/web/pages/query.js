// The language of the table's query box: terms that all must hold.
const NUMBERS = { density: "rate", rate: "rate", max: "maximum", maximum: "maximum", mean: "mean", share: "token_share", f1: "category_f1", firings: "firings", contexts: "contexts" };
const FLAGS = { dead: 1, dense: 2, single: 4 };

export const HELP = [
  ["density:<0.01", "fires on less than 1 % of the tokens; also max, mean, share (what the token alone explains), f1, firings, contexts, with < <= > >= or a range 0.001..0.01"],
  ["tok:\"dog\"", "one of the ten tokens it fires on most has this in it; tok:dog matches the whole token"],
  ["logit:\"dog\"", "one of the twenty tokens it makes likely"],
  ["category:animal", "its best category has this in its name"],
  ["is:dead is:dense is:single", "flags"],
  ["has:explanation has:note has:tag", "what people wrote"],
  ["word \"exact\" /regex/", "in tokens, likely tokens or the explanation"],
  ["-term", "does not hold"],
];

export class QueryError extends Error {}

/** Terms of a query: [{kind, negated, ...}]. QueryError says what was expected. */
export function parse(text) {
  const terms = [];
  const pattern = /(-?)(?:([a-z0-9]+):)?(?:"([^"]*)"|\/((?:[^/\\]|\\.)+)\/|([^\s"]+))/giy;
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text[at])) { at++; continue; }
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (!match) throw new QueryError(`expected a term at “${text.slice(at, at + 12)}”; is a quote open?`);
    terms.push(term(match));
    at = pattern.lastIndex;
  }
  return terms;
}

function term([, minus, key, phrase, regex, word]) {
  const negated = minus === "-";
  const name = key?.toLowerCase();
  if (!name) return { kind: "text", negated, match: matcher(phrase, regex, word) };
  if (NUMBERS[name]) return { kind: "number", negated, column: NUMBERS[name], ...range(name, word ?? phrase ?? "") };
  const value = (phrase ?? word ?? "").toLowerCase();
  switch (name) {
    case "tok": case "token": return { kind: "token", negated, match: matcher(phrase, regex, word, true) };
    case "logit": return { kind: "logit", negated, match: matcher(phrase, regex, word, true) };
    case "category": return { kind: "category", negated, value };
    case "is":
      if (!FLAGS[value]) throw new QueryError(`expected is:dead, is:dense or is:single, got is:${value}`);
      return { kind: "flag", negated, flag: FLAGS[value] };
    case "has":
      if (!["explanation", "note", "tag", "bookmark"].includes(value)) throw new QueryError(`expected has:explanation, has:note, has:tag or has:bookmark, got has:${value}`);
      return { kind: "has", negated, value };
    default: throw new QueryError(`expected one of ${Object.keys(NUMBERS).join(", ")}, tok, logit, category, is, has, got ${name}:`);
  }
}

function matcher(phrase, regex, word, whole = false) {
  if (regex !== undefined) {
    try {
      const expression = new RegExp(regex, "iu");
      return (text) => expression.test(text);
    } catch (e) {
      throw new QueryError(`expected a regular expression: ${e.message}`);
    }
  }
  if (phrase !== undefined) return (text) => text.includes(phrase);
  const low = word.toLowerCase();
  return whole ? (text) => text.trim().toLowerCase() === low : (text) => text.toLowerCase().includes(low);
}

function range(name, text) {
  const span = /^([\d.eE+-]+)\.\.([\d.eE+-]+)$/.exec(text);
  const bound = /^(<=|>=|<|>|=)?([\d.eE+-]+)$/.exec(text);
  const [low, high] = span ? [Number(span[1]), Number(span[2])] : bound ? [Number(bound[2]), Number(bound[2])] : [NaN, NaN];
  if (Number.isNaN(low) || Number.isNaN(high)) throw new QueryError(`expected a bound such as ${name}:<0.01 or ${name}:0.001..0.01, got ${name}:${text}`);
  if (span) return { low, high, test: (v) => v >= low && v <= high };
  const tests = { "<": (v) => v < low, "<=": (v) => v <= low, ">": (v) => v > low, ">=": (v) => v >= low, "=": (v) => v === low };
  return { low, high, test: tests[bound[1] ?? ">="] };
}

/** The query with the range of a number put in, or taken out with null. */
export function withRange(text, name, low, high) {
  const rest = text.replace(new RegExp(`(^|\\s)-?${name}:\\S+`, "g"), " ").replace(/\s+/g, " ").trim();
  return low === null ? rest : `${rest} ${name}:${low}..${high}`.trim();
}
