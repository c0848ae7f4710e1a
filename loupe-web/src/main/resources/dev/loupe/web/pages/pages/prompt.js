// A text through the model: what fires on each token, in each layer, as the model passes it.
import { Page, html, nothing, icon, errorNote } from "../base.js";
import { stream, suite } from "../api.js";
import { setQuery } from "../router.js";
import { number, percent, signed, token, level } from "../format.js";
import { featureLink } from "../cards.js";
import { announce } from "../say.js";

const RANKINGS = { activation: "activation", quantile: "quantile within the feature", effect: "direct effect on the next token" };
const SITES = ["R", "A", "M", "TC"];
const SAMPLE = "The whale, who had come up beside the ship, looked at the captain.";

class Prompt extends Page {
  static properties = { info: { state: true }, first: { state: true }, second: { state: true }, busy: { state: true }, problem: { state: true } };

  constructor() {
    super();
    this.first = this.second = null;
    document.title = "Prompt · Loupe";
    suite().then((info) => { this.info = info; this.begin(); }, (e) => { this.error = e; });
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.stop?.abort();
  }

  willUpdate(changed) { if (changed.has("query") && this.info) this.begin(); }

  get by() { return this.query.get("by") in RANKINGS ? this.query.get("by") : "activation"; }
  get sites() { return (this.query.get("sites") ?? "R").split(",").filter((s) => SITES.includes(s)); }
  get top() { return Math.max(1, Math.min(5, Number(this.query.get("top")) || 3)); }
  get density() { const d = Number(this.query.get("density")); return d > 0 && d <= 1 ? d : 1; }
  get locked() { const t = this.query.get("token"); return t === null ? null : Number(t); }
  get dictionaries() { return this.info.dictionaries.filter((d) => this.sites.includes(d.site)).map((d) => d.name); }

  /** Asks if the address names a text that was not asked for yet. */
  begin() {
    const key = JSON.stringify([this.query.get("text"), this.query.get("second"), this.by, this.sites, this.top, this.density]);
    if (!this.query.get("text") || !this.info.has_model || key === this.askedKey) return;
    this.askedKey = key;
    this.run();
  }

  async run() {
    this.stop?.abort();
    const stop = this.stop = new AbortController();
    this.busy = true;
    this.problem = null;
    try {
      this.second = null;
      this.first = await this.ask(this.query.get("text"), stop, (r) => { this.first = r; });
      if (this.query.get("second")) this.second = await this.ask(this.query.get("second"), stop, (r) => { this.second = r; });
      announce("done");
    } catch (e) {
      if (e.name !== "AbortError") this.problem = e;
    } finally {
      if (this.stop === stop) this.busy = false;
    }
  }

  async ask(text, stop, show) {
    let result = { tokens: [], counted: [], rows: [], next: null };
    for await (const event of stream("/api/prompt", { text, dictionaries: this.dictionaries, by: this.by, top: this.top, max_density: this.density }, stop.signal)) {
      if (event.type === "tokens") result = { ...result, tokens: event.tokens, counted: event.counted };
      if (event.type === "cells") result = { ...result, rows: [...result.rows, { dictionary: event.dictionary, cells: new Map(event.cells.map((c) => [c.position, c])) }] };
      if (event.type === "next") result = { ...result, next: event };
      show(result);
    }
    return result;
  }

  get keys() {
    return { "s": ["stop", () => this.stop?.abort()], "Escape": ["unlock the token", () => setQuery({ token: null })], "i": ["edit the text", () => this.querySelector("textarea")?.focus()] };
  }

  strength(f) { return this.by === "effect" ? Math.abs(f.effect ?? 0) : this.by === "quantile" ? f.quantile ?? 0 : f.activation; }
  shown(f) { return this.by === "effect" ? signed(f.effect, 2) : this.by === "quantile" ? percent(f.quantile, 2) : number(f.activation); }

  render() {
    if (this.error) return errorNote(this.error);
    if (!this.info) return html`<p class="boot"><span class="spinner"></span></p>`;
    return html`<div class="head"><div><h1>Prompt</h1><p class="lead">What fires on a text, token by token and layer by layer.</p></div></div>
      ${this.info.has_model ? nothing : html`<div class="note">These pages run without the language model. Start them with it: <code class="mono">./loupe serve SUITE --model M</code></div>`}
      ${this.form()}
      ${this.problem ? html`<div style="margin-top:var(--gap)">${errorNote(this.problem)}${this.problem.status === 429 ? html`<button class="btn" @click=${() => this.run()}>Try again</button>` : nothing}</div>` : nothing}
      ${this.first?.tokens.length ? html`<div class="prompt-grid">${this.matrix()}${this.panel()}</div>${this.second ? this.difference() : nothing}` : this.query.get("text") ? nothing : html`<div class="empty"><h2>Paste a text above</h2><p><button class="btn" ?disabled=${!this.info.has_model} @click=${() => setQuery({ text: SAMPLE, token: 5 }, { push: true })}>or try one</button></p></div>`}`;
  }

  form() {
    const submit = (e) => {
      e.preventDefault();
      const [text, second] = [...this.querySelectorAll("textarea")].map((t) => t.value);
      this.askedKey = null;
      setQuery({ text, second: second || null, token: null }, { push: true });
      this.begin();
    };
    const site = (s) => html`<label class="row"><input type="checkbox" .checked=${this.sites.includes(s)} @change=${(e) => { const next = SITES.filter((o) => o === s ? e.target.checked : this.sites.includes(o)); if (next.length) setQuery({ sites: next.join(",") }, { push: true }); else e.target.checked = true; }}>${s}</label>`;
    return html`<form class="panel" @submit=${submit} aria-label="Prompt">
      <textarea aria-label="Text" maxlength="2000" placeholder="A text" .value=${this.query.get("text") ?? ""} @keydown=${(e) => { if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) e.target.form.requestSubmit(); }}></textarea>
      <details ?open=${Boolean(this.query.get("second"))}><summary class="small">compare with a second text</summary><textarea aria-label="Second text" maxlength="2000" .value=${this.query.get("second") ?? ""}></textarea></details>
      <div class="row" style="margin-top:8px"><button class="btn main" ?disabled=${!this.info.has_model}>${icon("play")} Run</button>
        ${this.busy ? html`<button type="button" class="btn" @click=${() => this.stop.abort()}><span class="spinner"></span> Stop</button><span class="small muted" role="status">${this.first ? `${this.first.rows.length} of ${this.dictionaries.length} dictionaries` : "waiting for the model"}</span>` : nothing}<span style="flex:1"></span>
        <label class="row small">by <select @change=${(e) => setQuery({ by: e.target.value }, { push: true })}>${Object.entries(RANKINGS).map(([k, t]) => html`<option value=${k} ?selected=${k === this.by}>${t}</option>`)}</select></label>
        <fieldset class="row small plainset"><legend class="sr">Sites</legend>${SITES.filter((s) => this.info.dictionaries.some((d) => d.site === s)).map(site)}</fieldset>
        <label class="row small">hide above <select @change=${(e) => setQuery({ density: e.target.value === "1" ? null : e.target.value }, { push: true })}>${[1, 0.1, 0.03, 0.01, 0.003, 0.001].map((d) => html`<option value=${d} ?selected=${d === this.density}>${d === 1 ? "nothing" : `density ${percent(d)}`}</option>`)}</select></label>
        <label class="row small">a cell <select @change=${(e) => setQuery({ top: e.target.value }, { push: true })}>${[1, 2, 3, 4, 5].map((n) => html`<option ?selected=${n === this.top}>${n}</option>`)}</select></label></div></form>`;
  }

  matrix() {
    const r = this.first;
    const places = r.tokens.map((_, i) => i).filter((i) => r.counted[i]);
    return html`<section class="panel matrix" aria-label="Tokens by layers"><div class="scroll" tabindex="0" role="region" aria-label="Tokens by layers, scrolls sideways"><table><thead><tr><th scope="col">${r.rows.length < this.dictionaries.length && this.busy ? html`<span class="spinner"></span>` : "dictionary"}</th>
      ${places.map((i) => html`<th scope="col" class=${i === this.locked ? "locked" : ""}><button class="mono" aria-pressed=${i === this.locked} title="Lock this token" @click=${() => setQuery({ token: i === this.locked ? null : i })}>${token(r.tokens[i])}</button></th>`)}</tr></thead>
      <tbody>${r.rows.map((row) => { const most = Math.max(...[...row.cells.values()].flatMap((c) => c.features.map((f) => this.strength(f))), 1e-12); return html`<tr><th scope="row"><a class="fref" href="/d/${row.dictionary}">${row.dictionary}</a></th>${places.map((i) => this.cell(row, row.cells.get(i), i, most))}</tr>`; })}</tbody></table></div></section>`;
  }

  cell(row, cell, i, most) {
    if (!cell) return html`<td></td>`;
    return html`<td class=${i === this.locked ? "locked" : ""}>${cell.features.map((f) => html`<a class="cellf ${this.by === "effect" && f.effect < 0 ? "neg" : ""} l${level(this.strength(f), most)}" href="/d/${row.dictionary}/${f.feature}" data-feature="${row.dictionary}/${f.feature}" @keydown=${walk}><span>${f.feature}</span><small>${this.shown(f)}</small></a>`)}</td>`;
  }

  panel() {
    const r = this.first;
    const i = this.locked;
    if (i === null || !r.tokens[i]) return html`<aside class="panel" aria-label="Token"><p class="muted">Choose a token's head to lock it: all that fires on it, strongest first, and what the model expects next.</p></aside>`;
    const all = r.rows.flatMap((row) => (row.cells.get(i)?.features ?? []).map((f) => ({ ...f, name: `${row.dictionary}/${f.feature}` }))).sort((a, b) => this.strength(b) - this.strength(a));
    const likely = r.next?.likely[i];
    const step = (by) => { const places = r.tokens.map((_, k) => k).filter((k) => r.counted[k]); const next = places[places.indexOf(i) + by]; if (next !== undefined) setQuery({ token: next }); };
    return html`<aside class="panel" aria-label="Token"><header><button class="btn tiny" aria-label="Token before" @click=${() => step(-1)}>${icon("left")}</button><h2 class="mono">${token(r.tokens[i])}</h2><button class="btn tiny" aria-label="Token after" @click=${() => step(1)}>${icon("right")}</button><span class="spring"></span><button class="btn quiet tiny" @click=${() => setQuery({ token: null })}>unlock</button></header>
      ${likely ? html`<p class="small muted">Next: ${likely.map((l) => html`<span class="chip"><span class="mono">${token(l.text)}</span> ${percent(l.probability, 2)}</span> `)}${r.next.losses[i] === null ? nothing : html`; what came, <span class="mono">${token(r.tokens[i + 1])}</span>, cost ${number(r.next.losses[i])} nats`}</p>` : nothing}
      <table><thead><tr><th>feature</th><th class="num">activation</th><th class="num">quantile</th>${this.by === "effect" ? html`<th class="num">effect</th>` : nothing}</tr></thead><tbody>${all.map((f) => html`<tr><td>${featureLink(f.name)}</td><td class="num">${number(f.activation)}</td><td class="num">${percent(f.quantile, 2)}</td>${this.by === "effect" ? html`<td class="num">${signed(f.effect, 2)}</td>` : nothing}</tr>`)}</tbody></table></aside>`;
  }

  /** Features of one text only, and of both. */
  difference() {
    const sets = [this.first, this.second].map((r) => { const all = new Map(); for (const row of r.rows) for (const [i, c] of row.cells) for (const f of c.features) { const name = `${row.dictionary}/${f.feature}`; if (!all.has(name) || all.get(name).activation < f.activation) all.set(name, { ...f, at: r.tokens[i] }); } return all; });
    const only = (a, b) => [...a].filter(([name]) => !b.has(name)).sort((x, y) => this.strength(y[1]) - this.strength(x[1])).slice(0, 24);
    const both = [...sets[0]].filter(([name]) => sets[1].has(name)).map(([name, f]) => [name, { ...f, change: sets[1].get(name).activation - f.activation }]).sort((x, y) => Math.abs(y[1].change) - Math.abs(x[1].change)).slice(0, 24);
    const list = (title, items, extra) => html`<section class="panel" aria-label=${title}><header><h2>${title}</h2></header><table><tbody>${items.map(([name, f]) => html`<tr><td>${featureLink(name)}</td><td class="mono">${token(f.at)}</td><td class="num">${extra(f)}</td></tr>`)}</tbody></table></section>`;
    return html`<div class="three" style="margin-top:var(--gap)">${list("Only in the first", only(sets[0], sets[1]), (f) => this.shown(f))}${list("Only in the second", only(sets[1], sets[0]), (f) => this.shown(f))}${list("In both, by change of activation", both, (f) => signed(f.change))}</div><p class="small muted" style="margin-top:8px">Of the ${this.top} strongest in each cell.</p>`;
  }
}

/** Arrow keys move between the cells of the matrix. */
function walk(event) {
  const step = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[event.key];
  if (!step) return;
  event.preventDefault();
  const links = [...event.target.closest("td").querySelectorAll("a")];
  const within = links[links.indexOf(event.target.closest("a")) + step[0]];
  if (step[0] && within) return within.focus();
  const cell = event.target.closest("td");
  const rows = [...cell.closest("tbody").rows];
  const next = rows[rows.indexOf(cell.parentNode) + step[0]]?.cells[cell.cellIndex + step[1]];
  const found = next ? [...next.querySelectorAll("a")] : [];
  found.at(step[0] < 0 ? -1 : 0)?.focus();
}

customElements.define("loupe-prompt", Prompt);
