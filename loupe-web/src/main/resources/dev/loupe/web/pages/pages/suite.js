// What the suite has learned: any number over layers, sites and widths; how it was trained; what it is.
import { Page, html, svg, nothing, icon, errorNote } from "../base.js";
import { suite, get } from "../api.js";
import { setQuery } from "../router.js";
import { number, whole, SITE_NAMES } from "../format.js";
import { lines, d3 } from "../charts.js";
import { copy } from "../say.js";

const TITLES = {
  l0: "L0: features that fire per token", explained_variance: "explained variance (paper, Eq. 6)", explained_variance_centred: "explained variance around the mean",
  explained_variance_legacy: "explained variance (paper's code)", delta_loss: "Δ loss when spliced in, nats", loss_recovered: "loss recovered", kl: "KL of the next token, nats",
  dead_fraction: "dead features", ultra_active_fraction: "ultra-active features", mse: "mean squared error", loss_spliced: "loss, spliced", loss_original: "loss, original",
  "analysis.dead": "features that never fired (analysis)", "analysis.dense": "dense features (analysis)", "analysis.single_token": "single-token features (analysis)",
  "analysis.mean_best_f1": "categories: mean F1 of the best features", "analysis.above_half": "categories with F1 above one half",
};
const SITES = ["R", "A", "M", "TC"];
const CURVES = ["loss", "explained_variance", "l0", "dead_features", "gradient_norm", "learning_rate"];

class Suite extends Page {
  static properties = { info: { state: true }, at: { state: true }, curves: { state: true } };

  connectedCallback() {
    super.connectedCallback();
    this.guarded(async () => {
      this.info = await suite();
      document.title = `${this.info.name} · Loupe`;
      this.loadCurves();
    });
  }

  willUpdate(changed) { if (changed.has("query") && this.info) this.loadCurves(); }

  get report() { const wanted = this.query.get("report"); return (this.info.reports.find((r) => r.file === wanted) ?? this.info.reports[0])?.report; }

  get metric() { return this.query.get("metric") ?? (this.report ? "explained_variance_centred" : "analysis.dead"); }

  get chosen() {
    const all = this.info.dictionaries;
    const wanted = (this.query.get("dictionary") ?? "").split(",").filter((name) => all.some((d) => d.name === name));
    return wanted.length ? wanted.slice(0, 4) : all.filter((d) => d.site === all[0].site).slice(0, 4).map((d) => d.name);
  }

  async loadCurves() {
    const names = this.chosen;
    if (String(names) === this.curvesOf) return;
    this.curvesOf = String(names);
    this.curves = await Promise.all(names.map(async (name) => ({ name, rows: await get(`/api/dictionaries/${name}/training`).catch(() => []) })));
  }

  /** {value, low, high} of a dictionary; null where it is not known. */
  value(d, metric) {
    if (metric.startsWith("analysis.")) {
      const key = metric.slice(9);
      const found = d.analysis?.[key] ?? d.analysis?.categories?.measured[key];
      return found === undefined ? null : { value: found };
    }
    const found = this.report?.dictionaries[d.name]?.[metric];
    return found && found.value !== null ? found : null;
  }

  render() {
    if (this.error) return errorNote(this.error);
    if (!this.info) return html`<p class="boot"><span class="spinner"></span></p>`;
    const { manifest, dictionaries, name } = this.info;
    const layers = new Set(dictionaries.map((d) => d.layer)).size;
    const features = d3.sum(dictionaries, (d) => d.analysis?.features ?? 0);
    return html`<div class="head"><div><h1>${name}</h1><p class="lead">${dictionaries.length === 1 ? "One dictionary" : `${dictionaries.length} dictionaries`} of <strong>${manifest.model}</strong>, trained together on ${whole(manifest.tokens)} tokens over ${layers} layer${layers === 1 ? "" : "s"}${features ? html`: ${whole(features)} features to look at` : nothing}.</p></div><span class="spring"></span>
      <div class="row"><button class="btn main" @click=${() => dispatchEvent(new CustomEvent("loupe-random"))}>${icon("dice")} Look at a random feature</button>${this.info.has_model ? html`<a class="btn" href="/prompt">Try a prompt</a>` : nothing}<a class="btn" href="/search">Search for a word</a></div></div>
      ${features ? nothing : html`<p class="note" style="margin-bottom:var(--gap)">No feature store yet: <code class="mono">./loupe analyze SUITE --model M --corpus C</code> finds out what each feature does.</p>`}
      <div class="suite-grid"><section class="panel" aria-label="Heat map">${this.map()}</section><section class="panel" aria-label="Over layers">${this.overLayers()}</section><section class="panel" aria-label="Training">${this.training()}</section><section class="panel" aria-label="Run">${this.run()}</section></div>`;
  }

  metrics() {
    const first = this.report ? Object.keys(Object.values(this.report.dictionaries)[0] ?? {}) : [];
    const known = Object.keys(TITLES).filter((key) => first.includes(key) || (key.startsWith("analysis.") && this.info.dictionaries.some((d) => this.value(d, key))));
    return [...known, ...first.filter((key) => !known.includes(key))];
  }

  map() {
    const metric = this.metric;
    const all = this.info.dictionaries;
    const values = all.map((d) => this.value(d, metric)?.value).filter((v) => v !== undefined);
    const [low, high] = values.length ? d3.extent(values) : [0, 1];
    const groups = d3.groups(all, (d) => `${d.expansion}x${d.variant ? `-${d.variant}` : ""}`);
    return html`<header><h2>Layers and sites</h2><span class="spring"></span>
        <select aria-label="Metric" @change=${(e) => setQuery({ metric: e.target.value }, { push: true })}>${this.metrics().map((m) => html`<option value=${m} ?selected=${m === metric}>${TITLES[m] ?? m.replace(/_/g, " ")}</option>`)}</select>
        ${this.info.reports.length > 1 ? html`<select aria-label="Report" @change=${(e) => setQuery({ report: e.target.value }, { push: true })}>${this.info.reports.map((r) => html`<option ?selected=${r.report === this.report}>${r.file}</option>`)}</select>` : nothing}
        <button class="btn quiet tiny" aria-label="Copy link to this map" @click=${() => copy(location.href)}>${icon("link")}</button></header>
      ${this.report ? nothing : html`<p class="small muted">No evaluation in reports/ yet: <code class="mono">./loupe evaluate SUITE --model M --corpus C --out SUITE/reports/evaluation.json</code></p>`}
      <div class="maps">${groups.map(([width, some]) => this.one(width, some, metric, low, high, groups.length > 1))}</div>
      <div class="row small muted" style="margin-top:10px"><span class="num">${number(low)}</span><span class="ramp" aria-hidden="true">${[1, 2, 3, 4, 5, 6, 7, 8].map((l) => html`<i class="h${l}"></i>`)}</span><span>${number(high)}</span>
        <span aria-live="polite" style="margin-left:auto">${this.at ? html`<strong>${this.at.name}</strong> ${number(this.at.found.value)}${this.at.found.low !== undefined && this.at.found.low !== null ? html` (${number(this.at.found.low)} to ${number(this.at.found.high)}, 95 %)` : nothing}` : "Point at a cell for its interval; it opens the dictionary."}</span></div>`;
  }

  one(width, some, metric, low, high, titled) {
    const sites = SITES.filter((site) => some.some((d) => d.site === site));
    const layers = d3.sort(new Set(some.map((d) => d.layer)));
    const cell = (layer, site) => {
      const d = some.find((other) => other.layer === layer && other.site === site);
      if (!d) return html`<td></td>`;
      const found = this.value(d, metric);
      const l = found ? 1 + Math.min(7, Math.floor(((found.value - low) / (high - low || 1)) * 8)) : 0;
      const show = () => { this.at = found ? { name: d.name, found } : null; };
      return html`<td><a class="cell h${l}" href="/d/${d.name}" aria-label="${d.name}: ${found ? number(found.value) : "not known"}" @mouseenter=${show} @focus=${show} @keydown=${moveCell}>${found ? number(found.value) : "–"}</a></td>`;
    };
    return html`<table class="heat"><caption class=${titled ? "" : "sr"}>${width}</caption><thead><tr><th scope="col"><span class="sr">layer</span></th>${sites.map((s) => html`<th scope="col" title=${SITE_NAMES[s]}>${s}</th>`)}</tr></thead>
      <tbody>${layers.map((layer) => html`<tr><th scope="row">${layer}</th>${sites.map((site) => cell(layer, site))}</tr>`)}</tbody></table>`;
  }

  overLayers() {
    const metric = this.metric;
    const series = d3.groups(this.info.dictionaries, (d) => `${d.site} ${d.expansion}x${d.variant}`).map(([name, some]) => ({ name: name.trim(), points: d3.sort(some, (d) => d.layer).map((d) => [d.layer, this.value(d, metric)]).filter(([, v]) => v) })).filter((s) => s.points.length);
    const several = new Set(this.info.dictionaries.map((d) => `${d.expansion}${d.variant}`)).size > 1;
    const flat = series.flatMap((s) => s.points.map(([, v]) => v));
    const W = 520;
    const H = 260;
    if (!flat.length) return html`<header><h2>Over layers</h2></header><p class="muted">Nothing measured.</p>`;
    const x = d3.scaleLinear().domain(d3.extent(series.flatMap((s) => s.points.map((p) => p[0])))).range([44, W - 54]);
    const y = d3.scaleLinear().domain([d3.min(flat, (v) => v.low ?? v.value), d3.max(flat, (v) => v.high ?? v.value)]).nice().range([H - 28, 10]);
    const dashes = { R: "", A: "6 3", M: "2 3", TC: "9 3 2 3" };
    return html`<header><h2>Over layers</h2></header><p class="small muted">${TITLES[metric] ?? metric}, with 95 % intervals</p>
      <svg class="chart" viewBox="0 0 ${W} ${H}" role="img" aria-label="${TITLES[metric] ?? metric} over layers, a line a site; the table beside has the numbers">
      ${y.ticks(5).map((t) => svg`<line class="gridline" x1="44" x2=${W - 54} y1=${y(t)} y2=${y(t)}></line><text class="tick" x="38" y=${y(t) + 4} text-anchor="end">${number(t, 3)}</text>`)}
      ${x.ticks(Math.min(12, x.domain()[1] - x.domain()[0] || 1)).filter(Number.isInteger).map((t) => svg`<text class="tick" x=${x(t)} y=${H - 8} text-anchor="middle">${t}</text>`)}
      ${series.map((s) => { const site = s.name.split(" ")[0]; const last = s.points.at(-1); return svg`
        ${s.points.map(([l, v]) => v.low === undefined || v.low === null ? nothing : svg`<line x1=${x(l)} x2=${x(l)} y1=${y(v.low)} y2=${y(v.high)} stroke="var(--line-strong)"></line>`)}
        <path class="curve" stroke-dasharray=${dashes[site]} d=${d3.line((p) => x(p[0]), (p) => y(p[1].value))(s.points)}></path>
        ${s.points.map(([l, v]) => svg`<circle cx=${x(l)} cy=${y(v.value)} r="2.6" fill="var(--accent)"></circle>`)}
        <text x=${x(last[0]) + 8} y=${y(last[1].value) + 4} fill="var(--ink)">${several ? s.name : site}</text>`; })}</svg>`;
  }

  training() {
    const quantity = this.query.get("curve") ?? "loss";
    const names = this.chosen;
    const series = (this.curves ?? []).map((c, i) => ({ name: c.name, second: i % 2 === 1, points: c.rows.map((r) => [r.tokens, r[quantity]]) }));
    const shown = series.filter((s) => s.points.length);
    return html`<header><h2>Training</h2><span class="spring"></span><select aria-label="Quantity" @change=${(e) => setQuery({ curve: e.target.value }, { push: true })}>${CURVES.map((c) => html`<option value=${c} ?selected=${c === quantity}>${c.replace(/_/g, " ")}</option>`)}</select>
        <select aria-label="Dictionaries of a site" @change=${(e) => setQuery({ dictionary: e.target.value }, { push: true })}>${d3.groups(this.info.dictionaries, (d) => d.site).map(([site, some]) => html`<option value=${some.slice(0, 4).map((d) => d.name).join(",")} ?selected=${names[0] && some.some((d) => d.name === names[0])}>${SITE_NAMES[site]}</option>`)}${this.info.dictionaries.map((d) => html`<option value=${d.name} ?selected=${names.length === 1 && names[0] === d.name}>${d.name}</option>`)}</select></header>
      ${shown.length ? html`<div class="curves">${shown.map((s) => html`<figure><figcaption><a class="fref" href="/d/${s.name}">${s.name}</a></figcaption>${lines({ series: [{ ...s, second: false }], width: 300, height: 150, logY: quantity === "loss" || quantity === "learning_rate", title: `${quantity} of ${s.name} over tokens`, xLabel: "tokens" })}</figure>`)}</div>` : html`<p class="muted">No training log: the dictionaries were trained elsewhere.</p>`}`;
  }

  run() {
    const m = this.info.manifest;
    const row = (name, value) => value === undefined || value === null || value === "" ? nothing : html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`;
    const print = (name, value) => row(`${name} fingerprint`, value && html`<span class="mono small">${value.slice(0, 16)}…</span> <button class="btn quiet tiny" aria-label="Copy the fingerprint of the ${name}" @click=${() => copy(value, "Fingerprint")}>copy</button>`);
    const r = this.report;
    return html`<header><h2>The run</h2></header><table class="run"><tbody>
      ${row("model", m.model)}${row("corpus", m.corpus)}${row("tokens", whole(m.tokens))}${row("steps", m.steps_done === m.steps ? whole(m.steps) : `${whole(m.steps_done)} of ${whole(m.steps)}, stopped`)}${row("seed", String(m.seed))}
      ${row("step", m.step)}${row("model type", m.lm_dtype)}${row("machine", `${m.machine}, ${m.threads} threads`)}${row("versions", Object.entries(m.versions ?? {}).map(([k, v]) => `${k} ${v}`).join(", "))}
      ${r ? row("evaluated on", `${whole(r.tokens)} tokens, ${whole(r.loss_tokens)} for losses, context ${r.context}, ${r.corpus.join(", ")}`) : nothing}
      ${print("model", m.model_fingerprint)}${print("tokenizer", m.tokenizer_fingerprint)}${print("corpus", m.corpus_fingerprint)}</tbody></table>
      <details><summary>Recipe “${m.recipe?.name ?? "?"}”</summary><table class="run"><tbody>${Object.entries(m.recipe ?? {}).map(([k, v]) => row(k.replace(/_/g, " "), String(v)))}</tbody></table></details>`;
  }
}

/** Arrow keys move between the cells of a map. */
function moveCell(event) {
  const step = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[event.key];
  if (!step) return;
  event.preventDefault();
  const cell = event.target.closest("td");
  const rows = [...cell.closest("tbody").rows];
  rows[rows.indexOf(cell.parentNode) + step[0]]?.cells[cell.cellIndex + step[1]]?.querySelector("a")?.focus();
}

customElements.define("loupe-suite", Suite);
