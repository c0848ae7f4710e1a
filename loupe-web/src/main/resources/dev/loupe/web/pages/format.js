// Numbers and tokens as people read them.

/** Three significant digits, no exponent where avoidable. */
export function number(value, digits = 3) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 10000) return Math.round(value).toLocaleString("en-US");
  if (size < 0.0005) return value.toExponential(1);
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  return value.toFixed(Math.min(decimals, 6)).replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");
}

export const whole = (value) => value === null || value === undefined ? "–" : Math.round(value).toLocaleString("en-US");

/** A share as per cent. */
export function percent(share, digits = 3) {
  return share === null || share === undefined || Number.isNaN(share) ? "–" : `${number(share * 100, digits)} %`;
}

export const signed = (value, digits = 3) => value > 0 ? `+${number(value, digits)}` : number(value, digits).replace("-", "−");

/** A token in a list: its spaces and breaks made visible. */
export function token(text) {
  if (text === "") return "∅";
  return text.replace(/ /g, "·").replace(/\n/g, "↵").replace(/\t/g, "⇥").replace(/\uFFFD/g, "⟨?⟩");
}

export const SITE_NAMES = { R: "residual stream", A: "attention output", M: "MLP output", TC: "transcoder" };
export const KIND_NAMES = { top: "Strongest", band: "Bands", random: "Random text", near_miss: "Near misses", neighbour: "Neighbour fires" };

/** An activation's step, 0 to 8, against the feature's maximum. */
export function level(activation, maximum) {
  if (!(activation > 0) || !(maximum > 0)) return 0;
  return Math.min(8, Math.max(1, Math.ceil((activation / maximum) * 8)));
}

/** Splits "L2R-8x/417" or a pasted address that holds one; null for anything else. */
export function parseFeature(text) {
  const match = /(L\d{1,4}(?:TC|R|A|M)-\d{1,5}x(?:-[a-z0-9.]+)?)[/.:#](\d{1,9})(?!\d)/i.exec(decodeURIComponent(safe(text)));
  if (!match) return null;
  const name = match[1].replace(/^l/, "L").replace(/(tc|r|a|m)-/i, (s) => s.toUpperCase());
  return { dictionary: name, feature: Number(match[2]), name: `${name}/${Number(match[2])}` };
}

const safe = (text) => /%(?![0-9a-f]{2})/i.test(text) ? text.replace(/%/g, "%25") : text;

export const featureHref = (name) => `/d/${name}`;
