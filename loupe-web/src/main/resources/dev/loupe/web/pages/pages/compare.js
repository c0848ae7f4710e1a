// Two to six features side by side, or two dictionaries.
import { Page, html, nothing, icon, errorNote } from "../base.js";
import { record, suite, get, columns } from "../api.js";
import { setQuery } from "../router.js";
import { number, percent, whole, signed, token, parseFeature } from "../format.js";
import { histogram, lines } from "../charts.js";
import { tokenText, valuesOf } from "../tokens.js";
import { featureLink } from "../cards.js";
import { bins } from "../table-data.js";

const MOST = 6;
const METRICS = ["l0", "explained_variance_centred", "delta_loss", "loss_recovered", "kl", "dead_fraction", "ultra_active_fraction"];

class Compare extends Page {
  static properties = { data: { state: true }, cosines: { state: true }, info: { state: true }, two: { state: true }, problem: { state: true } };

  constructor() {
    super();
    document.title = "Compare · Loupe";
    suite().then((info) => { this.info = info; }, (e) => { this.error = e; });
  }

  get names() { return [...new Set((this.query.get("f") ?? "").split(",").map((t) => parseFeature(t)?.name).filter(Boolean))].slice(0, MOST); }
  get dictionaries() { return (this.query.get("d") ?? "").split(",").filter(Boolean).slice(0, 2); }

  willUpdate(changed) { if (changed.has("query")) this.load(); }

  load() {
    return this.guarded(async () => {
      const names = this.names;
      if (String(names) !== this.loaded) {
        this.loaded = String(names);
        this.cosines = null;
        this.data = await Promise.all(names.map(async (name) => ({ name, ...(await record(name)) })));
        if (names.length > 1) this.cosines = await get(`/api/compare?features=${names.join(",")}`);
      }
      const two = this.dictionaries;
      if (two.length === 2 && String(two) !== this.loadedTwo) {
        this.loadedTwo = String(two);
        this.two = await Promise.all(two.map(async (name) => ({ name, columns: await columns(name) })));
      }
    });
  }

  set(names) { setQuery({ f: names.join(","), d: null }, { push: true }); }

  add(text) {
    const found = parseFeature(text);
    this.problem = found ? null : `expected a feature such as L2R-8x/417, got '${text}'`;
    if (found) this.set([...this.names, found.name]);
  }

  render() {
    if (this.error) return errorNote(this.error);
    const pins = JSON.parse(sessionStorage.getItem("loupe.pins") ?? "[]");
    const analysed = (this.info?.dictionaries ?? []).filter((d) => d.analysis);
    const choose = (i) => html`<select aria-label=${i ? "Second dictionary" : "First dictionary"} @change=${(e) => { const d = [...this.dictionaries]; d[i] = e.target.value; d[1 - i] ??= analysed.find((o) => o.name !== e.target.value)?.name; setQuery({ d: d.join(","), f: null }, { push: true }); }}><option value="">–</option>${analysed.map((d) => html`<option ?selected=${this.dictionaries[i] === d.name}>${d.name}</option>`)}</select>`;
    return html`<div class="head"><div><h1>Compare</h1><p class="lead">Two to six features side by side, of any dictionaries; or two dictionaries.</p></div></div>
      <section class="panel row" aria-label="What to compare"><form class="row" @submit=${(e) => { e.preventDefault(); this.add(e.target.elements[0].value); e.target.reset(); }}><input class="mono" style="width:180px" placeholder="L2R-8x/417" aria-label="Add a feature"><button class="btn" ?disabled=${this.names.length >= MOST}>${icon("plus")} Add</button></form>
        ${pins.length && String(pins) !== String(this.names) ? html`<button class="btn" @click=${() => this.set(pins)}>${icon("pin")} the ${pins.length} pinned</button>` : nothing}<span style="flex:1"></span><span class="small muted">or dictionaries</span>${choose(0)}${choose(1)}
        ${this.problem ? html`<p role="alert" style="color:var(--bad);width:100%">${this.problem}</p>` : nothing}</section>
      ${this.dictionaries.length === 2 ? this.pair() : this.data?.length ? this.features() : html`<div class="empty"><h2>Nothing to compare yet</h2><p>Pin features with <kbd>x</kbd> on their pages, or add their names above.</p></div>`}`;
  }

  features() {
    const d = this.data;
    const count = (lists) => { const all = new Map(); for (const list of lists) for (const t of new Set(list)) all.set(t, (all.get(t) ?? 0) + 1); return all; };
    const tokens = count(d.map((f) => f.tokens));
    const logits = count(d.map((f) => f.logits.top.texts.slice(0, 12)));
    const edges = Array.from({ length: 41 }, (_, i) => (Math.max(...d.map((f) => f.maximum), 1e-6) * i) / 40);
    return html`<div style="margin-top:var(--gap)" class="side" tabindex="0" role="region" aria-label="Features side by side">${d.map((f) => html`<section class="panel" aria-label=${f.name}><header>${featureLink(f.name)}<span class="spring"></span><button class="btn quiet tiny" aria-label="Remove ${f.name}" @click=${() => this.set(this.names.filter((n) => n !== f.name))}>${icon("close")}</button></header>
        <dl class="stats"><div><dt>rate</dt><dd>${percent(f.rate)}</dd></div><div><dt>maximum</dt><dd>${number(f.maximum)}</dd></div><div><dt>by the token</dt><dd>${percent(f.token_share, 2)}</dd></div>${f.category ? html`<div><dt>category</dt><dd>${f.category} <small>${number(f.category_f1, 2)}</small></dd></div>` : nothing}</dl>
        <figure style="margin:12px 0">${histogram({ counts: rebin(f, edges), edges, logCounts: true, height: 96, title: `Activations of ${f.name} on an axis that all share` })}</figure>
        <h3>Fires on</h3>${words(f.tokens, tokens)}<h3 style="margin-top:10px">Makes likely</h3>${words(f.logits.top.texts.slice(0, 12), logits)}
        <h3 style="margin-top:10px">Strongest</h3>${f.samples.filter((s) => s.kind === "top").slice(0, 3).map((s) => tokenText({ tokens: s.tokens, values: valuesOf(s), maximum: f.maximum, peak: s.peak, from: Math.max(0, s.peak - 10), to: Math.min(s.tokens.length, s.peak + 7) }))}</section>`)}</div>
      <p class="small muted">A bar at its side: shared by two or more of these features.</p>
      ${this.cosines ? html`<div class="three" style="margin-top:var(--gap)">${this.matrix("Decoder cosines", this.cosines.decoder)}${this.matrix("Encoder cosines", this.cosines.encoder)}${this.together()}</div>` : nothing}`;
  }

  matrix(title, rows) {
    const names = this.cosines.features;
    return html`<section class="panel" aria-label=${title}><header><h2>${title}</h2></header><table><thead><tr><th></th>${names.map((n) => html`<th class="num fref" scope="col">${n}</th>`)}</tr></thead><tbody>${rows.map((row, i) => html`<tr><th scope="row" class="fref">${names[i]}</th>${row.map((v) => html`<td class="num">${v === null ? "–" : number(v)}</td>`)}</tr>`)}</tbody></table><p class="small muted">– where the two have no space in common.</p></section>`;
  }

  /** Co-activation and shared samples, as far as the stores have them. */
  together() {
    const pairs = [];
    this.data.forEach((a, i) => this.data.slice(i + 1).forEach((b) => {
      const [da, fa] = a.name.split("/");
      const [db, fb] = b.name.split("/");
      const row = da === db ? [[a, fb], [b, fa]].map(([f, other]) => { const n = f.neighbours.find((o) => o.relation === "coactivation"); const k = n?.neighbours.indexOf(Number(other)) ?? -1; return k >= 0 ? { phi: n.phi[k], lift: n.lift[k], firings: n.firings[k] } : null; }).find(Boolean) : null;
      const shared = da === db ? new Set(a.samples.filter((s) => s.kind === "top" || s.kind === "band").map((s) => s.window)).intersection(new Set(b.samples.filter((s) => s.kind === "top" || s.kind === "band").map((s) => s.window))).size : null;
      pairs.push({ names: `${a.name} and ${b.name}`, row, shared });
    }));
    return html`<section class="panel" aria-label="Together"><header><h2>Firing together</h2></header><table><thead><tr><th>pair</th><th class="num">φ</th><th class="num">lift</th><th class="num">tokens</th><th class="num">samples</th></tr></thead><tbody>${pairs.map((p) => html`<tr><td class="fref">${p.names}</td><td class="num">${p.row ? number(p.row.phi) : "–"}</td><td class="num">${p.row ? number(p.row.lift) : "–"}</td><td class="num">${p.row ? whole(p.row.firings) : "–"}</td><td class="num">${p.shared ?? "–"}</td></tr>`)}</tbody></table><p class="small muted">Of one dictionary, where one is among the other's 20 strongest; samples: windows that both have among theirs.</p></section>`;
  }

  pair() {
    if (!this.two || !this.info) return html`<p class="boot"><span class="spinner"></span></p>`;
    const [a, b] = this.two;
    const report = this.info.reports.find((r) => r.report.dictionaries[a.name] && r.report.dictionaries[b.name])?.report;
    const about = (name) => this.info.dictionaries.find((d) => d.name === name)?.analysis;
    const row = (title, x, y, show = number) => html`<tr><th scope="row">${title}</th><td class="num">${show(x)}</td><td class="num">${show(y)}</td><td class="num">${Number.isFinite(x) && Number.isFinite(y) ? signed(y - x) : "–"}</td></tr>`;
    const spread = (column) => { const all = [a, b].map((d) => d.columns.columns[column].data); const positive = all.flatMap((v) => [...v].filter((x) => x > 0)); const low = Math.min(...positive.slice(0, 200000)); const high = Math.max(...positive.slice(0, 200000)); const edges = Array.from({ length: 41 }, (_, i) => low * (high / low) ** (i / 40)); edges[40] = high; return all.map((v, i) => ({ name: [a, b][i].name, second: i === 1, points: bins(v, edges).map((n, k) => [edges[k], n]) })); };
    return html`<section class="panel" style="margin-top:var(--gap)" aria-label="Numbers"><table><thead><tr><th></th><th class="num"><a href="/d/${a.name}" class="fref">${a.name}</a></th><th class="num"><a href="/d/${b.name}" class="fref">${b.name}</a></th><th class="num">difference</th></tr></thead><tbody>
        ${report ? METRICS.filter((m) => report.dictionaries[a.name][m]).map((m) => row(m.replace(/_/g, " "), report.dictionaries[a.name][m].value, report.dictionaries[b.name][m].value)) : nothing}
        ${["features", "dead", "dense", "single_token", "l0"].map((m) => row(`${m.replace(/_/g, " ")} (analysis)`, about(a.name)?.[m], about(b.name)?.[m]))}</tbody></table></section>
      <div class="two wide" style="margin-top:var(--gap)">${[["rate", "Density"], ["maximum", "Maximum"]].map(([c, t]) => html`<section class="panel" aria-label=${t}><header><h2>${t}</h2></header><p class="small muted">Features by ${t.toLowerCase()}: solid ${a.name}, dashed ${b.name}</p>${lines({ series: spread(c), logX: true, title: `${t} of both`, height: 200 })}</section>`)}</div>`;
  }
}

/** Words, those that other columns have too marked. */
function words(texts, counts) {
  return html`<p>${texts.map((t) => html`<span class="mono word ${counts.get(t) > 1 ? "shared" : ""}">${token(t)}</span> `)}</p>`;
}

/** Counts of a feature's logarithmic bins in linear ones that all share: each goes where its middle is. */
function rebin(f, edges) {
  const counts = new Array(edges.length - 1).fill(0);
  f.log_counts.forEach((n, i) => { if (n) counts[Math.min(counts.length - 1, Math.floor(((f.log_edges[i] + f.log_edges[i + 1]) / 2 / edges.at(-1)) * counts.length))] += n; });
  return counts;
}

customElements.define("loupe-compare", Compare);
