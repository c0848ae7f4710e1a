// One dictionary: every feature in one table, filtered by a query, with what the query leaves of each column beside.
import { Page, html, nothing, icon, errorNote } from "../base.js";
import { columns, dictionary, suite, fresh } from "../api.js";
import { go, setQuery } from "../router.js";
import { number, percent, whole, token, SITE_NAMES } from "../format.js";
import { histogram, d3 } from "../charts.js";
import { parse, HELP, withRange, QueryError } from "../query.js";
import { filter, sort, bins } from "../table-data.js";
import { keepResults } from "../results.js";
import { copy, announce } from "../say.js";

const ROW = 34;
const COLUMNS = [
  ["feature", "feature", ""], ["tokens", "fires on", ""], ["rate", "rate", "num"], ["maximum", "maximum", "num"], ["mean", "mean", "num"],
  ["token_share", "by the token", "num"], ["category_f1", "category", ""], ["top", "makes likely", ""],
];
const METRICS = [["l0", "L0"], ["explained_variance_centred", "explained variance"], ["delta_loss", "Δ loss"], ["loss_recovered", "loss recovered"]];

class Dictionary extends Page {
  static properties = { data: { state: true }, about: { state: true }, info: { state: true }, shown: { state: true }, problem: { state: true }, top: { state: true }, active: { state: true }, near: { state: true } };

  constructor() {
    super();
    this.top = 0;
    this.active = 0;
    this.near = null;
    this.problem = null;
  }

  get name() { return this.params.dictionary; }

  willUpdate(changed) {
    if (changed.has("params") && this.loadedName !== this.name) this.load();
    else if (changed.has("query") && this.data) this.apply();
  }

  async load() {
    const name = this.loadedName = this.name;
    this.data = this.shown = null;
    document.title = `${name} · Loupe`;
    await this.guarded(async () => {
      const [info, about] = await Promise.all([suite(), dictionary(name)]);
      if (this.name !== name) return;
      Object.assign(this, { info, about });
      const [numbers, tokens, notes] = await Promise.all([columns(name), columns(name, "/tokens"), fresh("/api/notes").catch(() => ({ features: [] }))]);
      if (this.name !== name) return;
      this.data = { numbers, tokens, notes: new Map(notes.features.filter((f) => f.feature.startsWith(`${name}/`)).map((f) => [Number(f.feature.split("/")[1]), f])) };
      this.apply();
    });
  }

  /** Filters and sorts by what the address says; a query that is none leaves what was shown. */
  apply() {
    const text = this.query.get("q") ?? "";
    const order = this.query.get("sort") ?? "feature";
    try {
      const found = filter(this.data, parse(text));
      this.shown = sort(this.data, found, order.replace(/^-/, ""), order.startsWith("-"));
      this.problem = null;
    } catch (e) {
      if (!(e instanceof QueryError)) throw e;
      this.problem = e.message;
      return;
    }
    this.top = this.active = 0;
    this.updateComplete.then(() => { const body = this.querySelector(".rows"); if (body) body.scrollTop = 0; this.draw(); });
    announce(`${whole(this.shown.length)} of ${whole(this.data.numbers.features)} features`);
  }

  updated(changed) { if (changed.has("shown") || changed.has("data")) this.draw(); }

  sortBy(column) {
    const now = this.query.get("sort") ?? "feature";
    const first = column === "feature" ? column : `-${column}`;
    setQuery({ sort: now === first ? (first.startsWith("-") ? column : `-${column}`) : first }, { push: true });
  }

  open(feature) {
    keepResults(this.name, this.shown, location.pathname + location.search);
    go(`/d/${this.name}/${feature}`);
  }

  random() { if (this.shown?.length) this.open(this.shown[Math.floor(Math.random() * this.shown.length)]); }

  get keys() {
    return {
      "r": ["random feature of what is shown", () => this.random()],
      "q": ["edit the query", () => this.querySelector("#query").focus()],
      "j": ["next row", () => this.move(1)], "k": ["previous row", () => this.move(-1)],
    };
  }

  move(by) {
    this.active = Math.max(0, Math.min(this.shown.length - 1, this.active + by));
    const body = this.querySelector(".rows");
    const at = this.active * ROW;
    if (at < body.scrollTop) body.scrollTop = at;
    if (at + ROW > body.scrollTop + body.clientHeight) body.scrollTop = at + ROW - body.clientHeight;
    this.top = Math.floor(body.scrollTop / ROW);
    this.updateComplete.then(() => this.querySelector(`[data-row="${this.active}"]`)?.focus({ preventScroll: true }));
  }

  keydown(event) {
    const page = Math.floor((this.querySelector(".rows")?.clientHeight ?? 340) / ROW) - 1;
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity }[event.key];
    if (step !== undefined) { event.preventDefault(); this.move(step); }
    else if (event.key === "Enter" && event.target.dataset.row !== undefined) { event.preventDefault(); this.open(this.shown[this.active]); }
  }

  // --- drawing ---

  render() {
    if (this.error) return html`<div class="stack">${errorNote(this.error)}<p><a href="/">All dictionaries</a></p></div>`;
    return html`${this.head()}
      ${this.data && this.shown ? html`<div class="dictionary-grid"><div class="stack">${this.ask()}${this.table()}</div><div class="stack">${this.scatter()}${this.facets()}${this.categories()}</div></div>` : html`<p class="boot"><span class="spinner"></span> All features of ${this.name}</p>`}`;
  }

  head() {
    const me = this.info?.dictionaries.find((d) => d.name === this.name);
    const report = this.info?.reports.map((r) => r.report).find((r) => r.dictionaries[this.name]);
    const metrics = report?.dictionaries[this.name];
    const a = this.about?.analysis;
    return html`<div class="head"><div><p class="muted small"><a href="/">${this.info?.name ?? "suite"}</a>${me ? html` · layer ${me.layer}, ${SITE_NAMES[me.site]}, ${me.expansion} times as wide` : nothing}</p><h1><span class="mono">${this.name}</span></h1></div>
      <span class="spring"></span>
      <div class="row">${me ? this.siblings(me) : nothing}
      <button class="btn" aria-label="Copy link" title="Copy the address" @click=${() => copy(location.href)}>${icon("link")}</button></div></div>
      ${a ? html`<section class="panel" style="margin-bottom:var(--gap)" aria-label="Health"><dl class="stats">
        ${METRICS.filter(([key]) => metrics?.[key]).map(([key, title]) => html`<div><dt>${title}</dt><dd>${number(metrics[key].value)} <small>${metrics[key].low === null ? "" : `${number(metrics[key].low)} to ${number(metrics[key].high)}`}</small></dd></div>`)}
        <div><dt>features</dt><dd>${whole(a.features)}</dd></div><div><dt>dead</dt><dd>${whole(a.dead)} <small>${percent(a.dead / a.features, 2)}</small></dd></div>
        <div><dt title="fire on more than 10 % of the tokens">dense</dt><dd>${whole(a.dense)}</dd></div><div><dt title="one token has 90 % of the activation">single token</dt><dd>${whole(a.single_token)}</dd></div>
        <div><dt>analysed</dt><dd>${whole(a.tokens)} <small>tokens</small></dd></div></dl></section>` : nothing}`;
  }

  siblings(me) {
    const others = this.info.dictionaries.filter((d) => d.analysis);
    const near = (by) => others.find((d) => d.site === me.site && d.expansion === me.expansion && d.variant === me.variant && d.layer === me.layer + by);
    const link = (d, name, text) => d ? html`<a class="btn" href="/d/${d.name}${location.search}" aria-label=${name} title=${d.name}>${text}</a>` : html`<span class="btn" aria-disabled="true" style="opacity:.4">${text}</span>`;
    return html`${link(near(-1), "The layer before", icon("left"))}<select aria-label="Dictionary" @change=${(e) => go(`/d/${e.target.value}${location.search}`)}>${others.map((d) => html`<option ?selected=${d.name === this.name}>${d.name}</option>`)}</select>${link(near(1), "The layer after", icon("right"))}`;
  }

  ask() {
    return html`<section class="panel" aria-label="Query"><form class="row" @submit=${(e) => { e.preventDefault(); setQuery({ q: this.querySelector("#query").value }, { push: true }); }}>
        <input id="query" class="mono" style="flex:1" spellcheck="false" aria-label="Query" aria-describedby="query-problem" placeholder='density:<0.01 tok:"dog" category:animal "exact" /regex/ -is:single' .value=${this.query.get("q") ?? ""}
          @input=${(e) => { clearTimeout(this.timer); const text = e.target.value; this.timer = setTimeout(() => setQuery({ q: text }), 120); }}>
        ${this.query.get("q") ? html`<button type="button" class="btn" @click=${() => setQuery({ q: null }, { push: true })}>Clear</button>` : nothing}
        <button type="button" class="btn quiet" aria-label="How to ask" @click=${() => this.querySelector("#query-help").showModal()}>${icon("help")}</button></form>
      <p id="query-problem" class="small" role="alert" style="color:var(--bad)">${this.problem}</p>
      <div class="row" style="margin-top:8px"><span aria-live="polite"><strong>${whole(this.shown.length)}</strong> of ${whole(this.data.numbers.features)} features</span><span style="flex:1"></span>
        <button class="btn tiny" ?disabled=${!this.shown.length} @click=${() => this.random()}>${icon("dice")} random of these</button>
        <button class="btn tiny" ?disabled=${this.shown.length < 2} @click=${() => go(`/compare?f=${Array.from(this.shown.slice(0, 6), (f) => `${this.name}/${f}`).join(",")}`)}>compare the first ${Math.min(6, this.shown.length)}</button>
        <button class="btn tiny" @click=${() => this.download()}>${icon("down")} CSV</button></div>
      <dialog id="query-help" aria-label="How to ask"><div class="body"><h2>How to ask</h2><table style="margin-top:10px"><tbody>${HELP.map(([what, says]) => html`<tr><td class="mono">${what}</td><td>${says}</td></tr>`)}</tbody></table><form method="dialog" style="margin-top:12px"><button class="btn">Close</button></form></div></dialog></section>`;
  }

  table() {
    const order = this.query.get("sort") ?? "feature";
    const count = this.shown.length;
    const from = Math.max(0, this.top - 4);
    const to = Math.min(count, this.top + 26);
    return html`<section class="panel table" aria-label="Features"><div role="grid" aria-label="Features" aria-rowcount=${count + 1} @keydown=${this.keydown}>
      <div class="line header" role="row" aria-rowindex="1">${COLUMNS.map(([key, title, cls]) => {
        const sortable = key !== "tokens" && key !== "top";
        const now = order.replace(/^-/, "") === key;
        return html`<div role="columnheader" class=${cls} aria-sort=${now ? (order.startsWith("-") ? "descending" : "ascending") : nothing}>${sortable ? html`<button @click=${() => this.sortBy(key)}>${title}${now ? html`<span aria-hidden="true"> ${order.startsWith("-") ? "↓" : "↑"}</span>` : nothing}</button>` : title}</div>`;
      })}</div>
      <div class="rows" tabindex="-1" @scroll=${(e) => { const top = Math.floor(e.target.scrollTop / ROW); if (top !== this.top) this.top = top; }}>
        <div style="height:${count * ROW}px;position:relative">${Array.from({ length: Math.max(0, to - from) }, (_, i) => this.row(from + i))}</div>
        ${count ? nothing : html`<div class="empty"><h2>No feature is like that.</h2><p><button class="btn" @click=${() => setQuery({ q: null }, { push: true })}>Clear the query</button></p></div>`}
      </div></div></section>`;
  }

  row(index) {
    const f = this.shown[index];
    const c = this.data.numbers.columns;
    const category = c.category.data[f] >= 0 ? this.data.numbers.categories[c.category.data[f]] : "";
    return html`<div class="line ${index === this.active ? "on" : ""}" role="row" aria-rowindex=${index + 2} data-row=${index} tabindex=${index === this.active ? "0" : "-1"} style="top:${index * ROW}px"
        @click=${(e) => { if (!e.target.closest("a")) this.open(f); }} @focus=${() => { this.active = index; }}>
      <div role="gridcell"><a class="fref" tabindex="-1" href="/d/${this.name}/${f}" data-feature="${this.name}/${f}" @click=${() => keepResults(this.name, this.shown, location.pathname + location.search)}>${f}</a></div>
      <div role="gridcell" class="cut">${this.data.notes.get(f)?.explanation ? html`<em>${this.data.notes.get(f).explanation}</em>` : this.words("tokens", f, 10, 4)}</div>
      <div role="gridcell" class="num">${percent(c.rate.data[f])}</div><div role="gridcell" class="num">${number(c.maximum.data[f])}</div><div role="gridcell" class="num">${number(c.mean.data[f])}</div>
      <div role="gridcell" class="num">${percent(c.token_share.data[f], 2)}</div>
      <div role="gridcell" class="cut">${c.flags.data[f] & 1 ? html`<span class="chip bad">dead</span>` : html`<span class="muted">${number(c.category_f1.data[f], 2)}</span> ${category}`}</div>
      <div role="gridcell" class="cut">${this.words("top", f, 20, 4)}</div></div>`;
  }

  words(column, f, each, most) {
    const ids = this.data.tokens.columns[column].data.subarray(f * each, f * each + most);
    return Array.from(ids).filter((id) => id >= 0).map((id) => html`<span class="mono word">${token(this.data.tokens.texts[id])}</span> `);
  }

  facets() {
    const c = this.data.numbers.columns;
    const facet = (name, column, title, edges, format) => {
      const all = bins(c[column].data, edges);
      const some = bins(c[column].data, edges, this.shown);
      return html`<div class="facet"><h3>${title}</h3><div class="over">
        <div class="back">${histogram({ counts: all, edges, log: edges.log, logCounts: true, height: 74, title: `${title} of all features`, format })}</div>
        ${histogram({ counts: some.map((n, i) => Math.min(n, all[i])), edges, log: edges.log, logCounts: true, height: 74, title: `${title} of those shown; choosing a bar filters`, format, max: Math.max(...all), onPick: (i) => setQuery({ q: withRange(this.query.get("q") ?? "", name, edges[i].toPrecision(3), edges[i + 1].toPrecision(3)) }, { push: true }) })}</div>
        <form class="row small" @submit=${(e) => { e.preventDefault(); const [a, b] = e.target.elements; setQuery({ q: a.value || b.value ? withRange(this.query.get("q") ?? "", name, a.value || "0", b.value || "1e9") : withRange(this.query.get("q") ?? "", name, null) }, { push: true }); }}>
          <label>from <input class="bound" aria-label="${title} from" inputmode="decimal"></label><label>to <input class="bound" aria-label="${title} to" inputmode="decimal"></label><button class="btn tiny">set</button></form></div>`;
    };
    const log = (values, n) => { let low = Infinity; let high = 0; for (const v of values) if (v > 0) { low = Math.min(low, v); high = Math.max(high, v); } const edges = Array.from({ length: n + 1 }, (_, i) => low * (high / low) ** (i / n)); edges[n] = high; edges.log = true; return edges; };
    this.edges ??= {};
    if (this.edges.of !== this.name) this.edges = { of: this.name, rate: log(c.rate.data, 40), maximum: log(c.maximum.data, 40), share: Array.from({ length: 41 }, (_, i) => i / 40) };
    return html`<section class="panel" aria-label="Facets"><header><h2>Distributions</h2></header><p class="small muted">Grey: all features. Orange: those shown. A bar filters.</p>
      ${facet("density", "rate", "density", this.edges.rate, (v) => percent(v, 2))}${facet("max", "maximum", "maximum", this.edges.maximum, number)}${facet("share", "token_share", "explained by the token", this.edges.share, (v) => percent(v, 2))}</section>`;
  }

  scatter() {
    return html`<section class="panel" aria-label="Maximum against density"><header><h2>Maximum against density</h2></header>
      <canvas width="640" height="360" role="img" aria-label="Scatter of maximum against density, both logarithmic, ${whole(this.shown.length)} features marked; the distributions below give the same by keyboard"
        @pointermove=${(e) => this.hover(e)} @pointerdown=${(e) => { this.from = this.point(e); e.target.setPointerCapture(e.pointerId); }} @pointerup=${(e) => this.select(e)}></canvas>
      <p class="small muted" style="min-height:22px">${this.near === null ? "Density to the right, maximum upwards. Drag a rectangle to select; click to open." : html`<span class="fref">${this.name}/${this.near}</span> ${this.words("tokens", this.near, 10, 4)} ${percent(this.data.numbers.columns.rate.data[this.near])}, maximum ${number(this.data.numbers.columns.maximum.data[this.near])}`}</p></section>`;
  }

  point(event) {
    const box = event.target.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * 640, ((event.clientY - box.top) / box.height) * 360];
  }

  hover(event) {
    const [x, y] = this.point(event);
    if (this.from && event.buttons) { this.draw([this.from, [x, y]]); return; }
    const found = this.tree?.find(x, y, 24);
    if ((found?.[2] ?? null) !== this.near) this.near = found?.[2] ?? null;
  }

  select(event) {
    const [a, b] = [this.from, this.point(event)];
    this.from = null;
    if (Math.hypot(a[0] - b[0], a[1] - b[1]) < 6) { if (this.near !== null) this.open(this.near); return; }
    const { x, y } = this.scales;
    const ordered = (p, q) => [Math.min(p, q).toPrecision(3), Math.max(p, q).toPrecision(3)];
    const query = withRange(this.query.get("q") ?? "", "density", ...ordered(x.invert(a[0]), x.invert(b[0])));
    setQuery({ q: withRange(query, "max", ...ordered(y.invert(a[1]), y.invert(b[1]))) }, { push: true });
  }

  draw(rectangle) {
    const canvas = this.querySelector("canvas");
    if (!canvas || !this.data || !this.shown) return;
    const rate = this.data.numbers.columns.rate.data;
    const maximum = this.data.numbers.columns.maximum.data;
    const positive = (values) => { let low = Infinity; let high = 0; for (const v of values) if (v > 0) { low = Math.min(low, v); high = Math.max(high, v); } return [low, high]; };
    const x = d3.scaleLog().domain(positive(rate)).range([40, 632]);
    const y = d3.scaleLog().domain(positive(maximum)).range([330, 8]);
    this.scales = { x, y };
    const style = getComputedStyle(this);
    const pen = canvas.getContext("2d");
    pen.clearRect(0, 0, 640, 360);
    pen.font = "11px sans-serif";
    pen.fillStyle = style.getPropertyValue("--ink-3");
    for (const t of x.ticks().filter((v) => /^1/.test(v.toExponential()))) pen.fillText(percent(t, 1), x(t) - 10, 350);
    for (const t of y.ticks(4).filter((v) => /^[125]/.test(v.toExponential()))) pen.fillText(number(t, 2), 4, y(t) + 4);
    const dots = (features, colour, alpha, points) => {
      pen.fillStyle = colour;
      pen.globalAlpha = alpha;
      for (let k = 0; k < (features ? features.length : rate.length); k++) {
        const f = features ? features[k] : k;
        if (!(rate[f] > 0)) continue;
        const [px, py] = [x(rate[f]), y(maximum[f])];
        pen.fillRect(px - 1.2, py - 1.2, 2.4, 2.4);
        points?.push([px, py, f]);
      }
      pen.globalAlpha = 1;
    };
    if (this.shown.length < rate.length) dots(null, style.getPropertyValue("--line-strong"), 0.25);
    const points = [];
    dots(this.shown, style.getPropertyValue("--accent"), 0.55, points);
    if (this.treeOf !== this.shown) { this.tree = d3.quadtree().addAll(points); this.treeOf = this.shown; }
    if (rectangle) { const [[a, b], [c, d]] = rectangle; pen.strokeStyle = style.getPropertyValue("--ink"); pen.strokeRect(a, b, c - a, d - b); }
  }

  categories() {
    const categories = this.about?.analysis?.categories;
    if (!categories) return nothing;
    return html`<section class="panel" aria-label="Categories"><header><h2>Categories it finds</h2></header>
      <p class="small muted">Mean best F1 <strong>${number(categories.measured.mean_best_f1)}</strong>; ${categories.floors.map((f) => `${f.among} ${number(f.mean_best_f1)}`).join(", ")}.</p>
      <table><thead><tr><th>category</th><th>feature</th><th class="num">F1</th></tr></thead><tbody>${categories.measured.best.toSorted((a, b) => b.f1 - a.f1).slice(0, 16).map((b) => html`<tr><td>${b.category}</td><td><a class="fref" href="/d/${this.name}/${b.candidate}" data-feature="${this.name}/${b.candidate}">${b.candidate}</a></td><td class="num">${number(b.f1, 2)}</td></tr>`)}</tbody></table></section>`;
  }

  download() {
    const c = this.data.numbers.columns;
    const quote = (text) => `"${text.replace(/"/g, '""')}"`;
    const words = (column, f, each) => quote(Array.from(this.data.tokens.columns[column].data.subarray(f * each, f * each + 5)).filter((id) => id >= 0).map((id) => this.data.tokens.texts[id]).join("|"));
    const lines = Array.from(this.shown, (f) => [f, c.firings.data[f], c.rate.data[f], c.maximum.data[f], c.mean.data[f], c.token_share.data[f], words("tokens", f, 10), words("top", f, 20)].join(","));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([["feature,firings,rate,maximum,mean,token_share,tokens,makes_likely", ...lines].join("\n")], { type: "text/csv" }));
    link.download = `${this.name}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }
}

customElements.define("loupe-dictionary", Dictionary);
