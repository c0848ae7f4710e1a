// Features by words or by meaning, across the dictionaries.
import { Page, html, nothing, icon, errorNote } from "../base.js";
import { fresh, suite, previews } from "../api.js";
import { setQuery, go } from "../router.js";
import { number, percent, whole, token, parseFeature, SITE_NAMES } from "../format.js";
import { tokenText, valuesOf } from "../tokens.js";
import { keepResults } from "../results.js";

const FIELDS = { explanation: "explanation", note: "note", tag: "tag", token: "fires on", logit: "makes likely", words: "fires on, makes likely" };
const MODES = {
  exact: { name: "Words", about: 'Words, "exact phrases" and /expressions/ in explanations, notes, tags, the tokens that features fire on, and those they make likely.', examples: ["whale", "/^ (who|whom|whose)$/", "\" sea\""] },
  semantic: { name: "Meaning", about: "What explanations mean, or else the tokens that features fire on and make likely: found by a small language model on this machine.", examples: ["animals of the sea", "how someone speaks", "religion"] },
};
const AGAIN = 1500; // milliseconds until a search is repeated whose index is still being made

class Search extends Page {
  static properties = { info: { state: true }, results: { state: true }, indexing: { state: true }, cards: { state: true }, busy: { state: true }, problem: { state: true } };

  constructor() {
    super();
    document.title = "Search · Loupe";
    this.cards = new Map();
    suite().then((info) => { this.info = info; this.ask(); }, (e) => { this.error = e; });
  }

  connectedCallback() {
    super.connectedCallback();
    this.updateComplete.then(() => this.querySelector("#q")?.focus());
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.stop?.abort();
    clearTimeout(this.later);
  }

  willUpdate(changed) { if (changed.has("query") && this.info) this.ask(); }

  get sites() { return (this.query.get("sites") ?? "R,A,M,TC").split(","); }
  get layer() { return this.query.get("layer"); }
  get mode() { return this.query.get("mode") === "semantic" ? "semantic" : "exact"; }

  async ask() {
    const q = (this.query.get("q") ?? "").trim();
    const names = this.info.dictionaries.filter((d) => d.analysis && this.sites.includes(d.site) && (this.layer === null || String(d.layer) === this.layer)).map((d) => d.name);
    const key = `${this.mode} ${q} ${names}`;
    if (key === this.askedKey) return;
    this.askedKey = key;
    this.stop?.abort();
    clearTimeout(this.later);
    if (!q || !names.length) { this.results = this.indexing = this.problem = null; return; }
    await this.find(q, names);
  }

  async find(q, names) {
    const stop = this.stop = new AbortController();
    this.busy = true;
    try {
      const all = names.length === this.info.dictionaries.length ? "" : `&dictionaries=${names.join(",")}`;
      const found = await fresh(`/api/search?q=${encodeURIComponent(q)}&mode=${this.mode}&limit=100${all}`, stop.signal);
      this.results = found.results;
      this.indexing = found.indexing?.done < found.indexing?.total ? found.indexing : null;
      if (this.indexing) this.later = setTimeout(() => this.find(q, names), AGAIN);
      this.problem = null;
      this.fill(found.results);
    } catch (e) {
      if (e.name !== "AbortError") this.problem = e.message;
    } finally {
      if (this.stop === stop) this.busy = false;
    }
  }

  /** Asks for what is shown of each result, dictionary by dictionary. */
  async fill(results) {
    for (const [dictionary, features] of Object.entries(Object.groupBy(results.slice(0, 60), (r) => r.feature.split("/")[0]))) {
      const found = await previews(dictionary, features.map((r) => r.feature.split("/")[1])).catch(() => []);
      for (const each of found) this.cards.set(each.name, each);
      this.requestUpdate();
    }
  }

  get keys() { return { "j": ["next result", () => this.move(1)], "k": ["previous result", () => this.move(-1)], "/": ["edit the search", () => this.querySelector("#q").focus()] }; }

  move(by) {
    const links = [...this.querySelectorAll(".result > a")];
    links[Math.max(0, Math.min(links.length - 1, links.indexOf(document.activeElement) + by))]?.focus();
  }

  render() {
    if (this.error) return errorNote(this.error);
    const q = this.query.get("q") ?? "";
    const feature = parseFeature(q);
    const layers = [...new Set((this.info?.dictionaries ?? []).map((d) => d.layer))];
    const mode = MODES[this.mode];
    return html`<div class="head"><div><h1>Search</h1><p class="lead">${mode.about}</p></div></div>
      <form class="panel" @submit=${(e) => { e.preventDefault(); if (feature) go(`/d/${feature.name}`); else setQuery({ q: e.target.elements.q.value }, { push: true }); }}>
        <div class="row">${icon("search")}<input id="q" name="q" style="flex:1;font-size:17px" spellcheck="false" aria-label="Search" maxlength="400" .value=${q} @input=${(e) => { clearTimeout(this.timer); const text = e.target.value; this.timer = setTimeout(() => setQuery({ q: text }), 200); }}>${this.busy ? html`<span class="spinner"></span>` : nothing}</div>
        <div class="row small scopes"><span class="tabs" role="group" aria-label="Search by">${Object.entries(MODES).map(([key, { name }]) => html`<button type="button" class="btn" aria-pressed=${key === this.mode} @click=${() => setQuery({ mode: key === "exact" ? null : key }, { push: true })}>${name}</button>`)}</span>
        ${["R", "A", "M", "TC"].map((s) => html`<label class="row"><input type="checkbox" .checked=${this.sites.includes(s)} @change=${(e) => setQuery({ sites: ["R", "A", "M", "TC"].filter((o) => o === s ? e.target.checked : this.sites.includes(o)).join(",") || null }, { push: true })}>${SITE_NAMES[s]}</label>`)}
        <label class="row">layer <select @change=${(e) => setQuery({ layer: e.target.value }, { push: true })}><option value="">all</option>${layers.map((l) => html`<option ?selected=${String(l) === this.layer}>${l}</option>`)}</select></label></div>
        ${this.indexing ? this.progress() : nothing}
        ${this.problem ? html`<p role="alert" style="color:var(--bad);margin-top:8px">${this.problem}</p>` : nothing}
        ${feature ? html`<p style="margin-top:8px">Open <a class="fref" href="/d/${feature.name}">${feature.name}</a> (Enter)</p>` : nothing}</form>
      ${this.results ? this.list() : q ? nothing : html`<div class="empty"><h2>What are you looking for?</h2><p class="row" style="justify-content:center">${mode.examples.map((e) => html`<button class="btn mono" @click=${() => setQuery({ q: e }, { push: true })}>${e}</button>`)}</p></div>`}`;
  }

  /** The index is made once for a suite; what is in it is already searched. */
  progress() {
    const { done, total } = this.indexing;
    return html`<p class="small muted indexing">Learning what the features mean, once for this suite: ${whole(done)} of ${whole(total)}; those are searched.</p>
      <div class="progress" role="progressbar" aria-label="Features indexed" aria-valuemin="0" aria-valuemax=${total} aria-valuenow=${done}><i style="width:${(100 * done) / total}%"></i></div>`;
  }

  list() {
    return html`<p class="muted" style="margin:14px 0" aria-live="polite">${this.results.length === 100 ? "the best 100" : this.results.length} feature${this.results.length === 1 ? "" : "s"}</p>
      ${this.results.length ? html`<ol class="results" role="list">${this.results.map((r) => this.one(r))}</ol>` : html`<div class="empty"><h2>No feature has that${this.indexing ? " yet" : ""}.</h2><p>Only the ten tokens that a feature fires on most, and the twenty that it makes likeliest, are searched.</p></div>`}`;
  }

  one(r) {
    const card = this.cards.get(r.feature);
    const letters = Array.from(r.text);
    if (r.field === "words") letters.splice(90, Infinity, ...(letters.length > 90 ? ["…"] : []));
    const part = (from, to) => r.field === "token" || r.field === "logit" ? token(letters.slice(from, to).join("")) : letters.slice(from, to).join("");
    return html`<li class="result"><a class="fref" href="/d/${r.feature}" @click=${() => this.keep(r)}>${r.feature}</a>
      <div><p><span class="muted small">${FIELDS[r.field] ?? r.field}</span> <span class=${r.field === "token" || r.field === "logit" ? "mono" : "own"}>${r.start > 0 ? part(0, r.start) : ""}${r.end > r.start ? html`<mark>${part(r.start, r.end)}</mark>` : nothing}${r.end < letters.length ? part(r.end) : ""}</span>${this.mode === "semantic" ? html` <span class="muted small" title="Cosine of the embeddings">${number(r.score, 2)}</span>` : nothing}</p>
      ${card ? html`<p class="small muted">${card.dead ? "never fired" : `${percent(card.rate)} · max ${number(card.maximum)}`} · ${card.tokens.map((t) => html`<span class="mono word">${token(t)}</span> `)}</p>${card.samples.slice(0, 1).map((s) => tokenText({ tokens: s.tokens, values: valuesOf(s), maximum: card.maximum, peak: s.peak }))}` : nothing}</div></li>`;
  }

  keep(r) {
    const [dictionary] = r.feature.split("/");
    keepResults(dictionary, this.results.filter((o) => o.feature.startsWith(`${dictionary}/`)).map((o) => Number(o.feature.split("/")[1])), location.pathname + location.search);
  }
}

customElements.define("loupe-search", Search);
