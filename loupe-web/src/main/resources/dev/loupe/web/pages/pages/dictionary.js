// One dictionary: every feature in one table, asked by a query that stands in the address, with what it leaves of each column beside.
import { Page, Part, html, svg, nothing, icon, errorNote } from "../base.js";
import { repeat } from "lit/directives/repeat.js";
import { guard } from "lit/directives/guard.js";
import { columns, dictionary, suite, fresh, record } from "../api.js";
import { go, setQuery } from "../router.js";
import { number, percent, whole, token, SITE_NAMES } from "../format.js";
import { d3 } from "../charts.js";
import { featureLink } from "../cards.js";
import { parse, compile, needsWords, nearOf, edit, withRange, rangeOf, HELP, QueryError } from "../query.js";
import { tableOf, withWords, wordsOf, explanationOf, filter, sort, SORTABLE, logEdges, rounded, binned, countBins, countFlags } from "../table-data.js";
import { keepResults } from "../results.js";
import { onChange } from "../settings.js";
import { copy } from "../say.js";

const ROW = 34; // as in dictionary.css
const HEADER = 40;
const COLUMNS = [
  ["feature", "feature", ""], ["tokens", "fires on", ""], ["explanation", "explanation", ""], ["rate", "rate", "num"], ["maximum", "maximum", "num"], ["mean", "mean", "num"],
  ["token_share", "by token", "num"], ["category", "category", ""], ["category_f1", "F1", "num"], ["top", "makes likely", ""], ["flags", "flags", ""],
];
const FLAGS = [[1, "dead", "never fires"], [2, "dense", "fires on more than 10 % of the tokens"], [4, "single", "one token has 90 % of its activation"]];
const METRICS = [["l0", "L0", number], ["explained_variance_centred", "explained variance", number], ["delta_loss", "Δ loss", number], ["loss_recovered", "loss recovered", number]];
const BINS = 40;
const FACETS = [
  { key: "density", column: "rate", title: "Density", edges: (values) => logEdges(values, BINS), format: (v) => percent(v, 2) },
  { key: "max", column: "maximum", title: "Maximum", edges: (values) => logEdges(values, BINS), format: (v) => number(v) },
  { key: "share", column: "token_share", title: "Explained by the token alone", edges: () => Array.from({ length: BINS + 1 }, (_, i) => i / BINS), format: (v) => percent(v, 2) },
];
const EDITS_TOGETHER = 1500; // changes of the query within this many milliseconds are one step of the history

class Dictionary extends Page {
  static properties = { table: { state: true }, about: { state: true }, info: { state: true }, view: { state: true }, charted: { state: true }, problem: { state: true }, waiting: { state: true }, unfolded: { state: true } };

  constructor() {
    super();
    this.view = this.charted = this.problem = null;
    this.unfolded = false;
    this.editedAt = 0;
  }

  get name() { return this.params.dictionary; }
  get text() { return this.query.get("q") ?? ""; }
  get order() { const order = this.query.get("sort") ?? ""; return SORTABLE.includes(order.replace(/^-/, "")) ? order : "feature"; }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.leaving?.abort();
    clearTimeout(this.typing);
  }

  willUpdate(changed) {
    if (changed.has("params") && this.loadedName !== this.name) this.load();
    else if (changed.has("query") && this.table) this.apply();
  }

  async load() {
    const name = this.loadedName = this.name;
    this.leaving?.abort();
    this.leaving = new AbortController();
    this.table = this.view = this.charted = this.about = this.problem = null;
    document.title = `${name} · Loupe`;
    await this.guarded(async () => {
      this.info = await suite();
      const [about, numbers, notes, said] = await Promise.all([dictionary(name), columns(name), notesOf(name, this.leaving.signal), saidOf(name, this.leaving.signal)]);
      if (this.loadedName !== name) return; // another one is wanted meanwhile
      this.words = columns(name, "/tokens");
      this.words.then((words) => { if (this.loadedName === name) { withWords(this.table, words); this.view = this.view && { ...this.view }; } }, () => {});
      Object.assign(this, { about, table: tableOf(numbers, notes, said) });
      await this.apply();
    });
  }

  /** Filters and sorts by what the address says; a query that is none leaves what was shown. */
  async apply() {
    const job = this.job = {};
    const { table, text, order } = this;
    const column = order.replace(/^-/, "");
    try {
      const terms = parse(text);
      this.waiting = true;
      await Promise.all([needsWords(terms) || column === "tokens" || column === "top" ? this.words.then((words) => withWords(table, words)) : null, ...nearOf(terms).map((f) => this.loadNear(table, f))]);
      if (this.job !== job) return;
      if (this.view?.text !== text || this.view.table !== table) this.found = filter(table, compile(terms, table)); // another order is the same set
      this.problem = null;
      this.show(sort(table, this.found.slice(), column, order.startsWith("-")), terms);
    } catch (e) {
      if (this.job !== job) return;
      this.problem = e;
      if (!this.view) this.show(this.found = filter(table, []), []);
    } finally {
      if (this.job === job) this.waiting = false;
    }
  }

  /** The rows first; the charts a frame later, and only where the set is another. */
  show(features, terms) {
    this.view = { features, terms, table: this.table, text: this.problem ? null : this.text, href: location.pathname + location.search };
    const chart = () => { if (this.charted?.features !== this.found) this.charted = { features: this.found, terms }; };
    if (this.charted) requestAnimationFrame(() => setTimeout(chart));
    else chart();
  }

  async loadNear(table, feature) {
    if (feature >= table.features || table.near.has(feature)) return;
    const { neighbours } = await record(`${this.name}/${feature}`);
    table.near.set(feature, new Set([feature, ...neighbours.filter((n) => n.dictionary === this.name).flatMap((n) => n.neighbours)]));
  }

  /** Writes the query into the address: one step of the history for edits in a row. */
  ask(text) {
    const now = Date.now();
    setQuery({ q: text.trim() ? text : null }, { push: now - this.editedAt > EDITS_TOGETHER });
    this.editedAt = now;
  }

  typed(event) {
    clearTimeout(this.typing);
    const box = event.target;
    this.typing = setTimeout(() => this.ask(box.value), 120);
  }

  sortBy(column) {
    const first = /^(feature|tokens|top|category)$/.test(column) ? column : `-${column}`; // words from a, numbers from the largest
    const next = this.order !== first ? first : first.startsWith("-") ? column : `-${column}`;
    setQuery({ sort: next === "feature" ? null : next }, { push: true });
  }

  keep() { keepResults(this.name, this.view.features, this.view.href); }

  open(feature, row) {
    this.keep();
    if (row !== undefined) history.replaceState({ ...history.state, row }, "");
    go(`/d/${this.name}/${feature}`);
  }

  random() {
    const { features } = this.view ?? { features: [] };
    if (features.length) this.open(features[Math.floor(Math.random() * features.length)]);
  }

  get rows() { return this.querySelector("loupe-feature-rows"); }

  get keys() {
    const beside = (by) => { const d = this.beside(by); if (d) go(this.addressOf(d)); };
    return {
      "j": ["next row", () => this.rows?.move(1)], "k": ["previous row", () => this.rows?.move(-1)],
      "q": ["edit the query", () => this.querySelector("#query")?.focus()],
      "r": ["random feature of those shown", () => this.random()],
      "]": ["same site, next layer", () => beside(1)], "[": ["same site, layer before", () => beside(-1)],
    };
  }

  // --- drawing ---

  render() {
    if (this.error) return this.failed();
    return html`${this.head()}${this.health()}${this.view ? html`
      <div class="dictionary-grid" @loupe-query=${(e) => this.ask(e.detail(this.text))} @loupe-open=${(e) => this.open(e.detail.feature, e.detail.row)}>
        <div class="stack">${this.queryPanel()}
          <loupe-feature-rows class="panel" .table=${this.table} .view=${this.view} .name=${this.name} .order=${this.order} .text=${this.text}
            @loupe-sort=${(e) => this.sortBy(e.detail)} @loupe-keep=${() => this.keep()}></loupe-feature-rows></div>
        <div class="dictionary-side ${this.unfolded ? "unfolded" : ""}">
          <button class="btn fold" aria-expanded=${this.unfolded} aria-controls="dictionary-side" @click=${() => { this.unfolded = !this.unfolded; }}>${icon("down")} Charts and facets</button>
          <div class="stack" id="dictionary-side">
            <loupe-feature-scatter class="panel" .table=${this.table} .view=${this.charted} .name=${this.name}></loupe-feature-scatter>
            <loupe-feature-facets class="panel" .table=${this.table} .view=${this.charted}></loupe-feature-facets>
            ${this.categories()}
          </div></div>
      </div>` : html`<p class="boot"><span class="spinner"></span><br>Loading all features of ${this.name}</p>`}`;
  }

  failed() {
    const me = this.info?.dictionaries.find((d) => d.name === this.name);
    const title = me && this.error.status === 404 ? `${this.name} has not been analysed yet.` : "This dictionary cannot be shown.";
    return html`<div class="head"><div><h1>${title}</h1></div><span class="spring"></span>${me ? this.siblings(me) : nothing}</div>
      <div class="stack">${errorNote(this.error)}<p><a href="/">All dictionaries of the suite</a></p></div>`;
  }

  head() {
    const me = this.info?.dictionaries.find((d) => d.name === this.name);
    return html`<div class="head">
      <div><p class="muted small"><a href="/">${this.info?.name ?? "suite"}</a>${me ? html` · layer ${me.layer}, ${SITE_NAMES[me.site]}, ${me.expansion} times as wide` : nothing} · <a href="/explanations/${this.name}">explanations</a></p>
        <h1><span class="mono">${this.name}</span></h1></div>
      <span class="spring"></span>
      ${me ? this.siblings(me) : nothing}</div>`;
  }

  beside(by) {
    const me = this.info?.dictionaries.find((d) => d.name === this.name);
    return me && this.info.dictionaries.find((d) => d.site === me.site && d.expansion === me.expansion && d.variant === me.variant && d.layer === me.layer + by);
  }

  addressOf(d) { return `/d/${d.name}${location.search}`; }

  siblings(me) {
    const arrow = (by, label, name) => {
      const d = this.beside(by);
      return d ? html`<a class="btn" href=${this.addressOf(d)} aria-label="${label}: ${d.name}" title="${label}: ${d.name} ( ${by > 0 ? "]" : "["} )">${icon(name)}</a>`
        : html`<button class="btn" disabled aria-label="${label}: none">${icon(name)}</button>`;
    };
    const sites = this.info.dictionaries.filter((d) => d.layer === me.layer && d.expansion === me.expansion && d.variant === me.variant);
    return html`<nav class="row" aria-label="Other dictionaries">
      ${sites.length > 1 ? html`<span class="tabs">${sites.map((d) => html`<a class="btn ${d === me ? "on" : ""}" href=${this.addressOf(d)} aria-current=${d === me ? "page" : nothing} title="${d.name}, ${SITE_NAMES[d.site]}">${d.site}</a>`)}</span>` : nothing}
      ${arrow(-1, "The layer before", "left")}${arrow(1, "The next layer", "right")}
      <select aria-label="Dictionary" .value=${me.name} @change=${(e) => go(`/d/${e.target.value}${location.search}`)}>${this.info.dictionaries.map((d) => html`<option value=${d.name} ?selected=${d === me}>${d.name}${d.analysis ? "" : " (not analysed)"}</option>`)}</select></nav>`;
  }

  health() {
    const a = this.about?.analysis;
    if (!a) return nothing;
    const metrics = this.info.reports.map((r) => r.report.dictionaries[this.name]).find(Boolean);
    const item = (title, value, small = "", hint = nothing) => html`<div><dt title=${hint}>${title}</dt><dd>${value} <small>${small}</small></dd></div>`;
    return html`<section class="panel health" aria-label="Health"><dl class="stats">
      ${METRICS.map(([key, title, format]) => metrics?.[key] ? item(title, format(metrics[key].value), metrics[key].low === null ? "" : `${format(metrics[key].low)} to ${format(metrics[key].high)}`) : key === "l0" ? item(title, number(a.l0), "of the analysed text") : nothing)}
      ${item("features", whole(a.features))}${item("dead", whole(a.dead), percent(a.dead / a.features, 2), "never fired on the analysed text")}
      ${item("dense", whole(a.dense), percent(a.dense / a.features, 2), "fire on more than 10 % of the tokens")}
      ${item("single token", whole(a.single_token), percent(a.single_token / a.features, 2), "one token has 90 % of the activation")}
      ${item("analysed", whole(a.tokens), "tokens")}</dl>
      ${metrics ? nothing : html`<p class="small muted">No evaluation report has this dictionary: explained variance and loss are not known.</p>`}</section>`;
  }

  queryPanel() {
    const count = this.view.features.length;
    return html`<section class="panel" aria-label="Query">
      <form class="row ask" role="search" @submit=${(e) => { e.preventDefault(); clearTimeout(this.typing); this.ask(e.target.elements.query.value); }}>
        <input id="query" name="query" class="mono" type="search" spellcheck="false" autocomplete="off" autocapitalize="off" aria-label="Query" aria-describedby="query-problem" aria-invalid=${this.problem ? "true" : "false"}
          placeholder='density:<0.01 tok:dog category:animal "exact" /regex/ -is:single' .value=${this.text} @input=${this.typed}>
        <button type="button" class="btn quiet" aria-label="How to ask" title="How to ask" @click=${() => this.querySelector("#query-help").showModal()}>${icon("help")}</button></form>
      <p id="query-problem" class="small problem" aria-live="polite">${this.problem ? this.complaint() : nothing}</p>
      <div class="row actions"><p role="status"><strong>${whole(count)}</strong> of ${whole(this.table.features)} features</p>${this.waiting ? html`<span class="spinner"></span>` : nothing}
        ${this.text ? html`<button class="btn quiet tiny" @click=${() => this.ask("")}>${icon("close")} clear</button>` : nothing}<span class="spring"></span>
        <button class="btn tiny" ?disabled=${!count} title="Random feature of those shown (r)" @click=${() => this.random()}>${icon("dice")} random</button>
        <button class="btn tiny" ?disabled=${count < 2} @click=${() => go(`/compare?f=${Array.from(this.view.features.subarray(0, 6), (f) => `${this.name}/${f}`).join(",")}`)}>compare first ${count < 6 && count > 1 ? count : "six"}</button>
        <button class="btn tiny" ?disabled=${!count} title="Those shown, in this order" @click=${() => this.download()}>${icon("down")} CSV</button>
        <button class="btn tiny" title="Copy the address of this view" @click=${() => copy(location.href)}>${icon("link")} copy link</button></div>
      <dialog id="query-help" aria-labelledby="query-help-title"><div class="body">
        <form class="row" method="dialog"><h2 id="query-help-title">How to ask</h2><span class="spring"></span><button class="btn quiet" aria-label="Close">${icon("close")}</button></form>
        <p class="muted">Terms with blanks between them; all must hold. Choose an example to add it.</p>
        <table class="examples"><thead><tr><th scope="col">term</th><th scope="col">holds of a feature if</th></tr></thead>
          <tbody>${HELP.map(([what, says]) => html`<tr><td><button class="btn quiet tiny mono" @click=${() => this.example(what)}>${what}</button></td><td>${says}</td></tr>`)}</tbody></table></div></dialog></section>`;
  }

  example(what) {
    this.querySelector("#query-help").close();
    this.ask(edit(this.text, () => false, what));
    this.querySelector("#query").focus();
  }

  complaint() {
    const { message, at, end } = this.problem;
    if (!(this.problem instanceof QueryError)) return message;
    return html`<span class="mono wrong">${this.text.slice(0, at)}<mark>${this.text.slice(at, end) || "␣"}</mark>${this.text.slice(end)}</span><br>At character ${at + 1}: ${message}. ${this.view.terms.length ? "Below is still the answer to the query before." : "Below are all features."}`;
  }

  categories() {
    const categories = this.about.analysis?.categories;
    if (!categories) return nothing;
    const floor = new Map();
    for (const f of categories.floors) for (const b of f.best ?? []) floor.set(b.category, Math.max(floor.get(b.category) ?? 0, b.f1));
    const best = categories.measured.best.toSorted((a, b) => b.f1 - a.f1);
    return html`<section class="panel" aria-label="Best feature of each category"><header><h2>Best feature of each category</h2></header>
      <div class="best" tabindex="0" role="group" aria-label="Categories"><table class="tight"><thead><tr><th scope="col">category</th><th scope="col">feature</th><th scope="col" class="num">F1</th><th scope="col" class="num" title="the best of the floors on this category">floor</th></tr></thead>
        <tbody>${best.map((b) => html`<tr><td class="cut" title=${b.category}>${b.category}</td><td>${featureLink(`${this.name}/${b.candidate}`, b.candidate)}</td><td class="num" title="${number(b.f1_low, 2)} to ${number(b.f1_high, 2)}">${number(b.f1, 2)}</td><td class="num muted">${floor.has(b.category) ? number(floor.get(b.category), 2) : "–"}</td></tr>`)}</tbody></table></div>
      <p class="small means">Mean best F1 <strong>${number(categories.measured.mean_best_f1)}</strong>${categories.floors.map((f) => html` · ${f.among} ${number(f.mean_best_f1)}`)}</p></section>`;
  }

  async download() {
    await this.guarded(async () => {
      withWords(this.table, await this.words);
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([csv(this.table, this.view.features)], { type: "text/csv" }));
      link.download = `${this.name}.csv`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    });
  }
}

/** What people wrote about features of a dictionary; without it the table still stands. */
/** What machines say: feature -> text. */
async function saidOf(name, signal) {
  try {
    const { features, texts } = await fresh(`/api/explanations/${name}`, signal);
    return new Map(features.map((feature, i) => [feature, texts[i]]));
  } catch {
    return new Map();
  }
}

async function notesOf(name, signal) {
  try {
    const { features } = await fresh("/api/notes", signal);
    return new Map(features.filter((f) => f.feature.startsWith(`${name}/`)).map((f) => [Number(f.feature.slice(name.length + 1)), f]));
  } catch {
    return new Map();
  }
}

function csv(table, features) {
  const { firings, rate, maximum, mean, token_share: share, category, category_f1: f1, flags } = table.columns;
  const quote = (text) => `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll("\"", "\"\"")}"`; // a spreadsheet must not take it for a formula
  const words = (name, f) => quote(JSON.stringify(wordsOf(table, name, f, 10)));
  const value = (v) => Number.isNaN(v) ? "" : v;
  const lines = Array.from(features, (f) => [f, firings[f], rate[f], maximum[f], mean[f], value(share[f]), quote(table.categories[category[f]] ?? ""), value(f1[f]),
    FLAGS.filter(([bit]) => flags[f] & bit).map(([, name]) => name).join(" "), words("tokens", f), words("top", f), quote(explanationOf(table, f))].join(","));
  return ["feature,firings,rate,maximum,mean,token_share,category,category_f1,flags,tokens,makes_likely,explanation", ...lines, ""].join("\n");
}

const send = (node, name, detail) => node.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));

/** Asks for another query: change is a function of the query's text. */
const change = (node, how) => send(node, "loupe-query", how);

/** The rows in sight, of as many as there are. One tab stop: the link of the active row. */
class FeatureRows extends Part {
  static properties = { table: { attribute: false }, view: { attribute: false }, name: { attribute: false }, order: { attribute: false }, text: { attribute: false }, top: { state: true }, fits: { state: true }, active: { state: true } };

  constructor() {
    super();
    this.top = this.active = this.scrolledTo = 0;
    this.fits = 24;
  }

  connectedCallback() {
    super.connectedCallback();
    this.sizes = new ResizeObserver(() => { this.fits = Math.max(1, Math.floor((this.scroller.clientHeight - HEADER) / ROW)); });
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.sizes.disconnect();
  }

  get scroller() { return this.querySelector(".rows"); }

  firstUpdated() { this.sizes.observe(this.scroller); }

  willUpdate(changed) {
    if (!changed.has("view") || changed.get("view")?.features === this.view.features) return;
    const row = Math.min(history.state?.row ?? 0, Math.max(0, this.view.features.length - 1)); // where it was left, when one comes back
    this.active = row;
    this.held = this.contains(document.activeElement) && document.activeElement.matches("a.fref"); // its row may go
    this.top = Math.max(0, row - Math.floor(this.fits / 2));
    this.wanted = this.top * ROW;
  }

  updated() {
    if (this.wanted !== undefined && this.wanted !== this.scrolledTo) this.scroller.scrollTop = this.wanted; // it lays out the page: not without need
    this.wanted = undefined;
    if (this.held) this.focusActive();
    this.held = false;
  }

  scrolled() {
    this.scrolledTo = this.scroller.scrollTop;
    const top = Math.floor(this.scrolledTo / ROW);
    if (top === this.top) return;
    const held = this.contains(document.activeElement) && document.activeElement.matches("a.fref");
    this.top = top;
    this.active = Math.max(Math.ceil(this.scrolledTo / ROW), Math.min(top + this.fits - 1, this.active, this.view.features.length - 1));
    if (held) this.focusActive();
  }

  move(by) {
    const { scroller } = this;
    this.active = Math.max(0, Math.min(this.view.features.length - 1, this.active + by));
    const [from, to] = [this.active * ROW, (this.active + 1) * ROW];
    const room = scroller.clientHeight - HEADER;
    if (from < scroller.scrollTop) scroller.scrollTop = from;
    else if (to > scroller.scrollTop + room) scroller.scrollTop = to - room;
    this.scrolledTo = scroller.scrollTop;
    this.top = Math.floor(this.scrolledTo / ROW);
    this.focusActive();
  }

  async focusActive() {
    await this.updateComplete;
    this.querySelector(`[data-row="${this.active}"] a.fref`)?.focus({ preventScroll: true });
  }

  keydown(event) {
    if (event.target.closest("[role=columnheader]") && event.key !== "ArrowDown") return;
    const page = Math.max(1, this.fits - 1);
    const step = { ArrowDown: event.target.closest("[role=columnheader]") ? 0 : 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity }[event.key];
    if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.move(step);
  }

  render() {
    const count = this.view.features.length;
    const from = Math.max(0, this.top - 6);
    const rows = Array.from({ length: Math.max(0, Math.min(count, this.top + this.fits + 8) - from) }, (_, i) => from + i);
    this.explained = this.table.said.size > 0 || [...this.table.notes.values()].some((notes) => notes.explanation);
    return html`<div class="rows ${this.explained ? "explained" : ""}" role="grid" aria-label="Features" aria-rowcount=${count + 1} @keydown=${this.keydown} @scroll=${this.scrolled}>
      <div class="line header" role="row" aria-rowindex="1">${this.shownColumns().map((column) => this.header(column))}</div>
      <div class="spacer" role="rowgroup" style="height:${count * ROW}px">${repeat(rows, (row) => this.view.features[row],
      (row) => guard([row, row === this.active, this.view.features[row], this.name, this.table.words, this.table, this.explained], () => this.row(row)))}</div>
    </div>${count ? nothing : this.empty()}`;
  }

  shownColumns() { return COLUMNS.filter(([key]) => key !== "explanation" || this.explained); }

  header([key, title, kind]) {
    const now = this.order.replace(/^-/, "") === key;
    const down = this.order.startsWith("-");
    return html`<div role="columnheader" class=${kind} aria-sort=${now ? (down ? "descending" : "ascending") : nothing}>${SORTABLE.includes(key)
      ? html`<button @click=${() => send(this, "loupe-sort", key)}>${title}${now ? html`<span aria-hidden="true"> ${down ? "↓" : "↑"}</span>` : nothing}</button>` : title}</div>`;
  }

  row(row) {
    const f = this.view.features[row];
    const { table } = this;
    const c = table.columns;
    const dead = (c.flags[f] & 1) !== 0;
    const cell = (kind, body) => html`<div role="gridcell" class=${kind}>${body}</div>`;
    return html`<div class="line ${row === this.active ? "on" : ""} ${dead ? "dead" : ""}" role="row" aria-rowindex=${row + 2} data-row=${row} style="top:${row * ROW}px" @click=${(e) => this.clicked(e, f, row)}>
      ${cell("", html`<a class="fref" href="/d/${this.name}/${f}" data-feature="${this.name}/${f}" tabindex=${row === this.active ? "0" : "-1"} aria-label="feature ${f}" @focus=${() => { this.active = row; }}>${f}</a>`)}
      ${cell("words", this.words("tokens", f))}
      ${this.explained ? cell(table.notes.get(f)?.explanation ? "cut own" : "cut own muted", explanationOf(table, f)) : nothing}
      ${cell("num", percent(c.rate[f]))}${cell("num", dead ? "–" : number(c.maximum[f]))}${cell("num", dead ? "–" : number(c.mean[f]))}${cell("num", percent(c.token_share[f], 2))}
      ${cell("cut", table.categories[c.category[f]] ?? "")}${cell("num", c.category[f] < 0 ? "" : number(c.category_f1[f], 2))}
      ${cell("words", this.words("top", f))}
      ${cell("cut", FLAGS.filter(([bit]) => c.flags[f] & bit).map(([bit, name, about]) => html`<span class="chip ${bit === 1 ? "bad" : ""}" title=${about}>${name}</span> `))}</div>`;
  }

  words(name, f) {
    if (!this.table.words) return html`<span class="muted">…</span>`;
    return wordsOf(this.table, name, f, 6).map((text) => html`<span class="mono word">${token(text)}</span> `);
  }

  clicked(event, feature, row) {
    if (event.target.closest("a")) {
      history.replaceState({ ...history.state, row }, "");
      send(this, "loupe-keep");
    } else if (getSelection().isCollapsed) {
      send(this, "loupe-open", { feature, row });
    }
  }

  empty() {
    const { terms } = this.view;
    return html`<div class="empty"><h2>No feature is like that.</h2>
      <p class="row">${terms.length > 1 ? terms.map((term) => html`<button class="btn tiny" @click=${() => change(this, (text) => edit(text, (other) => other.at === term.at))}>without <span class="mono">${this.text.slice(term.at, term.end)}</span></button>`) : nothing}
        <button class="btn tiny" @click=${() => change(this, () => "")}>Clear the query</button></p></div>`;
  }
}

/** How what is shown lies in the whole: histograms that set ranges, categories and flags that can be chosen. */
class FeatureFacets extends Part {
  static properties = { table: { attribute: false }, view: { attribute: false }, drag: { state: true } };

  willUpdate(changed) {
    if (!changed.has("table")) return;
    const { columns: c, categories } = this.table;
    this.facets = FACETS.map((facet) => {
      const values = c[facet.column];
      const edges = facet.edges(values);
      const places = binned(values, edges);
      return { ...facet, edges, places, all: countBins(places, BINS) };
    });
    this.allCategories = this.countCategories(null, categories.length);
    this.allFlags = countFlags(c.flags, FLAGS.map(([bit]) => bit));
  }

  countCategories(features, most) {
    const { category } = this.table.columns;
    const counts = new Uint32Array(most + 1);
    for (let i = 0; i < (features ?? category).length; i++) counts[category[features ? features[i] : i] + 1]++;
    return Array.from(counts.subarray(1));
  }

  render() {
    const { categories, columns: c, notes } = this.table;
    const { features, terms } = this.view;
    const some = this.countCategories(features, categories.length);
    const flags = countFlags(c.flags, FLAGS.map(([bit]) => bit), features);
    const order = categories.map((_, i) => i).filter((i) => this.allCategories[i]).sort((a, b) => this.allCategories[b] - this.allCategories[a]);
    const picks = (kind, items) => html`<div class="picks">${items.map(([value, source, shown, all, about]) => this.pick(terms, kind, value, source, shown, all, about))}</div>`;
    const shown = new Uint8Array(this.table.features);
    for (const f of features) shown[f] = 1;
    const written = Object.entries({ explanation: (n) => Boolean(n.explanation), note: (n) => n.notes > 0, tag: (n) => n.tags.length > 0, bookmark: (n) => n.bookmarked })
      .map(([name, has]) => { const own = [...notes].filter(([, n]) => has(n)).map(([f]) => f); return [name, `has:${name}`, own.filter((f) => shown[f]).length, own.length]; }).filter((item) => item[3]);
    return html`<section aria-label="Facets"><header><h2>Distributions</h2><span class="spring"></span><span class="small muted legend"><i class="whole"></i> all <i class="part"></i> shown</span></header>
      ${this.facets.map((facet) => this.facet(facet, countBins(facet.places, BINS, features), rangeOf(terms, facet.key)))}
      <h3>Flags</h3>${picks("is", FLAGS.map(([, name, about], i) => [name, `is:${name}`, flags[i], this.allFlags[i], about]))}
      ${order.length ? html`<h3>Best category</h3>${picks("category", order.map((i) => [categories[i], `category:"${categories[i]}"`, some[i], this.allCategories[i]]))}` : nothing}
      ${written.length ? html`<h3>Written by people</h3>${picks("has", written)}` : nothing}</section>`;
  }

  facet(facet, some, range) {
    const { title, key, edges, all, format } = facet;
    const low = Math.max(0, edges.findLastIndex((e) => e <= range.low));
    const high = range.high === Infinity ? BINS : Math.max(0, edges.findIndex((e) => e >= range.high));
    const [a, b] = this.drag?.key === key ? [Math.min(this.drag.from, this.drag.to), Math.max(this.drag.from, this.drag.to) + 1] : [low, high < low ? BINS : high];
    const bounded = range.low > -Infinity || range.high < Infinity || this.drag?.key === key;
    const most = Math.log1p(Math.max(1, ...all));
    const bars = (counts) => counts.map((n, i) => n ? `M${i * 10 + 1} 60V${60 - Math.max(1.5, (Math.log1p(n) / most) * 56)}H${i * 10 + 9}V60Z` : "").join("");
    const shown = d3.sum(some);
    const says = (value, end, bound) => value === end ? "any" : format(Number.isFinite(bound) && this.drag?.key !== key ? bound : edges[value]);
    const slider = (label, value, end, bound) => html`<label>${label}<input type="range" min="0" max=${BINS} step="1" .value=${String(value)} aria-label="${title} ${label}" aria-valuetext=${says(value, end, bound)}
      @input=${(e) => this.slide(facet, label === "from" ? Number(e.target.value) : a, label === "to" ? Number(e.target.value) : b, label)}><output>${says(value, end, bound)}</output></label>`;
    return html`<div class="facet"><h3>${title}</h3>
      <svg class="chart" viewBox="0 0 ${BINS * 10} 61" preserveAspectRatio="none" role="img" aria-label="${title}: ${whole(shown)} of ${whole(d3.sum(all))} features that have one are shown, from ${format(edges[0])} to ${format(edges[BINS])}, counts logarithmic"
        @pointerdown=${(e) => this.press(e, key)} @pointermove=${(e) => this.stretch(e)} @pointerup=${(e) => this.release(e, facet)} @pointercancel=${() => { this.drag = null; }}>
        ${bounded ? svg`<rect class="window" x=${a * 10} y="0" width=${Math.max(2, (b - a) * 10)} height="60"></rect>` : nothing}
        <path class="whole" d=${bars(all)}></path><path class="part" d=${bars(some)}></path><line class="axis" x1="0" x2=${BINS * 10} y1="60.500" y2="60.500"></line></svg>
      <div class="ends small muted" aria-hidden="true"><span>${format(edges[0])}</span><span>${format(edges[BINS / 2])}</span><span>${format(edges[BINS])}</span></div>
      <div class="sliders small">${slider("from", a, 0, range.low)}${slider("to", b, BINS, range.high)}</div></div>`;
  }

  slide(facet, from, to, moved) {
    if (from >= to) [from, to] = moved === "from" ? [Math.min(from, BINS - 1), Math.min(from, BINS - 1) + 1] : [Math.max(to, 1) - 1, Math.max(to, 1)];
    this.narrow(facet, from, to);
  }

  narrow({ key, edges }, from, to) {
    change(this, (text) => withRange(text, key, from > 0 ? edges[from] : null, to < BINS ? edges[to] : null));
  }

  binAt(event) {
    const box = event.currentTarget.getBoundingClientRect();
    return Math.max(0, Math.min(BINS - 1, Math.floor(((event.clientX - box.left) / box.width) * BINS)));
  }

  press(event, key) {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const bin = this.binAt(event);
    this.drag = { key, from: bin, to: bin };
  }

  stretch(event) {
    if (this.drag) this.drag = { ...this.drag, to: this.binAt(event) };
  }

  release(event, facet) {
    if (!this.drag) return;
    const { from, to } = this.drag;
    this.drag = null;
    this.narrow(facet, Math.min(from, to), Math.max(from, to) + 1);
  }

  pick(terms, kind, value, source, shown, all, about) {
    const own = (term) => term.kind === kind && term.value === value && !term.negated;
    const on = terms.some(own);
    const others = (term) => own(term) || (kind === "category" && term.kind === "category"); // a feature has one category
    return html`<button class="pick" aria-pressed=${on} title=${about ?? nothing} aria-label="${value}: ${whole(shown)} of ${whole(all)}" @click=${() => change(this, (text) => edit(text, others, on ? "" : source))}>
      <span class="cut">${value}</span><span class="measure" aria-hidden="true"><i style="width:${all ? (shown / all) * 100 : 0}%"></i></span><span class="num">${whole(shown)} <span class="muted">of ${whole(all)}</span></span></button>`;
  }
}

/** Maximum against density of all features; dragging selects, the nearest is named below. */
class FeatureScatter extends Part {
  static properties = { table: { attribute: false }, view: { attribute: false }, name: { attribute: false }, near: { state: true }, box: { state: true } };

  constructor() {
    super();
    this.near = this.box = null;
    this.width = 0;
  }

  connectedCallback() {
    super.connectedCallback();
    this.sizes = new ResizeObserver(() => this.draw());
    this.ends = [onChange(() => this.draw())];
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    const redraw = () => this.draw();
    scheme.addEventListener("change", redraw);
    this.ends.push(() => scheme.removeEventListener("change", redraw));
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.sizes.disconnect();
    this.ends.forEach((end) => end());
  }

  firstUpdated() { this.sizes.observe(this.querySelector(".plot")); }

  updated(changed) {
    if (changed.has("table")) this.placedFor = null;
    if (changed.has("view") && changed.get("view")?.features !== this.view.features) { this.near = null; this.draw(); }
  }

  render() {
    const { box } = this;
    return html`<section aria-label="Maximum against density"><header><h2>Maximum against density</h2></header>
      <div class="plot"><canvas role="img" aria-label="Scatter of maximum against density, both logarithmic: ${whole(this.view.features.length)} of ${whole(this.table.features)} features marked. The distributions of density and maximum below select the same by keyboard."
          @pointerdown=${this.press} @pointermove=${this.hover} @pointerup=${this.release} @pointercancel=${() => { this.box = null; }}></canvas>
        ${box ? html`<div class="rubber" style="left:${Math.min(box.a[0], box.b[0])}px;top:${Math.min(box.a[1], box.b[1])}px;width:${Math.abs(box.a[0] - box.b[0])}px;height:${Math.abs(box.a[1] - box.b[1])}px"></div>` : nothing}
        ${this.near === null ? nothing : html`<div class="ring" style="left:${this.px[this.near]}px;top:${this.py[this.near]}px"></div>`}</div>
      <p class="small nearest">${this.near === null ? html`<span class="muted">Density to the right, maximum upwards. Point at a feature; drag to select.</span>` : this.nearest(this.near)}</p></section>`;
  }

  nearest(f) {
    const { rate, maximum, category } = this.table.columns;
    return html`${featureLink(`${this.name}/${f}`)} ${percent(rate[f])} · max ${number(maximum[f])} ${this.table.categories[category[f]] ?? ""}
      ${this.table.words ? wordsOf(this.table, "tokens", f, 5).map((text) => html`<span class="mono word">${token(text)}</span> `) : nothing}`;
  }

  /** Where each feature lies, in pixels of the page; NaN where it never fired. */
  place(width, height) {
    const { rate, maximum } = this.table.columns;
    const ends = (values) => { const edges = logEdges(values, 1); return [edges[0] * 0.9, edges[1] * 1.1]; };
    this.x = d3.scaleLog().domain(ends(rate)).range([38, width - 6]);
    this.y = d3.scaleLog().domain(ends(maximum)).range([height - 22, 6]);
    this.px = Float32Array.from(rate, (v) => v > 0 ? this.x(v) : NaN);
    this.py = Float32Array.from(maximum, (v) => v > 0 ? this.y(v) : NaN);
    this.placedFor = this.table;
    [this.width, this.height] = [width, height];
  }

  draw() {
    const canvas = this.querySelector("canvas");
    const width = Math.round(canvas?.parentElement.clientWidth ?? 0);
    if (!width) return;
    const height = Math.round(width * 0.62);
    if (this.placedFor !== this.table || this.width !== width) this.place(width, height);
    const ratio = devicePixelRatio;
    Object.assign(canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
    const pen = canvas.getContext("2d");
    const style = getComputedStyle(this);
    const image = pen.createImageData(canvas.width, canvas.height);
    const { features } = this.view;
    const few = features.length < 300;
    if (features.length < this.table.features) this.stamp(image, null, 2 * ratio, ratio, rgb(style.getPropertyValue("--line-strong")), few ? 0.2 : 0.3);
    this.stamp(image, features, (few ? 4 : features.length < 3000 ? 3 : 2) * ratio, ratio, rgb(style.getPropertyValue("--accent")), few ? 0.9 : 0.55);
    pen.putImageData(image, 0, 0);
    pen.scale(ratio, ratio);
    this.axes(pen, style, width, height);
  }

  /** Dots into pixels: one after another they make the colour denser. */
  stamp(image, features, dot, ratio, [r, g, b], alpha) {
    const { data, width, height } = image;
    const size = Math.round(dot);
    const n = features ? features.length : this.px.length;
    for (let i = 0; i < n; i++) {
      const f = features ? features[i] : i;
      const left = Math.round(this.px[f] * ratio - size / 2);
      const top = Math.round(this.py[f] * ratio - size / 2);
      if (!(left >= 0 && top >= 0 && left + size <= width && top + size <= height)) continue;
      for (let y = top; y < top + size; y++) {
        for (let x = left; x < left + size; x++) {
          const at = (y * width + x) * 4;
          const under = data[at + 3] / 255;
          const over = alpha + under * (1 - alpha);
          const mix = alpha / over;
          data[at] += (r - data[at]) * mix;
          data[at + 1] += (g - data[at + 1]) * mix;
          data[at + 2] += (b - data[at + 2]) * mix;
          data[at + 3] = over * 255;
        }
      }
    }
  }

  axes(pen, style, width, height) {
    pen.font = `11px ${style.getPropertyValue("--sans")}`;
    pen.fillStyle = style.getPropertyValue("--ink-3");
    pen.strokeStyle = style.getPropertyValue("--line-strong");
    pen.beginPath();
    pen.moveTo(38.5, 6);
    pen.lineTo(38.5, height - 21.5);
    pen.lineTo(width - 6, height - 21.5);
    pen.stroke();
    const decades = (scale) => scale.ticks().filter((t) => /^1e/.test(t.toExponential()));
    const some = (scale) => decades(scale).length > 1 ? decades(scale) : scale.ticks(6).filter((t) => /^[125]e/.test(t.toExponential()));
    pen.textAlign = "center";
    let free = 0;
    for (const t of some(this.x)) {
      const half = pen.measureText(percent(t, 1)).width / 2;
      const at = Math.min(width - half, this.x(t));
      if (at - half < free) continue;
      pen.fillText(percent(t, 1), at, height - 6);
      free = at + half + 8;
    }
    pen.textAlign = "right";
    for (const t of some(this.y)) pen.fillText(number(t, 2), 33, Math.max(12, this.y(t) + 4));
  }

  at(event) {
    const box = event.currentTarget.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  /** The shown feature within some pixels, or null. */
  find([x, y], reach) {
    let found = null;
    let least = reach * reach;
    for (const f of this.view.features) {
      const away = (this.px[f] - x) ** 2 + (this.py[f] - y) ** 2;
      if (away < least) [found, least] = [f, away];
    }
    return found;
  }

  press(event) {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const a = this.at(event);
    this.box = { a, b: a };
  }

  hover(event) {
    const b = this.at(event);
    if (this.box) this.box = { ...this.box, b };
    else this.near = this.find(b, 18);
  }

  release(event) {
    if (!this.box) return;
    const { a, b } = this.box;
    this.box = null;
    if (Math.hypot(a[0] - b[0], a[1] - b[1]) >= 6) this.select(a, b);
    else {
      const near = this.find(b, 18);
      if (near !== null && (event.pointerType !== "touch" || near === this.near)) send(this, "loupe-open", { feature: near }); // a finger's first tap names it
      else this.near = near;
    }
  }

  select(a, b) {
    const ends = (scale, k) => [a[k], b[k]].map((p) => scale.invert(p)).sort((p, q) => p - q);
    const [left, right] = ends(this.x, 0);
    const [low, high] = ends(this.y, 1);
    change(this, (text) => withRange(withRange(text, "density", rounded(left, "down"), rounded(right, "up")), "max", rounded(low, "down"), rounded(high, "up")));
  }
}

function rgb(colour) {
  const { r, g, b } = d3.rgb(colour.trim());
  return [r, g, b];
}

customElements.define("loupe-feature-rows", FeatureRows);
customElements.define("loupe-feature-facets", FeatureFacets);
customElements.define("loupe-feature-scatter", FeatureScatter);
customElements.define("loupe-dictionary", Dictionary);
