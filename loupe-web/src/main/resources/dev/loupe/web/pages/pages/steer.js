// The model as it is, and with features changed: texts side by side, and how far apart they are.
import { Page, html, nothing, icon, errorNote, problemNote, noModel } from "../base.js";
import { stream, suite, record, fresh } from "../api.js";
import { setQuery } from "../router.js";
import { number, percent, signed, token, level, parseFeature } from "../format.js";
import { lines } from "../charts.js";
import { featureLink } from "../cards.js";
import { tokenStrip } from "../tokens.js";
import { announce, copy } from "../say.js";

const MODES = { add: "add, × maximum", scale: "multiply by", clamp: "set to, × maximum", ablate: "ablate" };
const FIRST_VALUES = { add: 1, scale: 2, clamp: 1, ablate: 0 };
const PRESETS = [["a little", { mode: "add", value: 0.5 }], ["strong", { mode: "add", value: 2 }], ["ablate", { mode: "ablate", value: 0 }]];
const DOSES = [-2, -1, -0.5, 0, 0.5, 1, 2];
const MOST_EDITS = 20;
const PROMPT = "The captain looked at the man";

const ofMaximum = (mode) => mode === "add" || mode === "clamp";

class Steer extends Page {
  static properties = { info: { state: true }, about: { state: true }, result: { state: true }, busy: { state: true }, problem: { state: true },
    wrong: { state: true }, at: { state: true }, which: { state: true }, drag: { state: true } };

  constructor() {
    super();
    document.title = "Steer · Loupe";
    this.about = {};
    this.drag = {};
    this.which = "original";
    this.result = this.at = this.wrong = null;
    suite().then((info) => { this.info = info; }, (e) => { this.error = e; });
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.stop?.abort();
  }

  willUpdate(changed) {
    if (!changed.has("query")) return;
    for (const e of this.edits) this.load(e.feature).catch(() => {}); // shown beside the edit
    document.title = this.edits.length ? `${this.edits.map((e) => e.feature).join(", ")} · Steer · Loupe` : "Steer · Loupe";
  }

  /** Edits of the address: L2R-8x/417:add:1.5,... ; a name alone is an addition. */
  get edits() {
    return (this.query.get("f") ?? "").split(",").map((part) => {
      const found = parseFeature(part);
      if (!found) return null;
      const [given, value] = part.slice(part.indexOf("/")).split(":").slice(1);
      const mode = Object.hasOwn(MODES, given ?? "") ? given : "add";
      return { feature: found.name, mode, value: value && Number.isFinite(Number(value)) ? Number(value) : FIRST_VALUES[mode] };
    }).filter(Boolean).slice(0, MOST_EDITS);
  }

  setEdits(edits) { setQuery({ f: edits.map((e) => `${e.feature}:${e.mode}${e.mode === "ablate" ? "" : `:${e.value}`}`).join(",") }); }

  change(index, values) { this.setEdits(this.edits.map((e, i) => i === index ? { ...e, ...values } : e)); }

  number(name, otherwise) { const given = this.query.get(name); return given !== null && given !== "" && Number.isFinite(Number(given)) ? Number(given) : otherwise; }

  /** Record of a feature: {maximum} or {problem}. */
  load(feature) {
    this.loads ??= new Map();
    if (!this.loads.has(feature)) {
      this.loads.set(feature, record(feature).then(
        (r) => { this.about = { ...this.about, [feature]: { maximum: r.maximum } }; },
        (e) => { this.about = { ...this.about, [feature]: { problem: e.message } }; this.loads.delete(feature); throw e; }));
    }
    return this.loads.get(feature);
  }

  /** What a value of 1 means: the maximum; for a feature that never fired, 1. */
  unit(feature) { return this.about[feature]?.maximum > 0 ? this.about[feature].maximum : 1; }

  get keys() { return { "s": ["stop", () => this.stop?.abort()], "i": ["edit the prompt", () => this.querySelector("textarea")?.focus()], "a": ["add a feature", () => this.querySelector("#add")?.focus()] }; }

  body() {
    return {
      prompt: this.query.get("prompt") ?? PROMPT,
      edits: this.edits.map((e) => ({ feature: e.feature, mode: e.mode, value: ofMaximum(e.mode) ? e.value * this.unit(e.feature) : e.value })),
      dose: this.number("dose", 1), max_tokens: this.number("tokens", 40), temperature: this.number("temperature", 0), seed: this.number("seed", 0),
      doses: DOSES, target: this.query.get("target") || null,
    };
  }

  submit(event) {
    event.preventDefault();
    if (!this.edits.length) { this.wrong = "Nothing to change yet: add a feature."; this.querySelector("#add").focus(); return; }
    const prompt = this.querySelector("textarea").value;
    setQuery({ prompt });
    this.query = new URLSearchParams(location.search); // the run needs what was just set
    this.run();
  }

  async run() {
    this.stop?.abort();
    const stop = this.stop = new AbortController();
    this.busy = true;
    this.problem = this.at = null;
    try {
      await Promise.all(this.edits.map((e) => this.load(e.feature))); // a multiple of a maximum needs the maximum
      if (stop.signal.aborted) return;
      const body = this.body();
      let result = { asked: body, prompt: [], original: [], steered: [], comparisons: {}, effects: null, doses: [] };
      this.result = result;
      for await (const event of stream("/api/steer", body, stop.signal)) {
        if (stop.signal.aborted) return;
        result = follow(result, event);
        this.result = result;
      }
      announce(isSame(result) ? "nothing changed" : "both texts are written and compared");
    } catch (e) {
      if (e.name !== "AbortError") this.problem = e;
    } finally {
      if (this.stop === stop) this.busy = false;
    }
  }

  render() {
    if (this.error) return errorNote(this.error);
    if (!this.info) return html`<p class="boot"><span class="spinner"></span></p>`;
    return html`<div class="head"><div><h1>Steer</h1><p class="lead">Add, scale, clamp or ablate features while the model writes. What a dictionary does not reconstruct stays as it is.</p></div><span class="spring"></span>
        <button class="btn" @click=${() => copy(location.href)}>${icon("link")} copy link</button></div>
      <div class="stack">
        ${this.info.has_model ? nothing : noModel()}
        ${this.form()}
        ${this.problem ? html`<div>${problemNote(this.problem, () => this.run())}</div>` : nothing}
        ${this.result ? this.results(this.result) : nothing}
      </div>`;
  }

  form() {
    const setting = (name, title, otherwise, step, min, max) => html`<label class="field">${title}<input type="number" class="short" required step=${step} min=${min} max=${max} .value=${String(this.number(name, otherwise))}
      @change=${(e) => { if (e.target.checkValidity()) setQuery({ [name]: Number(e.target.value) === otherwise ? null : e.target.value }); }}></label>`;
    const dose = this.drag.dose ?? this.number("dose", 1);
    return html`<form class="panel" aria-label="Steering" @submit=${(e) => this.submit(e)}>
      <label class="field">Prompt<textarea required maxlength="2000" placeholder="How the text begins" .value=${this.query.get("prompt") ?? PROMPT}
        @change=${(e) => setQuery({ prompt: e.target.value })} @keydown=${(e) => { if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) e.target.form.requestSubmit(); }}></textarea></label>
      <h2 class="changes">Changes</h2>
      ${this.edits.length ? this.edits.map((e, i) => this.edit(e, i)) : html`<p class="muted">None yet. Add a feature by its name, or <button type="button" class="btn tiny" @click=${() => this.addRandom()}>${icon("dice")} take one at random</button></p>`}
      ${this.adder()}
      <div class="row settings">
        <label class="field dose">dose of all changes<span class="row"><input type="number" class="short" step="any" aria-label="Dose as a number" .value=${String(dose)} @change=${(e) => setQuery({ dose: e.target.value })}>
          <input type="range" min="-3" max="3" step="0.1" aria-label="Dose" .value=${String(dose)} @input=${(e) => { this.drag = { dose: Number(e.target.value) }; }} @change=${(e) => { this.drag = {}; setQuery({ dose: e.target.value }); }}></span></label>
        ${setting("tokens", "new tokens, at most", 40, 1, 1, 200)}${setting("temperature", "temperature", 0, "any", 0, 5)}${setting("seed", "seed", 0, 1, 0, Number.MAX_SAFE_INTEGER)}
        <label class="field">a token to watch<input class="mono short wide" placeholder="optional" .value=${this.query.get("target") ?? ""} @change=${(e) => setQuery({ target: e.target.value })}></label></div>
      <div class="row asking"><button class="btn main" ?disabled=${!this.info.has_model}>${icon("play")} Run</button>
        <button type="button" class="btn" ?disabled=${!this.busy} title="(s)" @click=${() => this.stop.abort()}>Stop</button>${this.progress()}</div></form>`;
  }

  adder() {
    return html`<div class="row adder"><input id="add" class="mono" placeholder="L2R-8x/417" aria-label="Feature to change" aria-describedby="add-problem" autocomplete="off" spellcheck="false"
        @keydown=${(e) => { if (e.key === "Enter") { e.preventDefault(); this.add(e.target.value); } }} @paste=${(e) => this.paste(e)}>
      <button type="button" class="btn" @click=${() => this.add(this.querySelector("#add").value)}>${icon("plus")} Add a feature</button>
      <span id="add-problem" class="problem" role="alert">${this.wrong ?? nothing}</span></div>`;
  }

  /** Names in a text, an address or a list, become edits. */
  add(text) {
    const found = text.split(/[\s,;]+/).map((part) => part && parseFeature(part)).filter(Boolean);
    const unknown = found.find((f) => !this.info.dictionaries.some((d) => d.name === f.dictionary));
    if (!found.length) this.wrong = `expected a feature such as L2R-8x/417, got ‘${text.trim()}’`;
    else if (unknown) this.wrong = `there is no dictionary ${unknown.dictionary} in this suite`;
    else if (this.edits.length + found.length > MOST_EDITS) this.wrong = `expected at most ${MOST_EDITS} changes`;
    else {
      this.wrong = null;
      this.querySelector("#add").value = "";
      this.setEdits([...this.edits, ...found.map((f) => ({ feature: f.name, mode: "add", value: 1 }))]);
    }
    return !this.wrong;
  }

  paste(event) {
    const text = event.clipboardData.getData("text");
    if (parseFeature(text) && this.add(text)) event.preventDefault();
  }

  async addRandom() {
    const found = await this.guarded(() => fresh("/api/random"));
    if (found) this.add(found.feature);
  }

  edit(e, i) {
    const key = `edit${i}`;
    const value = this.drag[key] ?? e.value;
    const isPreset = (p) => p.mode === e.mode && (p.mode === "ablate" || p.value === e.value);
    return html`<fieldset class="edit plainset"><legend class="sr">${e.feature}</legend><div class="row">
      <span class="name">${featureLink(e.feature)}</span>
      <select aria-label="How ${e.feature} is changed" @change=${(event) => this.change(i, { mode: event.target.value, value: FIRST_VALUES[event.target.value] })}>${Object.entries(MODES).map(([m, t]) => html`<option value=${m} .selected=${m === e.mode}>${t}</option>`)}</select>
      ${e.mode === "ablate" ? nothing : html`<input type="range" min=${e.mode === "scale" ? 0 : -3} max="5" step="0.05" aria-label="Value of ${e.feature}" .value=${String(value)}
          @input=${(event) => { this.drag = { [key]: Number(event.target.value) }; }} @change=${(event) => { this.drag = {}; this.change(i, { value: Number(event.target.value) }); }}>
        <input type="number" step="any" class="short" aria-label="Value of ${e.feature} as a number" .value=${String(value)} @change=${(event) => { if (event.target.value !== "") this.change(i, { value: Number(event.target.value) }); }}>`}
      <span class="small muted raw">${this.raw({ ...e, value })}</span><span class="spring"></span>
      <span class="tabs" role="group" aria-label="Presets">${PRESETS.map(([text, values]) => html`<button type="button" class="btn tiny" aria-pressed=${isPreset(values)} @click=${() => this.change(i, values)}>${text}</button>`)}</span>
      <button type="button" class="btn quiet tiny" aria-label="Remove ${e.feature}" title="Remove" @click=${() => this.setEdits(this.edits.filter((_, k) => k !== i))}>${icon("close")}</button></div></fieldset>`;
  }

  /** What a value is in the dictionary's own units. */
  raw(e) {
    const about = this.about[e.feature];
    if (about?.problem) return html`<span class="problem" role="alert">${about.problem}</span>`;
    if (e.mode === "ablate") return "its activation becomes 0";
    if (e.mode === "scale") return "× its activation where it fires";
    if (!about) return html`<span class="spinner"></span>`;
    if (!(about.maximum > 0)) return html`<span class="chip bad">never fired</span> = ${signed(e.value)}, since it has no maximum`;
    return `= ${signed(e.value * about.maximum)}; its maximum is ${number(about.maximum)}`;
  }

  progress() {
    const r = this.result;
    if (!this.busy) return r && !r.ended && !this.problem ? html`<span class="small muted">stopped</span>` : nothing;
    const most = r?.asked.max_tokens ?? 0;
    const of = (n) => `${n} of at most ${most} tokens`;
    const text = !r?.prompt.length ? "waiting for the model" : r.comparisons.steered ? `doses, ${r.doses.length} of ${DOSES.length}` : r.comparisons.original ? "comparing"
      : r.steered.length ? `writing the steered text, ${of(r.steered.length)}` : `writing the original text, ${of(r.original.length)}`;
    const done = !r ? 0 : (r.original.length + r.steered.length) / (2 * most) * 0.7 + r.doses.length / DOSES.length * 0.3;
    return html`<span class="small muted row"><span class="spinner"></span> ${text}</span>
      <span class="progress" role="progressbar" aria-label="Steering" aria-valuemin="0" aria-valuemax="100" aria-valuenow=${Math.round(done * 100)}><i style="width:${done * 100}%"></i></span>`;
  }

  results(r) {
    const writing = { original: this.busy && !r.steered.length && !r.comparisons.original, steered: this.busy && r.steered.length > 0 && !r.comparisons.original };
    const text = (title, of) => html`<section class="panel" aria-label=${title}><header><h2>${title}</h2></header><p class="text">${r.prompt.slice(1).join("")}<strong>${r[of].join("")}</strong>${writing[of] ? html`<span class="caret" aria-hidden="true"></span>` : nothing}</p></section>`;
    return html`${this.stale(r)}<div class="two wide">${text("Original", "original")}${text("Steered", "steered")}</div>
      ${this.sameness(r)}
      ${r.comparisons[this.which] ? this.comparison(r.comparisons[this.which]) : nothing}
      ${r.effects || r.doses.length > 1 ? html`<div class="two wide">${r.effects ? this.effects(r.effects) : nothing}${r.doses.length > 1 ? this.doses(r) : nothing}</div>` : nothing}`;
  }

  /** The form may have moved on since. */
  stale(r) {
    if (this.busy || JSON.stringify(this.body()) === JSON.stringify(r.asked)) return nothing;
    return html`<p class="small muted">The settings above have changed since this was written. <button class="btn tiny" @click=${() => this.querySelector("form").requestSubmit()}>Run again</button></p>`;
  }

  sameness(r) {
    if (isSame(r)) return html`<p class="note">Nothing changed, bit for bit${r.asked.dose === 0 ? ": the dose is 0" : ": what was changed does not fire, or the changes are 0"}.</p>`;
    const both = r.comparisons.original && r.comparisons.steered;
    return both && r.original.join("") === r.steered.join("") ? html`<p class="note">The same words, but other probabilities: see below.</p>` : nothing;
  }

  comparison(c) {
    const most = Math.max(...c.kl, 1e-9);
    const largest = c.kl.indexOf(Math.max(...c.kl));
    const i = this.at ?? largest;
    const places = c.tokens.map((_, k) => k).slice(1);
    const next = c.tokens[i + 1];
    return html`<section class="panel" aria-label="Token by token"><header class="wraps"><h2>How far apart, token by token</h2><span class="spring"></span>
        <div class="tabs" role="group" aria-label="On which text">${["original", "steered"].map((w) => html`<button class="btn" aria-pressed=${w === this.which} ?disabled=${!this.result.comparisons[w]} @click=${() => { this.which = w; this.at = null; }}>on the ${w} text</button>`)}</div></header>
      <p class="small muted">Colour: KL(original, steered) of the next token after each, up to ${number(most)} nats; mean ${number(mean(c.kl))}. Point at a token, or walk with the arrows, for what comes next.</p>
      ${tokenStrip({ tokens: c.tokens, places, chosen: i, label: `The ${this.which} text`, level: (k) => level(c.kl[k], most), note: (k) => `KL ${number(c.kl[k])} nats`, onChoose: (k) => { this.at = k; }, onPoint: (k) => { this.at = k; } })}
      <h3 class="after">After <span class="mono">${token(c.tokens[i])}</span>: KL ${number(c.kl[i])} nats</h3>
      <p class="small">${next === undefined ? "The text ends here." : html`Next came <span class="mono">${token(next)}</span>: loss ${number(c.original_losses[i])} originally, ${number(c.steered_losses[i])} steered (${signed(c.steered_losses[i] - c.original_losses[i])}).`}</p>
      ${this.likely(c.original_likely[i], c.steered_likely[i])}</section>`;
  }

  /** The likeliest next tokens of both models, a row each. */
  likely(original, steered) {
    const [before, after] = [original, steered].map((likely) => new Map(likely.map((l) => [l.text, l.probability])));
    const rows = [...new Set([...before.keys(), ...after.keys()])].map((text) => ({ text, before: before.get(text), after: after.get(text) }))
      .sort((a, b) => Math.max(b.before ?? 0, b.after ?? 0) - Math.max(a.before ?? 0, a.after ?? 0));
    const most = Math.max(...rows.flatMap((r) => [r.before ?? 0, r.after ?? 0]), 1e-9);
    const bar = (p, cls) => p === undefined ? html`<td class="small muted">not among its 5</td>` : html`<td><span class="pair ${cls}"><i style="width:${(p / most) * 100}%"></i><span>${percent(p, 2)}</span></span></td>`;
    return html`<table class="pairs" aria-label="Likeliest next tokens"><thead><tr><th scope="col">next</th><th scope="col">original</th><th scope="col">steered</th></tr></thead>
      <tbody>${rows.map((r) => html`<tr><th scope="row" class="mono">${token(r.text)}</th>${bar(r.before, "minus")}${bar(r.after, "plus")}</tr>`)}</tbody></table>`;
  }

  effects(rows) {
    const sorted = rows.toSorted((a, b) => Math.abs(b.actual) - Math.abs(a.actual));
    const most = Math.max(...rows.flatMap((r) => [Math.abs(r.predicted), Math.abs(r.actual)]), 1e-9);
    const bar = (v) => html`<td><span class="around ${v < 0 ? "minus" : "plus"}"><i style="width:${(Math.abs(v) / most) * 50}%"></i></span></td><td class="num small">${signed(v, 2)}</td>`;
    const r = correlation(rows.map((row) => [row.predicted, row.actual]));
    return html`<section class="panel" aria-label="Effect"><header><h2>After the prompt: predicted and actual</h2></header>
      <p class="small muted">Changes of logits, less their mean over the vocabulary, of the tokens that change most. Predicted: the directions alone, through the final norm as it was. Actual: through all layers.</p>
      <p class="correlation">${r === null ? "Without a change there is no correlation." : html`Correlation <strong>${signed(r, 2)}</strong> <span class="muted">over these ${rows.length} tokens</span>`}</p>
      <table class="pairs"><thead><tr><th scope="col">token</th><th scope="colgroup" colspan="2">predicted</th><th scope="colgroup" colspan="2">actual</th></tr></thead>
        <tbody>${sorted.map((row) => html`<tr><th scope="row" class="mono">${token(row.text)}</th>${bar(row.predicted)}${bar(row.actual)}</tr>`)}</tbody></table></section>`;
  }

  doses(r) {
    const rows = r.doses;
    const target = rows.some((row) => Number.isFinite(row.target_probability));
    const points = (key) => rows.map((row) => [row.dose, row[key]]);
    const said = (what, key, unit) => `${what} over dose: ${rows.map((row) => `${number(row[key])}${unit} at ${number(row.dose)}`).join(", ")}`;
    const chart = (caption, what, key, unit = " nats") => html`<figure><figcaption>${caption}</figcaption>${lines({ series: [{ name: what, points: points(key) }], height: 150, title: said(what, key, unit), xLabel: "dose", at: inside(r.asked.dose, rows) })}</figure>`;
    return html`<section class="panel" aria-label="Dose"><header><h2>Dose</h2></header>
      ${chart("Mean KL, nats, on the prompt and the original continuation", "Mean KL", "kl")}
      ${chart("Loss of that text, nats", "Loss", "loss")}
      ${target ? chart(html`Probability of <span class="mono">${token(r.asked.target)}</span> after the prompt`, "Probability", "target_probability", "") : nothing}
      <details><summary class="small">as numbers</summary><table><thead><tr><th scope="col" class="num">dose</th><th scope="col" class="num">KL</th><th scope="col" class="num">loss</th>${target ? html`<th scope="col" class="num">probability</th>` : nothing}</tr></thead>
        <tbody>${rows.map((row) => html`<tr><td class="num">${number(row.dose)}</td><td class="num">${number(row.kl)}</td><td class="num">${number(row.loss)}</td>${target ? html`<td class="num">${percent(row.target_probability)}</td>` : nothing}</tr>`)}</tbody></table></details></section>`;
  }
}

function follow(result, event) {
  switch (event.type) {
    case "prompt": return { ...result, prompt: event.tokens };
    case "token": return { ...result, [event.of]: [...result[event.of], event.text] };
    case "comparison": return { ...result, comparisons: { ...result.comparisons, [event.of]: event } };
    case "effects": return { ...result, effects: event.rows };
    case "dose": return { ...result, doses: [...result.doses, event] };
    case "end": return { ...result, ended: true };
    default: return result;
  }
}

/** Whether the texts and all distributions are the same, bit for bit. */
function isSame(r) {
  const both = [r.comparisons.original, r.comparisons.steered];
  return both.every((c) => c?.kl.every((kl) => kl === 0)) && r.original.join("") === r.steered.join("");
}

const mean = (values) => values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);

/** Pearson's; null where one side does not vary. */
function correlation(pairs) {
  const [x, y] = [0, 1].map((k) => mean(pairs.map((p) => p[k])));
  const sum = (f) => pairs.reduce((all, [a, b]) => all + f(a - x, b - y), 0);
  const scale = Math.sqrt(sum((a) => a * a) * sum((_, b) => b * b));
  return scale > 0 ? sum((a, b) => a * b) / scale : null;
}

/** A dose if the curve spans it. */
const inside = (dose, rows) => dose >= rows[0].dose && dose <= rows.at(-1).dose ? dose : undefined;

customElements.define("loupe-steer", Steer);
