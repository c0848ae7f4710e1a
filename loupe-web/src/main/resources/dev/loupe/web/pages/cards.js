// A card beside every reference to a feature (an element with data-feature), on hover and on focus.
import { html, nothing } from "./base.js";
import { render } from "lit";
import { previews } from "./api.js";
import { number, percent, token } from "./format.js";
import { tokenText, valuesOf } from "./tokens.js";
import { spark } from "./charts.js";

let card;
let timer;
let owner;

export function startCards() {
  if (globalThis.LOUPE_FILE) return;
  const show = (event) => {
    const node = event.target.closest?.("[data-feature]");
    if (!node) return hide();
    if (node === owner) return;
    hide();
    owner = node;
    timer = setTimeout(() => open(node), 150);
  };
  document.addEventListener("mouseover", show);
  document.addEventListener("focusin", show);
  document.addEventListener("focusout", hide);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
  addEventListener("scroll", hide, { passive: true });
}

function hide() {
  clearTimeout(timer);
  owner = null;
  card?.remove();
  card = null;
}

async function open(node) {
  const [dictionary, feature] = node.dataset.feature.split("/");
  let found;
  try {
    [found] = await previews(dictionary, [feature]);
  } catch {
    return; // the reference itself says where it leads
  }
  if (owner !== node || !found) return;
  card = document.createElement("div");
  card.className = "card";
  card.setAttribute("role", "tooltip");
  card.id = "feature-card";
  render(preview(found), card);
  document.body.append(card);
  const box = node.getBoundingClientRect();
  const size = card.getBoundingClientRect();
  card.style.left = `${Math.max(12, Math.min(innerWidth - size.width - 12, box.left))}px`;
  card.style.top = `${box.bottom + 8 + size.height > innerHeight ? Math.max(8, box.top - size.height - 8) : box.bottom + 8}px`;
}

/** What a feature is, in a few lines. */
export function preview(found) {
  return html`<div class="row"><strong class="fref">${found.name}</strong>
      <span class="muted">${found.dead ? "never fired" : html`${percent(found.rate)} · max ${number(found.maximum)}`}</span><span style="flex:1"></span>${found.log_counts ? spark(found.log_counts.slice(-40)) : nothing}</div>
    <div style="margin:4px 0">${found.tokens.map((t) => html`<span class="chip mono">${token(t)}</span> `)}</div>
    ${found.category ? html`<div class="small muted">${found.category}, F1 ${number(found.category_f1, 2)}</div>` : nothing}
    ${found.samples.map((s) => tokenText({ tokens: s.tokens, values: valuesOf(s), maximum: found.maximum, peak: s.peak }))}`;
}

/** A link to a feature that shows its card. */
export const featureLink = (name, text) => html`<a class="fref" href="/d/${name}" data-feature=${name}>${text ?? name}</a>`;
