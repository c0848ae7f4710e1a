// The model as it is, and with features changed: texts side by side, and how far apart they are.
import { Page, html, nothing, icon, errorNote } from "../base.js";
import { stream, suite, record } from "../api.js";
import { setQuery } from "../router.js";
import { number, percent, signed, token, level, parseFeature } from "../format.js";
import { lines } from "../charts.js";
import { featureLink } from "../cards.js";
import { copy } from "../say.js";

const MODES = { add: "add, × maximum", scale: "multiply by", clamp: "set to, × maximum", ablate: "switch off" };
const DOSES = [-2, -1, -0.5, 0, 0.5, 1, 2];

class Steer extends Page {
  static properties = { info: { state: true }, maxima: { state: true }, result: { state: true }, busy: { state: true }, problem: { state: true }, at: { state: true }, which: { state: true } };

  constructor() {
    super();
    document.title = "Steer · Loupe";
    this.maxima = {};
    this.which = "original";
    this.at = null;
    suite().then((info) => { this.info = info; }, (e) => { this.error = e; });
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.stop?.abort();
  }

  willUpdate(changed) { if (changed.has("query")) for (const e of this.edits) this.loadMaximum(e.feature); }

  /** Edits of the address: L2R-8x/417:add:1.5,... ; a name alone is an addition. */
  get edits() {
    return (this.query.get("f") ?? "").split(",").map((part) => {
      const found = parseFeature(part);
      if (!found) return null;
      const [mode, value] = part.slice(part.indexOf("/")).split(":").slice(1);
      return { feature: found.name, mode: mode in MODES ? mode : "add", value: Number.isFinite(Number(value)) && value !== undefined && value !== "" ? Number(value) : mode === "scale" ? 2 : 1 };
    }).filter(Boolean);
  }

  set edits(edits) { setQuery({ f: edits.map((e) => `${e.feature}:${e.mode}:${e.value}`).join(",") }); }

  number(name, otherwise) { const v = Number(this.query.get(name)); return this.query.get(name) !== null && Number.isFinite(v) ? v : otherwise; }

  async loadMaximum(feature) {
    if (feature in this.maxima) return;
    this.maxima = { ...this.maxima, [feature]: null };
    try { const r = await record(feature); this.maxima = { ...this.maxima, [feature]: r.maximum }; } catch (e) { this.problem = e; }
  }

  change(index, values) { this.edits = this.edits.map((e, i) => i === index ? { ...e, ...values } : e); }

  get keys() { return { "s": ["stop", () => this.stop?.abort()], "i": ["edit the prompt", () => this.querySelector("textarea")?.focus()] }; }

  async run() {
    this.stop?.abort();
    const stop = this.stop = new AbortController();
    this.busy = true;
    this.problem = null;
    this.at = null;
    const body = {
      prompt: this.querySelector("textarea").value,
      edits: this.edits.map((e) => ({ feature: e.feature, mode: e.mode, value: e.mode === "add" || e.mode === "clamp" ? e.value * (this.maxima[e.feature] ?? 1) : e.value })),
      dose: this.number("dose", 1), max_tokens: this.number("tokens", 40), temperature: this.number("temperature", 0), seed: this.number("seed", 0), doses: DOSES, target: this.query.get("target") || null,
    };
    setQuery({ prompt: body.prompt });
    let result = { dose: body.dose, prompt: [], original: [], steered: [], comparisons: {}, effects: null, doses: [] };
    this.result = result;
    try {
      for await (const event of stream("/api/steer", body, stop.signal)) {
        result = follow(result, event);
        this.result = result;
      }
    } catch (e) {
      if (e.name !== "AbortError") this.problem = e;
    } finally {
      if (this.stop === stop) this.busy = false;
    }
  }

  render() {
    if (this.error) return errorNote(this.error);
    if (!this.info) return html`<p class="boot"><span class="spinner"></span></p>`;
    return html`<div class="head"><div><h1>Steer</h1><p class="lead">Add, scale, clamp or switch off features while the model writes. What a dictionary does not reconstruct stays as it is.</p></div><span class="spring"></span><button class="btn" @click=${() => copy(location.href)}>${icon("link")} copy link</button></div>
      ${this.info.has_model ? nothing : html`<div class="note">These pages run without the language model. Start them with it: <code class="mono">./loupe serve SUITE --model M</code></div>`}
      ${this.form()}
      ${this.problem ? html`<div style="margin-top:var(--gap)">${errorNote(this.problem)}${this.problem.status === 429 ? html`<button class="btn" @click=${() => this.run()}>Try again</button>` : nothing}</div>` : nothing}
      ${this.result ? this.results() : nothing}`;
  }

  form() {
    const number_ = (name, title, otherwise, step, min, max) => html`<label class="field">${title}<input type="number" style="width:92px" step=${step} min=${min} max=${max} .value=${String(this.number(name, otherwise))} @change=${(e) => setQuery({ [name]: e.target.value })}></label>`;
    return html`<form class="panel" aria-label="Steering" @submit=${(e) => { e.preventDefault(); this.run(); }}>
      <label class="field">Prompt<textarea maxlength="2000" placeholder="How the text begins" .value=${this.query.get("prompt") ?? "The captain looked at the man"}></textarea></label>
      <h3 style="margin:12px 0 6px">Changes</h3>
      ${this.edits.map((e, i) => this.edit(e, i))}
      <div class="row"><input id="add" class="mono" style="width:190px" placeholder="L2R-8x/417" aria-label="Feature to change" @keydown=${(e) => { if (e.key === "Enter") { e.preventDefault(); this.add(); } }}><button type="button" class="btn" @click=${() => this.add()}>${icon("plus")} Add a feature</button>
        <button type="button" class="btn quiet" @click=${() => dispatchEvent(new CustomEvent("loupe-palette"))}>find one</button></div>
      <div class="row" style="margin-top:14px;align-items:flex-end">
        <label class="field">dose ${number(this.number("dose", 1))}<input type="range" min="-3" max="3" step="0.1" .value=${String(this.number("dose", 1))} @input=${(e) => setQuery({ dose: e.target.value })}></label>
        ${number_("tokens", "new tokens", 40, 1, 1, 200)}${number_("temperature", "temperature", 0, 0.1, 0, 3)}${number_("seed", "seed", 0, 1, 0, 1e9)}
        <label class="field">a token to watch<input class="mono" style="width:120px" placeholder="optional" .value=${this.query.get("target") ?? ""} @change=${(e) => setQuery({ target: e.target.value })}></label><span style="flex:1"></span>
        ${this.busy ? html`<button type="button" class="btn" @click=${() => this.stop.abort()}><span class="spinner"></span> Stop</button>` : nothing}<button class="btn main" ?disabled=${!this.info.has_model || this.busy}>${icon("play")} Run</button></div></form>`;
  }

  add() {
    const field = this.querySelector("#add");
    const found = parseFeature(field.value);
    if (!found) { this.problem = Object.assign(new Error(`expected a feature such as L2R-8x/417, got '${field.value}'`), { title: "No feature." }); return; }
    this.problem = null;
    field.value = "";
    this.edits = [...this.edits, { feature: found.name, mode: "add", value: 1 }];
  }

  edit(e, i) {
    const maximum = this.maxima[e.feature];
    const raw = e.mode === "add" || e.mode === "clamp";
    const preset = (text, values) => html`<button type="button" class="btn tiny" @click=${() => this.change(i, values)}>${text}</button>`;
    return html`<div class="row edit">${featureLink(e.feature)}
      <select aria-label="How ${e.feature} is changed" @change=${(event) => this.change(i, { mode: event.target.value })}>${Object.entries(MODES).map(([m, t]) => html`<option value=${m} ?selected=${m === e.mode}>${t}</option>`)}</select>
      ${e.mode === "ablate" ? nothing : html`<input type="range" min="-3" max="5" step="0.05" aria-label="Value" .value=${String(e.value)} @input=${(event) => this.change(i, { value: Number(event.target.value) })}><input type="number" step="0.05" style="width:86px" aria-label="Value as a number" .value=${String(e.value)} @change=${(event) => this.change(i, { value: Number(event.target.value) })}>
      <span class="small muted">${raw && maximum ? `= ${signed(e.value * maximum)} of its ${number(maximum)}` : raw ? "" : "times its activation"}</span>`}<span style="flex:1"></span>
      ${preset("a little", { mode: "add", value: 0.5 })}${preset("strongly", { mode: "add", value: 2 })}${preset("off", { mode: "ablate", value: 0 })}
      <button type="button" class="btn quiet tiny" aria-label="Remove ${e.feature}" @click=${() => { this.edits = this.edits.filter((_, k) => k !== i); }}>${icon("close")}</button></div>`;
  }

  results() {
    const r = this.result;
    const same = r.comparisons.original && r.original.join("") === r.steered.join("") && r.comparisons.original.kl.every((v) => v === 0);
    const text = (title, tokens) => html`<section class="panel" aria-label=${title}><header><h2>${title}</h2></header><p class="text" aria-live="off">${r.prompt.slice(1).join("")}<strong>${tokens.join("")}</strong></p></section>`;
    return html`<div class="two wide" style="margin-top:var(--gap)">${text("Original", r.original)}${text("Steered", r.steered)}</div>
      ${same ? html`<p class="note" style="margin-top:var(--gap)">Nothing changed, bit for bit${r.dose === 0 ? ": the dose is 0" : ""}.</p>` : nothing}
      ${r.comparisons[this.which] ? this.comparison(r.comparisons[this.which]) : nothing}
      <div class="two wide" style="margin-top:var(--gap)">${r.effects ? this.effects(r.effects) : nothing}${r.doses.length > 1 ? this.doses(r.doses) : nothing}</div>`;
  }

  comparison(c) {
    const most = Math.max(...c.kl, 1e-9);
    const i = this.at ?? c.kl.indexOf(Math.max(...c.kl));
    const bars = (likely, cls, title) => html`<table class="logits"><caption class="small muted">${title}, loss ${number(title === "Original" ? c.original_losses[i] : c.steered_losses[i])}</caption><tbody>${likely.map((l) => html`<tr><td><span class="tok mono ${cls}" style="--w:${l.probability * 100}%">${token(l.text)}</span></td><td class="num small">${percent(l.probability, 2)}</td></tr>`)}</tbody></table>`;
    return html`<section class="panel" style="margin-top:var(--gap)" aria-label="Token by token"><header><h2>How far apart, token by token</h2><span class="spring"></span><div class="tabs">${["original", "steered"].map((w) => html`<button class="btn" aria-pressed=${w === this.which} @click=${() => { this.which = w; this.at = null; }}>on the ${w} text</button>`)}</div></header>
      <p class="small muted">Colour: KL(original, steered) of the next token after each; mean ${number(c.kl.reduce((a, b) => a + b, 0) / c.kl.length)} nats. Choose a token for its next ones.</p>
      <p class="text">${c.tokens.slice(1).map((t, k) => html`<button class="t kl l${level(c.kl[k + 1], most)} ${k + 1 === i ? "at" : ""}" aria-label="${token(t)}, KL ${number(c.kl[k + 1])}" @mouseenter=${() => { this.at = k + 1; }} @focus=${() => { this.at = k + 1; }}>${t}</button>`)}</p>
      <p class="small" style="margin:8px 0">After <span class="mono">${token(c.tokens[i])}</span>: KL ${number(c.kl[i])} nats${c.tokens[i + 1] === undefined ? "" : html`; next came <span class="mono">${token(c.tokens[i + 1])}</span>`}</p>
      <div class="two">${bars(c.original_likely[i], "minus", "Original")}${bars(c.steered_likely[i], "plus", "Steered")}</div></section>`;
  }

  effects(rows) {
    const sorted = rows.toSorted((a, b) => b.actual - a.actual);
    const most = Math.max(...rows.flatMap((r) => [Math.abs(r.predicted), Math.abs(r.actual)]), 1e-9);
    const bar = (v) => html`<span class="tok ${v < 0 ? "minus" : "plus"}" style="--w:${(Math.abs(v) / most) * 100}%">${signed(v)}</span>`;
    return html`<section class="panel" aria-label="Effect"><header><h2>After the prompt: predicted and actual</h2></header><p class="small muted">Changes of logits, less their mean over the vocabulary. Predicted: the directions alone, through the final norm as it was. Actual: through all layers.</p>
      <table class="logits"><thead><tr><th>token</th><th>predicted</th><th>actual</th></tr></thead><tbody>${sorted.map((r) => html`<tr><td class="mono">${token(r.text)}</td><td>${bar(r.predicted)}</td><td>${bar(r.actual)}</td></tr>`)}</tbody></table></section>`;
  }

  doses(rows) {
    const target = rows.some((r) => r.target_probability !== undefined && r.target_probability !== null);
    return html`<section class="panel" aria-label="Dose"><header><h2>Dose</h2></header>
      <figure><figcaption>Mean KL, nats, on the prompt and the original continuation</figcaption>${lines({ series: [{ name: "KL", points: rows.map((r) => [r.dose, r.kl]) }], height: 150, title: "Mean KL over dose", xLabel: "dose", at: this.result.dose })}</figure>
      <figure><figcaption>Loss of that text, nats</figcaption>${lines({ series: [{ name: "loss", points: rows.map((r) => [r.dose, r.loss]) }], height: 150, title: "Loss over dose", xLabel: "dose", at: this.result.dose })}</figure>
      ${target ? html`<figure><figcaption>Probability of <span class="mono">${token(this.query.get("target"))}</span> after the prompt</figcaption>${lines({ series: [{ name: "p", points: rows.map((r) => [r.dose, r.target_probability]) }], height: 150, title: "Target probability over dose", xLabel: "dose" })}</figure>` : nothing}</section>`;
  }
}

function follow(result, event) {
  switch (event.type) {
    case "prompt": return { ...result, prompt: event.tokens };
    case "token": return { ...result, [event.of]: [...result[event.of], event.text] };
    case "comparison": return { ...result, comparisons: { ...result.comparisons, [event.of]: event } };
    case "effects": return { ...result, effects: event.rows };
    case "dose": return { ...result, doses: [...result.doses, event] };
    default: return result;
  }
}

customElements.define("loupe-steer", Steer);
