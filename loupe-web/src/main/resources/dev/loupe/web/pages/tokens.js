// Text whose tokens are coloured by an activation.
import { html, nothing } from "./base.js";
import { level, number, token } from "./format.js";
import { settings } from "./settings.js";

/** What a token shows: breaks and lone blanks are made visible, so that they can be pointed at. */
function shown(text, whitespace) {
  if (text === "") return html`<span class="ws" aria-label="rest of a character">·</span>`;
  if (!whitespace) return text;
  if (/^\s+$/.test(text)) return html`<span class="ws">${text.replace(/ /g, "␣").replace(/\n/g, "↵\n").replace(/\t/g, "⇥")}</span>`;
  if (text.includes("\uFFFD")) return html`<span class="ws">${text.replace(/\uFFFD/g, "⟨?⟩")}</span>`;
  return text;
}

/**
 * A text. options: {tokens: [string], values: [number] (0 where silent), maximum, peak, from, to, marked: Set of texts, at: index,
 * label, onToken: (index or null) => void, href}. One tab stop; arrows walk its tokens.
 */
export function tokenText(options) {
  const { tokens, values, maximum, peak = -1, from = 0, to = tokens.length, marked, at = -1, label, onToken } = options;
  const whitespace = settings().whitespace;
  const start = peak >= from && peak < to ? peak : from;
  const pieces = [];
  for (let i = from; i < to; i++) {
    const value = values[i] ?? 0;
    const blank = /^ +(?=\S)/.exec(tokens[i])?.[0] ?? ""; // stands outside the colour
    pieces.push(html`${blank}<span class="t l${level(value, maximum)} ${i === peak ? "peak" : ""} ${marked?.has(tokens[i]) ? "mark" : ""} ${i === at ? "at" : ""}"
      data-i=${i} tabindex=${onToken && i === start ? "0" : onToken ? "-1" : nothing} role=${onToken ? "button" : nothing}
      aria-label=${onToken ? `token ${tokens[i].trim() || "blank"}${value > 0 ? `, activation ${number(value)}` : ""}` : nothing}>${shown(tokens[i].slice(blank.length), whitespace)}</span>`);
  }
  return html`<div class="text" role=${onToken ? "group" : nothing} aria-label=${label ?? nothing} dir="auto"
    @mouseover=${onToken ? (e) => onToken(index(e.target)) : nothing} @mouseleave=${onToken ? () => onToken(null) : nothing}
    @focusin=${onToken ? (e) => onToken(index(e.target)) : nothing} @focusout=${onToken ? () => onToken(null) : nothing}
    @keydown=${onToken ? walk : nothing}>${from > 0 ? html`<span class="ws">…</span>` : nothing}${pieces}${to < tokens.length ? html`<span class="ws">…</span>` : nothing}</div>`;
}

/**
 * Tokens to choose from, each in a box of its own. options: {tokens: [string], places: [index], chosen: index or null, label,
 * level: index => 0..8, note: index => text, onChoose: index => void, onPoint: index => void}. One tab stop; arrows walk.
 */
export function tokenStrip(options) {
  const { tokens, places, chosen, label, level: step = () => 0, note = () => "", onChoose, onPoint } = options;
  const start = places.includes(chosen) ? chosen : places[0];
  const point = (event) => { const at = index(event.target); if (at !== null) onPoint?.(at); };
  return html`<div class="strip" role="group" aria-label=${label} @keydown=${walk} @mouseover=${point} @focusin=${point}>${places.map((i) => html`<button type="button"
    class="t l${step(i)}" data-i=${i} tabindex=${i === start ? 0 : -1} aria-pressed=${i === chosen} title=${note(i) || nothing}
    aria-label=${`${token(tokens[i])}${note(i) ? `, ${note(i)}` : ""}`} @click=${() => onChoose(i)}>${token(tokens[i])}</button>`)}</div>`;
}

function index(node) {
  const piece = node.closest?.("[data-i]");
  return piece ? Number(piece.dataset.i) : null;
}

/** Arrow keys move between the tokens of one text. */
function walk(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const piece = event.target.closest("[data-i]");
  if (!step || !piece) return;
  let next = piece;
  do next = step > 0 ? next.nextElementSibling : next.previousElementSibling; while (next && next.dataset.i === undefined);
  if (!next) return;
  event.preventDefault();
  piece.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}

/** Values for each token of a compact sample. */
export function valuesOf(sample) {
  const values = new Float32Array(sample.tokens.length);
  sample.firing.forEach((place, i) => { values[place] = sample.activations[i]; });
  return values;
}
