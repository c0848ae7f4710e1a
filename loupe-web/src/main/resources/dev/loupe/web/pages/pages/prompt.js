// A text through the model: what fires on each token, in each layer, as the model passes it.
import { guard } from "lit/directives/guard.js";
import { Page, html, nothing, icon, errorNote, problemNote, noModel } from "../base.js";
import { stream, suite } from "../api.js";
import { setQuery } from "../router.js";
import { number, percent, signed, token, level } from "../format.js";
import { featureLink } from "../cards.js";
import { tokenStrip } from "../tokens.js";
import { announce, copy } from "../say.js";

const RANKINGS = { activation: "activation", quantile: "quantile within the feature", effect: "direct effect on the next token" };
const SITES = ["R", "A", "M", "TC"];
const DENSITIES = [1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0003, 0.0001];
const MOST_CHARACTERS = 2000;
const LISTED = 15;
const SAMPLE = { text: "The whale, who had come up beside the ship, looked at the captain.", second: "The whale, who had come up beside the house, looked at the garden." };

/** What a feature is ranked by; the sign of an effect stays. */
const measure = (f, by) => by === "effect" ? f.effect ?? 0 : by === "quantile" ? f.quantile ?? 0 : f.activation;
const strength = (f, by) => Math.abs(measure(f, by));
const shown = (f, by) => by === "effect" ? signed(f.effect, 2) : by === "quantile" ? percent(f.quantile) : number(f.activation);
const change = (value, by) => by === "quantile" ? `${signed(value * 100, 2)} points` : signed(value, 2);

class Prompt extends Page {
  static properties = { info: { state: true }, first: { state: true }, second: { state: true }, busy: { state: true }, problem: { state: true },
    narrow: { state: true }, cursor: { state: true }, draft: { state: true }, more: { state: true }, length: { state: true } };

  constructor() {
    super();
    this.first = this.second = this.cursor = this.draft = null;
    this.more = new Set();
    this.phone = matchMedia("(max-width: 640px)");
    this.narrow = this.phone.matches;
    this.onPhone = () => { this.narrow = this.phone.matches; };
    document.title = "Prompt · Loupe";
    suite().then((info) => { this.info = info; this.begin(); }, (e) => { this.error = e; });
  }

  connectedCallback() {
    super.connectedCallback();
    this.phone.addEventListener("change", this.onPhone);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.phone.removeEventListener("change", this.onPhone);
    this.stop?.abort();
  }

  willUpdate(changed) { if (changed.has("query") && this.info) this.begin(); }

  updated() { this.tend(this.querySelector(".scroll")); }

  get text() { return this.query.get("text") ?? ""; }
  get by() { return Object.hasOwn(RANKINGS, this.query.get("by")) ? this.query.get("by") : "activation"; }
  get allSites() { return SITES.filter((s) => this.info.dictionaries.some((d) => d.site === s)); }
  get sites() { const some = (this.query.get("sites") ?? "").split(",").filter((s) => this.allSites.includes(s)); return some.length ? some : this.allSites; }
  get top() { return Math.max(1, Math.min(5, Math.round(Number(this.query.get("top"))) || 3)); }
  get density() { const d = Number(this.query.get("density")); return d > 0 && d <= 1 ? d : 1; }
  get byStrength() { return this.query.get("sort") === "strength"; }
  get losses() { return this.query.get("loss") === "1"; }

  get allLayers() { return [...new Set(this.info.dictionaries.map((d) => d.layer))].sort((a, b) => a - b); }

  /** First and last layer that is asked for. */
  get layers() {
    const all = this.allLayers;
    const match = /^(\d+)-(\d+)$/.exec(this.query.get("layers") ?? "");
    return match ? [Math.min(match[1], match[2]), Math.max(match[1], match[2])] : [all[0], all.at(-1)];
  }

  get dictionaries() {
    const [from, to] = this.layers;
    return this.info.dictionaries.filter((d) => this.sites.includes(d.site) && d.layer >= from && d.layer <= to).map((d) => d.name);
  }

  /** A token that the address names, if the text has it. */
  place(key, result) {
    const given = this.query.get(key);
    const place = given === null ? -1 : Number(given);
    return result?.places.includes(place) ? place : null;
  }

  get locked() { return this.place("token", this.first); }

  /** The other text's token that a locked one is compared with. */
  get partner() { return this.place("token2", this.second) ?? (this.second?.places.includes(this.locked) ? this.locked : null); }

  /** Asks if the address names something that was not asked yet. */
  begin() {
    const key = JSON.stringify([this.text, this.query.get("second"), this.by, this.dictionaries, this.top, this.density]);
    if (!this.isConnected || !this.info.has_model || key === this.asked) return;
    this.asked = key;
    document.title = this.text ? `“${this.text.slice(0, 40)}${this.text.length > 40 ? "…" : ""}” · Prompt · Loupe` : "Prompt · Loupe";
    if (this.text.trim()) this.run();
    else this.clear();
  }

  clear() {
    this.stop?.abort();
    this.first = this.second = this.problem = null;
  }

  async run() {
    this.stop?.abort();
    const stop = this.stop = new AbortController();
    this.busy = true;
    this.problem = this.cursor = null;
    try {
      this.second = null;
      await this.ask(this.text, stop, (r) => { this.first = r; });
      if (this.query.get("second")) await this.ask(this.query.get("second"), stop, (r) => { this.second = r; });
      announce(`${this.first.rows.length} dictionaries on ${this.first.places.length} tokens`);
    } catch (e) {
      if (e.name !== "AbortError") this.problem = e;
    } finally {
      if (this.stop === stop) this.busy = false;
    }
  }

  async ask(text, stop, show) {
    if (text.length > MOST_CHARACTERS) throw new Error(`expected a text of at most ${MOST_CHARACTERS.toLocaleString("en-US")} characters, got ${text.length.toLocaleString("en-US")}`);
    const dictionaries = this.dictionaries;
    let result = { by: this.by, top: this.top, wanted: dictionaries.length, tokens: [], places: [], rows: [], next: null };
    if (dictionaries.length) {
      for await (const event of stream("/api/prompt", { text, dictionaries, by: this.by, top: this.top, max_density: this.density }, stop.signal)) {
        if (stop.signal.aborted) return;
        result = follow(result, event);
        show(result);
      }
    }
  }

  get keys() {
    return {
      "s": ["stop", () => this.stop?.abort()],
      "i": ["edit the text", () => this.querySelector("textarea")?.focus()],
      "[": ["previous token", () => this.step(-1)],
      "]": ["next token", () => this.step(1)],
      "Escape": ["unlock the token", () => setQuery({ token: null, token2: null })],
    };
  }

  step(by) {
    const places = this.first?.places ?? [];
    const next = places[this.locked === null ? (this.narrow ? by : 0) : places.indexOf(this.locked) + by];
    if (next !== undefined) setQuery({ token: next, token2: null });
  }

  lock(place) { setQuery({ token: place === this.locked ? null : place, token2: null }); }

  render() {
    if (this.error) return errorNote(this.error);
    if (!this.info) return html`<p class="boot"><span class="spinner"></span></p>`;
    return html`<div class="head"><div><h1>Prompt</h1><p class="lead">What fires on a text, token by token and layer by layer.</p></div><span class="spring"></span>
        <button class="btn" @click=${() => copy(location.href)}>${icon("link")} copy link</button></div>
      <div class="stack">
        ${this.info.has_model ? nothing : noModel()}
        ${this.form()}
        ${this.problem ? html`<div>${problemNote(this.problem, () => this.run())}</div>` : nothing}
        ${this.first?.tokens.length ? this.results() : this.empty()}
      </div>`;
  }

  empty() {
    if (this.busy || this.problem) return nothing;
    if (this.text) return this.info.has_model && !this.dictionaries.length ? html`<div class="empty"><h2>No dictionary is left.</h2><p>Choose other sites or layers.</p></div>` : nothing;
    return html`<div class="empty"><h2>Paste a text above</h2>${this.info.has_model ? html`<p class="row centred">or try
      <button class="btn" @click=${() => setQuery({ text: SAMPLE.text, token: 3 }, { push: true })}>a sentence</button>
      <button class="btn" @click=${() => setQuery({ ...SAMPLE, token: 10 }, { push: true })}>two that differ in two words</button></p>` : nothing}</div>`;
  }

  submit(event) {
    event.preventDefault();
    const [text, second] = [...this.querySelectorAll("textarea")].map((t) => t.value);
    if (text === this.text && second === (this.query.get("second") ?? "")) { if (text.trim()) this.run(); return; }
    setQuery({ text, second: second || null, token: text === this.text ? this.query.get("token") : null, token2: null }, { push: true });
  }

  form() {
    const submitKey = (e) => { if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) e.target.form.requestSubmit(); };
    const count = (e) => { this.length = e.target.value.length; };
    const second = this.query.get("second") ?? "";
    return html`<form class="panel" @submit=${(e) => this.submit(e)} aria-label="Prompt">
      <textarea aria-label="Text" maxlength=${MOST_CHARACTERS} placeholder="A text" .value=${this.text} @input=${count} @keydown=${submitKey}></textarea>
      <div class="row"><details class="second" ?open=${Boolean(second)}><summary class="small">compare with a second text</summary>
        <textarea aria-label="Second text" maxlength=${MOST_CHARACTERS} .value=${second} @keydown=${submitKey}></textarea></details></div>
      <div class="row asking"><button class="btn main" ?disabled=${!this.info.has_model}>${icon("play")} Run</button>
        <button type="button" class="btn" ?disabled=${!this.busy} title="(s)" @click=${() => this.stop.abort()}>Stop</button>
        ${this.progress()}<span class="spring"></span>
        <span class="small muted">${(this.length ?? this.text.length).toLocaleString("en-US")} of ${MOST_CHARACTERS.toLocaleString("en-US")} characters</span></div>
      <div class="row filters">${this.filters()}</div></form>`;
  }

  progress() {
    const result = this.second ?? this.first;
    const done = result?.rows.length ?? 0;
    if (!this.busy && !result && this.asked && this.text && !this.problem) return html`<span class="small muted">stopped before anything came</span>`;
    if (!this.busy) return result && !result.ended ? html`<span class="small muted">stopped after ${done} of ${result.wanted} dictionaries</span>` : nothing;
    const all = result?.wanted ?? this.dictionaries.length;
    return html`<span class="small muted row"><span class="spinner"></span> ${done ? `${done} of ${all} dictionaries${this.second ? ", second text" : ""}` : "waiting for the model"}</span>
      <span class="progress" role="progressbar" aria-label="Dictionaries" aria-valuemin="0" aria-valuemax=${all} aria-valuenow=${done}><i style="width:${100 * done / Math.max(1, all)}%"></i></span>`;
  }

  filters() {
    const set = (values) => setQuery(values, { push: true });
    const choice = (title, items, at, choose) => html`<label class="row small">${title} <select @change=${(e) => choose(e.target.value)}>${items.map(([value, text]) => html`<option value=${value} .selected=${String(value) === String(at)}>${text}</option>`)}</select></label>`;
    const site = (s) => html`<label class="row check"><input type="checkbox" .checked=${this.sites.includes(s)} @change=${(e) => this.toggleSite(s, e.target)}>${s}</label>`;
    const [from, to] = this.layers;
    const layers = this.allLayers.map((l) => [l, l]);
    const range = (a, b) => set({ layers: `${a}-${b}` });
    return html`
      ${choice("rank by", Object.entries(RANKINGS), this.by, (by) => set({ by: by === "activation" ? null : by }))}
      <fieldset class="row small plainset"><legend class="sr">Sites</legend>${this.allSites.map(site)}</fieldset>
      <fieldset class="row small plainset"><legend class="sr">Layers</legend>${choice("layers", layers, from, (v) => range(v, to))}${choice("to", layers, to, (v) => range(from, v))}</fieldset>
      ${choice("keep", [1, 2, 3, 4, 5].map((n) => [n, `${n} a cell`]), this.top, (top) => set({ top }))}
      ${this.densityField(set)}
      ${choice("rows by", [["layer", "layer"], ["strength", "strength at the locked token"]], this.byStrength ? "strength" : "layer", (sort) => setQuery({ sort: sort === "layer" ? null : sort }))}
      <label class="row small check"><input type="checkbox" .checked=${this.losses} @change=${(e) => setQuery({ loss: e.target.checked ? 1 : null })}>colour tokens by loss</label>`;
  }

  toggleSite(site, box) {
    const sites = this.allSites.filter((s) => s === site ? box.checked : this.sites.includes(s));
    if (!sites.length) { box.checked = true; return; }
    setQuery({ sites: sites.length === this.allSites.length ? null : sites.join(",") }, { push: true });
  }

  /** Steps of density; the address may hold one between them. */
  densityField(set) {
    const at = this.draft ?? this.density;
    const text = at === 1 ? "nothing hidden" : `hides above ${percent(at)}`;
    return html`<label class="row small">density <input type="range" min="0" max=${DENSITIES.length - 1} step="1" .value=${String(nearest(at))} aria-valuetext=${text}
      @input=${(e) => { this.draft = DENSITIES[e.target.value]; }} @change=${(e) => { this.draft = null; const d = DENSITIES[e.target.value]; set({ density: d === 1 ? null : d }); }}><span class="density">${text}</span></label>`;
  }

  results() {
    const r = this.first;
    const place = this.locked ?? (this.narrow ? r.places[0] : null);
    return html`${this.tokens(r, "Tokens", place, (i) => this.lock(i))}
      ${this.narrow ? html`${this.list(r, place)}` : html`<div class="prompt-grid">${this.matrix(r)}<aside class="stack beside" aria-label="Details">${this.cellPanel(r)}${place === null ? this.hint() : this.tokenPanel(r, place)}</aside></div>`}
      ${this.query.get("second") ? this.difference() : nothing}`;
  }

  /** The text as tokens, to lock one of them. */
  tokens(r, title, chosen, onChoose) {
    const losses = r.next?.losses ?? [];
    const worst = Math.max(...losses.filter((l) => l !== null), 1e-9);
    const coloured = this.losses && r.next;
    const loss = (i) => losses[i - 1] ?? null; // of the token itself, which the one before it foretold
    return html`<section class="panel" aria-label=${title}>${tokenStrip({ tokens: r.tokens, places: r.places, chosen, label: title, onChoose,
      level: (i) => coloured ? level(loss(i), worst) : 0, note: (i) => loss(i) === null ? "" : `loss ${number(loss(i))} nats` })}
      ${coloured ? html`<p class="small muted">Colour: the loss of each token, up to ${number(worst)} nats; mean ${number(mean(losses.filter((l) => l !== null)))}.</p>` : nothing}</section>`;
  }

  hint() {
    return html`<section class="panel"><p class="muted">Choose a token, or press <kbd>Enter</kbd> on a cell, to lock it: all that fires on it, strongest first, and what the model expects next.</p></section>`;
  }

  rows(r) {
    const place = this.locked;
    if (!this.byStrength || place === null) return r.rows;
    const most = (row) => { const f = row.cells.get(place)?.features[0]; return f ? strength(f, r.by) : -1; };
    return r.rows.toSorted((a, b) => most(b) - most(a));
  }

  matrix(r) {
    const digits = String(Math.max(...this.info.dictionaries.map((d) => d.analysis?.features ?? 0))).length;
    return html`<section class="panel matrix" aria-label="Tokens by layers"><div class="scroll"><table role="grid" style="--columns:${r.places.length};--digits:${digits}" aria-label="The strongest feature of each dictionary on each token, by ${RANKINGS[r.by]}"
      @focusin=${(e) => this.focused(e)} @keydown=${(e) => this.move(e)}>
      <thead><tr><th scope="col"><span class="small">${r.rows.length < r.wanted ? `${r.rows.length} of ${r.wanted}` : "dictionary"}</span></th>
        ${r.places.map((i) => html`<th scope="col"><button class="mono" data-place=${i} tabindex="-1" aria-pressed=${i === this.locked} @click=${() => this.lock(i)}>${token(r.tokens[i])}</button></th>`)}</tr></thead>
      <tbody>${this.rows(r).map((row) => html`<tr>${guard([row], () => html`<th scope="row"><a class="fref" data-name=${row.dictionary} tabindex="-1" href="/d/${row.dictionary}">${row.dictionary}</a></th>
        ${r.places.map((i) => html`<td data-name=${row.dictionary} data-place=${i} tabindex="-1">${cellLink(row, row.cells.get(i)?.features[0], r.by)}</td>`)}`)}</tr>`)}</tbody></table></div></section>`;
  }

  focused(event) {
    const { name = null, place } = event.target.dataset;
    if (name !== null || place !== undefined) this.cursor = { name, place: place === undefined ? null : Number(place) };
  }

  /** Arrows, Home and End move in the matrix; Enter on a cell locks its token. */
  move(event) {
    const cell = event.target.closest("td, th");
    if (event.key === "Enter" && event.target.matches("td")) {
      event.preventDefault();
      setQuery({ token: event.target.dataset.place, token2: null });
      return;
    }
    const place = destination(cell, event.key);
    const next = place?.matches("td") ? place : place?.querySelector("button, a");
    if (!next) return;
    event.preventDefault();
    next.focus();
  }

  /** Sets what thousands of cells need not be rendered anew for: the locked column, the tab stop, where it scrolls to. */
  tend(scroll) {
    if (!scroll) return;
    scroll.querySelectorAll(".locked").forEach((cell) => cell.classList.remove("locked"));
    const column = this.first.places.indexOf(this.locked) + 1;
    if (column) for (const row of scroll.querySelector("table").rows) row.cells[column]?.classList.add("locked");
    const { name, place } = this.cursor ?? {};
    const stop = (this.cursor && find(scroll, name, place)) ?? scroll.querySelector("thead button");
    if (stop.tabIndex !== 0) {
      scroll.querySelectorAll("[tabindex='0']").forEach((other) => { other.tabIndex = -1; });
      stop.tabIndex = 0;
    }
    if (name && scroll.contains(document.activeElement) && document.activeElement !== stop && !document.activeElement.closest("a.cellf")) stop.focus(); // its row went elsewhere
    this.keepInSight(scroll);
  }

  keepInSight(scroll) {
    const head = scroll.querySelector("th.locked");
    const sighted = head && this.first.rows.length ? this.locked : null; // columns have their widths with the first row
    if (sighted !== null && sighted !== this.sighted) {
      const [box, own] = [scroll.getBoundingClientRect(), head.getBoundingClientRect()];
      const left = box.left + scroll.querySelector("th").offsetWidth;
      if (own.left < left || own.right > box.right) scroll.scrollLeft += own.left - (left + box.right - own.width) / 2;
    }
    this.sighted = sighted;
  }

  /** All that was kept of the cell that the focus is on. */
  cellPanel(r) {
    if (!this.cursor?.name || this.cursor.place === null) return nothing;
    const cell = r.rows.find((row) => row.dictionary === this.cursor.name)?.cells.get(this.cursor.place);
    if (!cell) return nothing;
    const features = cell.features.map((f) => ({ ...f, name: `${this.cursor.name}/${f.feature}` }));
    return html`<section class="panel" aria-label="Cell"><header><h2><span class="mono">${token(r.tokens[this.cursor.place])}</span> in ${this.cursor.name}</h2></header>
      <p class="small muted">${cell.l0 === 0 ? "Nothing fires here." : `${cell.l0} ${cell.l0 === 1 ? "feature fires" : "features fire"}; ${features.length === cell.l0 ? "all of them" : `the ${features.length} strongest`}${this.density < 1 ? " that are not hidden" : ""}:`}</p>
      ${features.length ? this.featureTable(features, r.by, true) : nothing}</section>`;
  }

  featureTable(features, by, steer = false) {
    const effects = by === "effect";
    return html`<table class="firings"><thead><tr><th scope="col">feature</th><th scope="col" class="num">activation</th><th scope="col" class="num">quantile</th>${effects ? html`<th scope="col" class="num">effect</th>` : nothing}${steer ? html`<th scope="col"><span class="sr">steer</span></th>` : nothing}</tr></thead>
      <tbody>${features.map((f) => html`<tr><td>${featureLink(f.name)}</td><td class="num">${number(f.activation)}</td><td class="num">${percent(f.quantile)}</td>${effects ? html`<td class="num ${f.effect < 0 ? "minus" : "plus"}">${signed(f.effect, 2)}</td>` : nothing}
        ${steer ? html`<td class="num small"><a href="/steer?f=${f.name}:add:1&prompt=${encodeURIComponent(this.text)}" aria-label="Steer with ${f.name}">steer</a></td>` : nothing}</tr>`)}</tbody></table>`;
  }

  tokenHead(r, place) {
    const at = r.places.indexOf(place);
    return html`<header><button class="btn tiny" aria-label="Previous token" title="([)" ?disabled=${at === 0} @click=${() => this.step(-1)}>${icon("left")}</button>
      <h2><span class="sr">Token </span><span class="mono">${token(r.tokens[place])}</span> <span class="small muted">${at + 1} of ${r.places.length}</span></h2>
      <button class="btn tiny" aria-label="Next token" title="(])" ?disabled=${at === r.places.length - 1} @click=${() => this.step(1)}>${icon("right")}</button><span class="spring"></span>
      ${this.locked === null ? nothing : html`<button class="btn quiet tiny" title="(Escape)" @click=${() => setQuery({ token: null, token2: null })}>unlock</button>`}</header>`;
  }

  tokenPanel(r, place) {
    const features = firings(r, place);
    return html`<section class="panel" aria-label="Token">${this.tokenHead(r, place)}${this.likely(r, place)}
      <h3>Fires on it, by ${RANKINGS[r.by]}</h3>${this.featureTable(features, r.by)}
      ${r.by === "effect" ? nothing : html`<p class="small muted"><button class="btn quiet tiny" @click=${() => setQuery({ by: "effect" }, { push: true })}>rank by effect</button> to know effects, too.</p>`}</section>`;
  }

  likely(r, place) {
    if (!r.next) return html`<p class="small muted">${this.busy ? "What comes next is known after the last layer." : nothing}</p>`;
    const own = r.next.losses[place - 1] ?? null;
    const next = r.next.losses[place];
    return html`<h3>Expected next</h3><table class="logits" aria-label="Likeliest next tokens"><thead class="sr"><tr><th scope="col">token</th><th scope="col">probability</th></tr></thead>
      <tbody>${r.next.likely[place].map((l) => html`<tr><td><span class="tok mono plus" style="--w:${l.probability * 100}%">${token(l.text)}</span></td><td class="num small">${percent(l.probability, 2)}</td></tr>`)}</tbody></table>
      <p class="small muted">${own === null ? nothing : `This token cost ${number(own)} nats. `}${next === null ? nothing : html`Next came <span class="mono">${token(r.tokens[place + 1])}</span>, at ${number(next)} nats.`}</p>`;
  }

  /** For small screens: one token at a time. */
  list(r, place) {
    const rows = this.rows(r);
    return html`<section class="panel" aria-label="Token">${this.tokenHead(r, place)}${this.likely(r, place)}
      <table class="listed"><thead class="sr"><tr><th scope="col">dictionary</th><th scope="col">strongest features</th></tr></thead><tbody>${rows.map((row) => html`<tr><th scope="row"><a class="fref" href="/d/${row.dictionary}">${row.dictionary}</a></th>
        <td>${row.cells.get(place)?.features.length ? row.cells.get(place).features.map((f) => cellLink(row, f, r.by, true)) : cellLink(row)}</td></tr>`)}</tbody></table></section>`;
  }

  difference() {
    const [a, b] = [this.first, this.second];
    if (!b?.tokens.length) return html`<p class="small muted">${this.busy ? "The second text comes after the first." : "The second text was not asked."}</p>`;
    const both = new Set(b.rows.map((row) => row.dictionary)); // what has not come yet is not lost
    const firsts = { ...a, rows: a.rows.filter((row) => both.has(row.dictionary)) };
    const pair = this.locked !== null && this.partner !== null;
    return html`<h2 class="part">Second text</h2>
      ${this.tokens(b, "Tokens of the second text", this.partner, (i) => setQuery({ token: this.locked ?? this.first.places[0], token2: i }))}
      <h2 class="part">${pair ? html`Difference at <span class="mono">${token(a.tokens[this.locked])}</span> and <span class="mono">${token(b.tokens[this.partner])}</span>` : "Difference at a pair of tokens"}</h2>
      ${pair ? this.sets(firsts, b, this.locked, this.partner, "pair") : html`<p class="small muted">Lock a token of each text to compare the two.</p>`}
      <h2 class="part">Difference over the whole texts</h2>
      ${this.sets(firsts, b, null, null, "whole")}
      <p class="small muted">Of the ${a.top} strongest in each cell, each at its strongest: what is not among them may still fire.</p>`;
  }

  sets(a, b, i, j, key) {
    const { lost, gained, kept } = compare(features(a, i), features(b, j), a.by);
    return html`<div class="three">
      ${this.set(`${key}-lost`, i === null ? "Only in the first" : "Lost: only in the first", lost, [a], a.by)}
      ${this.set(`${key}-gained`, i === null ? "Only in the second" : "Gained: only in the second", gained, [b], a.by)}
      ${this.set(`${key}-kept`, "In both, by change", kept, [a, b], a.by)}</div>`;
  }

  set(key, title, items, results, by) {
    const all = this.more.has(key);
    const list = all ? items : items.slice(0, LISTED);
    const toggle = () => { const more = new Set(this.more); if (!more.delete(key)) more.add(key); this.more = more; };
    return html`<section class="panel" aria-label=${title}><header><h2>${title}</h2><span class="chip">${items.length}</span></header>
      ${items.length ? html`<table class="firings"><thead><tr><th scope="col">feature</th><th scope="col">on</th><th scope="col" class="num">${results.length > 1 ? "change" : by}</th></tr></thead>
        <tbody>${list.map((item) => html`<tr><td>${featureLink(item.name)}</td><td class="small">${results.map((r, k) => html`${k ? " → " : ""}${seenOn(r, k ? item.second : item.first)}`)}</td>
          <td class="num">${results.length > 1 ? change(item.change, by) : shown(item.first.strongest, by)}</td></tr>`)}</tbody></table>` : html`<p class="muted small">None.</p>`}
      ${items.length > LISTED ? html`<button class="btn quiet tiny" aria-expanded=${all} @click=${toggle}>${all ? "fewer" : `all ${items.length}`}</button>` : nothing}</section>`;
  }
}

function follow(result, event) {
  switch (event.type) {
    case "tokens": return { ...result, tokens: event.tokens, places: event.tokens.map((_, i) => i).filter((i) => event.counted[i]) };
    case "cells": return { ...result, rows: [...result.rows, rowOf(event, result.by)] };
    case "next": return { ...result, next: event };
    case "end": return { ...result, ended: true };
    default: return result;
  }
}

function rowOf({ dictionary, cells }, by) {
  const most = Math.max(...cells.flatMap((c) => c.features.map((f) => strength(f, by))), 1e-12);
  return { dictionary, most: by === "quantile" ? 1 : most, cells: new Map(cells.map((c) => [c.position, c])) };
}

const mean = (values) => values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);

/** Place of the density step that is nearest, in powers of ten. */
function nearest(density) {
  const far = DENSITIES.map((d) => Math.abs(Math.log(d / density)));
  return far.indexOf(Math.min(...far));
}

/** A feature in a cell, tinted by its strength; blue where it makes the next token less likely. */
function cellLink(row, f, by, tabbed = false) {
  if (!f) return html`<span class="none">–</span>`;
  const name = `${row.dictionary}/${f.feature}`;
  return html`<a class="cellf ${measure(f, by) < 0 ? "n" : "l"}${level(strength(f, by), row.most)}" tabindex=${tabbed ? nothing : -1} href="/d/${name}" data-feature=${name}><span>${f.feature}</span><small>${shown(f, by)}</small></a>`;
}

/** What takes the focus at a dictionary and a token; one of the two may be null: the heads. */
function find(scroll, name, place) {
  const row = name === null ? scroll.querySelector("thead tr") : [...scroll.querySelectorAll("tbody tr")].find((tr) => tr.querySelector("a").dataset.name === name);
  const cell = place === null ? row?.cells[0] : [...row?.cells ?? []].find((c) => Number((c.dataset.place ?? c.firstElementChild.dataset.place)) === place);
  return cell?.matches("td") ? cell : cell?.querySelector("button, a") ?? null;
}

/** The cell of a table that a key leads to. */
function destination(cell, key) {
  const row = cell.parentNode;
  const rows = cell.closest("table").rows;
  switch (key) {
    case "ArrowRight": return row.cells[cell.cellIndex + 1];
    case "ArrowLeft": return row.cells[cell.cellIndex - 1];
    case "ArrowDown": return rows[row.rowIndex + 1]?.cells[cell.cellIndex];
    case "ArrowUp": return rows[row.rowIndex - 1]?.cells[cell.cellIndex];
    case "Home": return row.cells[1];
    case "End": return row.cells[row.cells.length - 1];
    default: return null;
  }
}

/** What fires on a token in all dictionaries, strongest first. */
function firings(r, place) {
  return r.rows.flatMap((row) => (row.cells.get(place)?.features ?? []).map((f) => ({ ...f, name: `${row.dictionary}/${f.feature}` }))).sort((a, b) => strength(b, r.by) - strength(a, r.by));
}

/** Features of a text's cells (all, or those of one token), each at its strongest and with the places where it was seen. */
function features(r, only) {
  const all = new Map();
  for (const place of only === null ? r.places : [only]) {
    for (const f of firings(r, place)) {
      const known = all.get(f.name) ?? { strongest: f, places: [] };
      known.places.push(place);
      if (strength(f, r.by) > strength(known.strongest, r.by)) known.strongest = f;
      all.set(f.name, known);
    }
  }
  return all;
}

function compare(first, second, by) {
  const size = (item) => strength(item.first.strongest, by);
  const only = (a, b) => [...a].filter(([name]) => !b.has(name)).map(([name, one]) => ({ name, first: one })).sort((x, y) => size(y) - size(x));
  const kept = [...first].filter(([name]) => second.has(name)).map(([name, one]) => {
    const other = second.get(name);
    return { name, first: one, second: other, change: measure(other.strongest, by) - measure(one.strongest, by) };
  });
  return { lost: only(first, second), gained: only(second, first), kept: kept.sort((x, y) => Math.abs(y.change) - Math.abs(x.change)) };
}

/** The tokens that a feature was seen on, the first three by name. */
function seenOn(r, { places }) {
  return html`${places.slice(0, 3).map((i) => html`<span class="mono">${token(r.tokens[i])}</span> `)}${places.length > 3 ? html`<span class="muted">+${places.length - 3}</span>` : nothing}`;
}

customElements.define("loupe-prompt", Prompt);
