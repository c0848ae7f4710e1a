// What the suite has learned: any number over layers, sites and widths; how it was trained; what it is.
import { Page, html, nothing, icon, errorNote } from "../base.js";
import { suite, get } from "../api.js";
import { setQuery } from "../router.js";
import { number, percent, whole, SITE_NAMES } from "../format.js";
import { lines, d3 } from "../charts.js";
import { copy } from "../say.js";
import "../report-figures.js";

const SITES = ["R", "A", "M", "TC"];
const MOST_CURVES = 4;
const DEFAULT = "explained_variance_centred";

// metric: [group, what it is, whether more (1) or less (-1) of it is better]
const METRICS = {
  explained_variance_centred: ["Fidelity", "explained variance around the mean", 1],
  explained_variance: ["Fidelity", "explained variance (paper, Eq. 6)", 1],
  explained_variance_legacy: ["Fidelity", "explained variance (paper's code)", 1],
  mse: ["Fidelity", "mean squared error", -1],
  delta_loss: ["Fidelity", "loss added when spliced in, nats", -1],
  loss_recovered: ["Fidelity", "loss recovered", 1],
  kl: ["Fidelity", "KL of the next token, nats", -1],
  l0: ["Features", "L0: features that fire on a token"],
  dead_fraction: ["Features", "share of dead features", -1],
  ultra_active_fraction: ["Features", "share that fires on more than a tenth of the tokens"],
  "analysis.dead": ["Features", "features that never fired (analysis)", -1],
  "analysis.dense": ["Features", "dense features (analysis)"],
  "analysis.single_token": ["Features", "single-token features (analysis)"],
  "analysis.mean_best_f1": ["Categories", "mean F1 of the best feature of each category", 1],
  "analysis.above_half": ["Categories", "categories with a feature of F1 above one half", 1],
  loss_original: ["Others", "loss of the model, nats"],
  loss_spliced: ["Others", "loss when spliced in, nats", -1],
  loss_zero: ["Others", "loss with the site set to zero, nats"],
  loss_mean: ["Others", "loss with the site set to its mean, nats"],
  delta_loss_target_mask: ["Others", "loss added, averaged as the paper's code does, nats", -1],
  loss_recovered_all_positions: ["Others", "loss recovered, every position set to zero", 1],
  mean_norm_in: ["Others", "mean norm of the input"],
  mean_norm_out: ["Others", "mean norm of the output"],
  encoder_decoder_cosine: ["Others", "cosine of encoder and decoder"],
  decoder_norm_mean: ["Others", "mean norm of the decoder's columns"],
};
const COUNTS = ["analysis.dead", "analysis.dense", "analysis.single_token"];

const CURVES = { loss: "loss", explained_variance: "explained variance (paper, Eq. 6)", l0: "L0", dead_features: "dead features", gradient_norm: "gradient norm", learning_rate: "learning rate" };
const LOGARITHMIC = ["loss", "gradient_norm", "learning_rate"];

// the recipe's values in words; those of the other gate do nothing
const RECIPE = {
  gate: ["gate", (v) => v === "topk" ? "top-k" : v], k: ["features per token", whole, "topk"], k_anneal_share: ["k falls over", ofSteps, "topk"], k_anneal_start_share: ["k starts at", (v) => `${percent(v)} of the dimensions`, "topk"],
  batch_gate_share: ["K holds for the batch as a whole in the last", ofSteps, "topk"],
  l1_coefficient: ["sparsity penalty λ", number, "relu"], l1_warm_up_share: ["λ rises over", ofSteps, "relu"],
  batch: ["tokens of a step", whole], context: ["positions of a context", whole], long_documents: ["long documents", (v) => v === "split" ? "split" : "cut off"],
  peak_learning_rate: ["peak learning rate", number], warm_up_share: ["it rises over", ofSteps], decay_share: ["it falls over the last", ofSteps], final_learning_rate_ratio: ["down to", (v) => `${percent(v)} of the peak`],
  beta1: ["Adam's first moment", String], beta2: ["Adam's second moment", String], epsilon: ["Adam's ε", String], clip_gradient_norm: ["gradients clipped at norm", number],
  init_decoder_norm: ["decoder columns begin with norm", number], init_encoder_norm: ["encoder rows of transcoders begin with norm", number],
  init_directions: ["first directions", (v) => v === "subspace" ? "where activations vary" : v], centre_inputs: ["inputs less their mean", (v) => v ? "yes" : "no"],
  aux_k: ["silent features that explain an error", whole, "topk"], aux_coefficient: ["the weight of that", number, "topk"], aux_silent_share: ["silent after", (v) => `${percent(v)} of the tokens`, "topk"],
  norm_tokens: ["tokens that measure the mean norms", whole], buffer_tokens: ["tokens of the shuffle buffer, at most", whole], calibration_tokens: ["tokens that calibrate the threshold", whole], file_dtype: ["weights are written as", String],
};

function ofSteps(share) { return `${percent(share)} of the steps`; }

const widthOf = (d) => `${d.expansion}x${d.variant ? `-${d.variant}` : ""}`;
const titleOf = (metric) => METRICS[metric]?.[1] ?? metric.replace(/_/g, " ");
const narrow = matchMedia("(max-width: 600px)"); // there, charts are drawn smaller, so that their words are not
const chosenValue = (change) => (event) => change(event.target.value);

class Suite extends Page {
  static properties = { info: { state: true }, at: { state: true }, cursor: { state: true }, curves: { state: true }, moment: { state: true } };

  constructor() {
    super();
    this.at = null;
    this.cursor = null;
    this.moment = 1;
    this.curves = new Map();
    this.redraw = () => this.requestUpdate();
  }

  connectedCallback() {
    super.connectedCallback();
    narrow.addEventListener("change", this.redraw);
    this.guarded(async () => {
      this.info = await suite();
      document.title = `${this.info.name} · Loupe`;
      this.loadCurves();
      await this.updateComplete;
      if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
    });
  }

  disconnectedCallback() {
    narrow.removeEventListener("change", this.redraw);
    super.disconnectedCallback();
  }

  willUpdate(changed) { if (changed.has("query") && this.info) this.loadCurves(); }

  get keys() {
    return {
      "m": ["next metric of the map", () => this.stepMetric(1)], "M": ["previous metric of the map", () => this.stepMetric(-1)],
      "i": ["intervals in the map", () => this.intervals()],
      "r": ["random feature", () => dispatchEvent(new CustomEvent("loupe-random"))],
    };
  }

  // --- what is chosen ---

  get report() { const wanted = this.query.get("report"); return (this.info.reports.find((r) => r.file === wanted) ?? this.info.reports[0])?.report; }

  get metric() {
    const all = this.metrics();
    return [this.query.get("metric"), DEFAULT].find((m) => all.includes(m)) ?? all[0];
  }

  get quantity() { const wanted = this.query.get("curve"); return wanted in CURVES ? wanted : "loss"; }

  /** Dictionaries whose training is shown: of one site, four at most. */
  get chosen() {
    const all = this.info.dictionaries;
    const wanted = (this.query.get("dictionary") ?? "").split(",").map((name) => all.find((d) => d.name === name)).filter(Boolean);
    const first = wanted[0] ?? all[0];
    const some = wanted.length ? wanted : spread(all.filter((d) => d.site === first?.site && widthOf(d) === widthOf(first)));
    return [...new Set(some.filter((d) => d.site === first.site))].slice(0, MOST_CURVES);
  }

  loadCurves() {
    for (const { name } of this.chosen) {
      if (this.curves.has(name)) continue;
      this.curves.set(name, null);
      get(`/api/dictionaries/${name}/training`).then((rows) => ({ rows }), (problem) => ({ rows: [], problem })).then((curve) => { this.curves = new Map(this.curves).set(name, curve); });
    }
  }

  /** {value, low, high, tokens} of a dictionary; null where it is not known. */
  value(d, metric) {
    if (metric.startsWith("analysis.")) {
      const key = metric.slice(9);
      const value = d.analysis?.[key] ?? d.analysis?.categories?.measured?.[key];
      return Number.isFinite(value) ? { value } : null;
    }
    const found = this.report?.dictionaries[d.name]?.[metric];
    return found && Number.isFinite(found.value) ? found : null;
  }

  /** What there is a number of, known ones first. */
  metrics() {
    const measured = new Set(Object.values(this.report?.dictionaries ?? {}).flatMap(Object.keys));
    const known = Object.keys(METRICS).filter((key) => measured.has(key) || (key.startsWith("analysis.") && this.info.dictionaries.some((d) => this.value(d, key))));
    return [...known, ...[...measured].filter((key) => !(key in METRICS))];
  }

  stepMetric(by) {
    const all = this.metrics();
    if (all.length) setQuery({ metric: all.at((all.indexOf(this.metric) + by) % all.length) });
  }

  intervals() { setQuery({ intervals: this.query.get("intervals") ? null : 1 }); }

  // --- drawing ---

  render() {
    if (this.error) return errorNote(this.error);
    if (!this.info) return html`<p class="boot"><span class="spinner"></span></p>`;
    const all = this.info.dictionaries;
    if (!all.length) return html`${this.head()}<div class="empty"><h2>This suite has no dictionary.</h2><p>Train one: <code class="mono">./loupe train</code></p></div>`;
    const tall = new Set(all.map((d) => d.layer)).size > 14;
    const single = all.length === 1;
    const run = this.panel("run", "The run", this.run());
    const figures = this.panel("figures", "Figures of the report", html`<loupe-report-figures .chosen=${this.query.get("figure")} .choose=${(figure) => setQuery({ figure }, { push: true })}></loupe-report-figures>`);
    const right = tall || single;
    const training = this.panel("training", "Training", this.training(), this.trainingControls());
    return html`${this.head()}${this.missing()}
      <div class="suite-grid"><div class="stack">${single ? this.panel("numbers", "Its numbers", this.numbers(all[0])) : this.panel("map", "Layers and sites", this.map(), this.mapControls())}${right ? nothing : training}</div>
      <div class="stack">${single ? nothing : this.panel("layers", "Over layers", this.overLayers())}${figures}${right ? training : nothing}${run}</div></div>`;
  }

  panel(id, title, body, controls = nothing) {
    return html`<section class="panel" id=${id} aria-label=${title}><header><h2>${title}</h2><span class="spring"></span>${controls}
      <button type="button" class="btn quiet tiny" aria-label="Copy link to: ${title}" title="Copy a link to this panel" @click=${() => copy(`${location.href.split("#")[0]}#${id}`)}>${icon("link")}</button></header>${body}</section>`;
  }

  head() {
    const { manifest, dictionaries, name, has_model: hasModel } = this.info;
    const layers = d3.extent(dictionaries, (d) => d.layer);
    const features = d3.sum(dictionaries, (d) => d.analysis?.features ?? 0);
    const one = dictionaries.length === 1;
    const where = layers[0] === layers[1] ? `layer ${layers[0]}` : `layers ${layers[0]} to\u00a0${layers[1]}`;
    return html`<div class="head"><div><h1>${name}</h1><p class="lead">${one ? "One sparse dictionary takes" : `${whole(dictionaries.length)} sparse dictionaries take`} apart what the language model <strong>${manifest.model}</strong> computes in ${where}${features ? html`: <strong>${whole(features)}</strong> features, each with the texts it fires on` : nothing}.</p></div></div>
      ${features ? html`<div class="entries">
        <button type="button" class="entry main" @click=${() => dispatchEvent(new CustomEvent("loupe-random"))}>${icon("dice")}<strong>Look at a random feature</strong><span>What it fires on, how strongly, and what it makes likely.</span></button>
        <a class="entry" href="/prompt">${icon("play")}<strong>Try a prompt</strong><span>${hasModel ? "Which features fire on each token of your own text." : "Needs the model: ./loupe serve SUITE --model M"}</span></a>
        <a class="entry" href="/search">${icon("search")}<strong>Search for a word</strong><span>Features that fire on it, or make it likely.</span></a></div>` : nothing}`;
  }

  /** What has not been done yet, and how it is. */
  missing() {
    const { dictionaries, reports } = this.info;
    const analysed = dictionaries.filter((d) => d.analysis).length;
    return html`${analysed === dictionaries.length ? nothing : html`<div class="note hint">${analysed ? `${analysed} of ${dictionaries.length} dictionaries are analysed.` : "What each feature does is not known yet."} <code class="mono">./loupe analyze SUITE --model M --corpus C</code> finds out${analysed ? " about the others" : ""}.</div>`}
      ${reports.length ? nothing : html`<div class="note hint">How faithful the dictionaries are has not been measured. <code class="mono">./loupe evaluate SUITE --model M --corpus C</code> does it; this page then shows its report.</div>`}`;
  }

  mapControls() {
    const metric = this.metric;
    if (!metric) return nothing;
    const groups = d3.groups(this.metrics(), (m) => METRICS[m]?.[0] ?? "Others");
    return html`${this.info.reports.length > 1 ? html`<select aria-label="Report" @change=${chosenValue((report) => setQuery({ report }, { push: true }))}>${this.info.reports.map((r) => html`<option .selected=${r.report === this.report}>${r.file}</option>`)}</select>` : nothing}
      <select class="metric" aria-label="Metric" @change=${chosenValue((value) => setQuery({ metric: value }, { push: true }))}>${groups.map(([group, some]) => html`<optgroup label=${group}>${some.map((m) => html`<option value=${m} .selected=${m === metric}>${titleOf(m)}</option>`)}</optgroup>`)}</select>
      <button type="button" class="btn tiny" aria-pressed=${this.query.get("intervals") ? "true" : "false"} title="95 % intervals in the cells (i)" @click=${() => this.intervals()}>intervals</button>`;
  }

  map() {
    const metric = this.metric;
    if (!metric) return html`<p class="muted">No numbers yet. The cells lead to the dictionaries.</p>${this.maps("", [])}`;
    const values = this.info.dictionaries.map((d) => this.value(d, metric)?.value).filter((v) => v !== undefined);
    const scale = steps(values);
    const better = METRICS[metric]?.[2];
    return html`${this.maps(metric, scale)}
      <div class="row small muted legend"><span class="sr">Colours, from</span><span>${number(scale.low)}</span><span class="ramp" aria-hidden="true">${d3.range(1, 9).map((l) => html`<i class="h${l}"></i>`)}</span><span>${number(scale.high)}${scale.logarithmic ? ", logarithmic" : ""}</span>
        ${better ? html`<span>${better > 0 ? "higher" : "lower"} is better</span>` : nothing}</div>
      <p class="small readout">${this.readout(metric)}</p>`;
  }

  maps(metric, scale) {
    const groups = d3.groups(this.info.dictionaries, widthOf);
    return html`<div class="maps">${groups.map(([width, some]) => this.one(width, some, metric, scale, groups.length > 1))}</div>`;
  }

  /** The map of one width: a table with one tab stop, in which arrow keys walk. */
  one(width, some, metric, scale, titled) {
    const sites = SITES.filter((site) => some.some((d) => d.site === site));
    const layers = d3.sort(new Set(some.map((d) => d.layer)));
    const byPlace = new Map(some.map((d) => [`${d.layer} ${d.site}`, d]));
    const stop = some.find((d) => d.name === this.cursor) ?? byPlace.get(sites.map((site) => `${layers[0]} ${site}`).find((place) => byPlace.has(place)));
    return html`<table class="heat ${layers.length > 12 ? "dense" : ""}"><caption><span class=${titled ? "" : "sr"}>${width}</span><span class="sr">, layers by sites, arrow keys move</span></caption>
      <thead><tr><th scope="col"><span class="layer">layer</span></th>${sites.map((s) => html`<th scope="col" title=${SITE_NAMES[s]}>${s}<span class="sr">, ${SITE_NAMES[s]}</span></th>`)}</tr></thead>
      <tbody @keydown=${moveCell}>${layers.map((layer) => html`<tr><th scope="row">${layer}</th>${sites.map((site) => this.cell(byPlace.get(`${layer} ${site}`), metric, scale, stop))}</tr>`)}</tbody></table>`;
  }

  cell(d, metric, scale, stop) {
    if (!d) return html`<td></td>`;
    const found = metric ? this.value(d, metric) : null;
    const interval = found && intervalOf(found);
    const show = () => { this.at = d; };
    return html`<td><a class="cell h${found ? scale.of(found.value) : 0}" href="/d/${d.name}" tabindex=${d === stop ? 0 : -1} aria-label="${d.name}: ${found ? `${number(found.value)}${interval ? `, ${interval}` : ""}` : "not known"}"
      @mouseenter=${show} @focus=${() => { show(); this.cursor = d.name; }}>${found ? number(found.value) : "–"}${interval && this.query.get("intervals") ? html`<small>${interval}</small>` : nothing}</a></td>`;
  }

  readout(metric) {
    const d = this.at;
    if (!d) return html`<span class="muted">${[...new Set(this.info.dictionaries.map((o) => o.site))].map((s) => `${s} ${SITE_NAMES[s]}`).join(" · ")}. A cell opens its dictionary.</span>`;
    const found = this.value(d, metric);
    const interval = found && intervalOf(found);
    const floors = metric === "analysis.mean_best_f1" ? d.analysis?.categories?.floors ?? [] : [];
    return html`<strong class="mono">${d.name}</strong>, ${SITE_NAMES[d.site]}: ${found ? html`<strong>${number(found.value)}</strong>${interval ? ` (${interval}, 95 %)` : ""}${found.tokens ? ` on ${whole(found.tokens)} tokens` : ""}${COUNTS.includes(metric) ? `, ${percent(found.value / d.analysis.features)} of ${whole(d.analysis.features)}` : ""}${floors.map((f) => `; ${f.among} reach ${number(f.mean_best_f1)}`)}` : "not measured"}`;
  }

  /** All numbers of the only dictionary. */
  numbers(d) {
    const metrics = this.metrics();
    return html`<p class="alone"><a class="fref" href="/d/${d.name}">${d.name}</a>, ${SITE_NAMES[d.site]} of layer ${d.layer}</p>
      ${metrics.length ? html`<table><thead><tr><th scope="col">number</th><th scope="col" class="num">value</th><th scope="col" class="num">95 % interval</th></tr></thead>
        <tbody>${metrics.map((m) => { const found = this.value(d, m); return html`<tr><th scope="row">${titleOf(m)}</th><td class="num">${number(found?.value)}</td><td class="num muted">${(found && intervalOf(found)) || "–"}</td></tr>`; })}</tbody></table>` : html`<p class="muted">No numbers yet.</p>`}`;
  }

  overLayers() {
    const metric = this.metric;
    const groups = d3.groups(this.info.dictionaries, widthOf).map(([width, some]) => [width, metric ? this.series(some, metric) : []]).filter(([, series]) => series.length);
    if (!groups.length) return html`<p class="muted">Nothing measured.</p>`;
    const all = groups.flatMap(([, series]) => series.flatMap((s) => s.points));
    if (new Set(all.map((p) => p[0])).size < 2) return html`<p class="muted">All of one layer.</p>`;
    const yDomain = d3.extent(all.flatMap((p) => p.slice(1)));
    const { logarithmic: logY } = steps(all.map((p) => p[1]));
    const several = groups.length > 1;
    return html`<p class="small muted">${titleOf(metric)}${all.some((p) => p[2] !== undefined) ? ", with 95 % intervals" : ""}</p>
      <div class="curves ${several ? "several" : ""}">${groups.map(([width, series]) => html`<figure>${several ? html`<figcaption>${width}</figcaption>` : nothing}
        ${lines({ series, yDomain, logY: logY && yDomain[0] > 0, labelled: true, marked: true, width: several || narrow.matches ? 360 : 560, height: 260, xLabel: "layer", at: this.at && widthOf(this.at) === width ? this.at.layer : undefined,
          title: `${titleOf(metric)} over layers${several ? `, ${width}` : ""}: ${series.map((s) => `${SITE_NAMES[s.name]} from ${number(s.points[0][1])} to ${number(s.points.at(-1)[1])}`).join("; ")}. The map has every value.` })}</figure>`)}</div>`;
  }

  /** A line a site. */
  series(some, metric) {
    return d3.groups(some, (d) => d.site).map(([site, own]) => ({ name: site, style: SITES.indexOf(site), points: d3.sort(own, (d) => d.layer).map((d) => [d.layer, this.value(d, metric)]).filter(([, found]) => found).map(([layer, { value, low, high }]) => [layer, value, low ?? undefined, high ?? undefined]) })).filter((s) => s.points.length);
  }

  trainingControls() {
    return html`<select aria-label="Quantity" @change=${chosenValue((curve) => setQuery({ curve }, { push: true }))}>${Object.entries(CURVES).map(([c, title]) => html`<option value=${c} .selected=${c === this.quantity}>${title}</option>`)}</select>`;
  }

  training() {
    const chosen = this.chosen;
    const quantity = this.quantity;
    const curves = chosen.map((d, style) => ({ d, style, ...this.curves.get(d.name) }));
    const series = curves.filter((c) => c.rows?.length).map((c) => ({ name: c.d.name, style: c.style, points: c.rows.map((r) => [r.tokens, r[quantity]]) }));
    const longest = d3.max(series, (s) => s.points.at(-1)[0]) ?? 0;
    const tokens = this.moment < 1 ? this.moment * longest : longest;
    return html`<div class="row chosen">${curves.map((c) => this.curveChip(c, quantity, tokens))}${this.info.dictionaries.length > 1 ? this.adder(chosen) : nothing}</div>
      ${series.length ? html`<figure>${lines({ series, labelled: true, width: narrow.matches ? 360 : 560, height: 260, logY: LOGARITHMIC.includes(quantity), xLabel: "tokens", at: this.moment < 1 ? tokens : undefined,
          title: `${CURVES[quantity]} over training tokens: ${series.map((s) => `${s.name} ends at ${number(s.points.at(-1)[1])}`).join("; ")}` })}</figure>
        <label class="row small muted moment"><span>after ${whole(tokens)} tokens</span><input type="range" min="0" max="1" step="0.005" .value=${String(this.moment)} aria-label="Where in training the values are read" aria-valuetext="${whole(tokens)} tokens" @input=${chosenValue((v) => { this.moment = Number(v); })}></label>`
        : curves.some((c) => !("rows" in c)) ? html`<p class="boot"><span class="spinner"></span></p>` : html`<p class="muted">No training log: ${chosen.length === 1 ? "this dictionary was" : "these were"} trained elsewhere.</p>`}`;
  }

  curveChip(curve, quantity, tokens) {
    const { d, style, rows } = curve;
    const row = rows?.findLast((r) => r.tokens <= tokens) ?? rows?.[0];
    const names = this.chosen.map((o) => o.name);
    return html`<span class="chip"><svg class="chart key" viewBox="0 0 26 8" aria-hidden="true"><path class="curve s${style}" d="M0 4H26"></path></svg><a class="fref" href="/d/${d.name}">${d.name}</a> <strong>${row ? number(row[quantity]) : rows ? "no log" : "…"}</strong>
      ${names.length > 1 ? html`<button type="button" class="drop" aria-label="Take ${d.name} out" @click=${() => setQuery({ dictionary: names.filter((n) => n !== d.name).join(",") }, { push: true })}>${icon("close")}</button>` : nothing}</span>`;
  }

  adder(chosen) {
    const names = chosen.map((d) => d.name);
    const full = names.length >= MOST_CURVES;
    const site = chosen[0].site;
    const add = (event) => {
      const found = this.info.dictionaries.find((d) => d.name === event.target.value);
      event.target.value = "";
      setQuery({ dictionary: found.site === site ? [...names, found.name].join(",") : found.name }, { push: true });
    };
    return html`<select class="more" aria-label="Add a dictionary to the curves" @change=${add}><option value="">Add…</option>${d3.groups(this.info.dictionaries, (d) => d.site).map(([s, some]) => html`
      <optgroup label="${SITE_NAMES[s]}${s !== site ? ", in place of these" : full ? `: ${MOST_CURVES} at most` : ""}">${some.map((d) => html`<option value=${d.name} ?disabled=${s === site && (full || names.includes(d.name))}>${d.name}</option>`)}</optgroup>`)}</select>`;
  }

  run() {
    const m = this.info.manifest;
    const r = this.report;
    return html`<table class="run"><tbody>
      ${entry("language model", m.model)}${entry("run as", m.lm_dtype)}${entry("corpus", m.corpus)}${m.steps ? entry("tokens", whole(m.tokens)) : entry("training", "elsewhere")}
      ${entry("steps", !m.steps ? null : m.steps_done === m.steps ? whole(m.steps) : `${whole(m.steps_done)} of ${whole(m.steps)}: it was stopped`)}${entry("seed", m.steps ? m.seed : null)}${entry("tokens left out", leftOut(m.token_policy))}
      ${entry("machine", m.machine && `${m.machine}, ${m.threads} thread${m.threads === 1 ? "" : "s"}`)}${entry("training step", m.step)}${m.passes > 1 ? entry("passes of the model", m.passes) : nothing}${entry("versions", Object.entries(m.versions ?? {}).map(([k, v]) => `${k} ${v}`).join(", "))}
      ${entry("resumed inexactly", m.resumed_inexactly?.map((x) => typeof x === "object" ? JSON.stringify(x) : x).join(", "))}${entry("updates skipped", Object.entries(m.skipped_updates ?? {}).map(([k, v]) => `${k}: ${v}`).join(", "))}
      ${r ? html`<tr><th scope="rowgroup" colspan="2" class="section">Evaluation</th></tr>${r.model === m.model ? nothing : entry("on another model", r.model)}${entry("corpus", r.corpus?.join(", "))}${entry("tokens", `${whole(r.tokens)}, of them ${whole(r.loss_tokens)} for losses`)}${entry("context", `${whole(r.context)} positions`)}` : nothing}
      <tr><th scope="rowgroup" colspan="2" class="section">Fingerprints</th></tr>${print("model", m.model_fingerprint)}${print("tokenizer", m.tokenizer_fingerprint)}${print("corpus", m.corpus_fingerprint)}${print("evaluation's corpus", r?.corpus_fingerprint)}</tbody></table>
      ${m.recipe && m.steps ? recipe(m.recipe) : nothing}`;
  }
}

function recipe(values) {
  const known = Object.entries(values).filter(([key, value]) => value !== null && key !== "name" && key !== "about" && (RECIPE[key]?.[2] ?? values.gate) === values.gate);
  return html`<details><summary>Recipe “${values.name}”: ${values.gate === "topk" ? `top-k, ${values.k} features per token` : values.gate}, peak rate ${number(values.peak_learning_rate)}</summary>
    ${values.about ? html`<p class="small muted">${values.about}</p>` : nothing}
    <table class="run recipe"><tbody>${known.map(([key, value]) => entry(RECIPE[key]?.[0] ?? key.replace(/_/g, " "), (RECIPE[key]?.[1] ?? String)(value)))}</tbody></table></details>`;
}

const entry = (name, value) => value === undefined || value === null || value === "" ? nothing : html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`;

const print = (what, value) => entry(what, value && html`<span class="mono small" title=${value}>${value.slice(0, 16)}…</span> <button type="button" class="btn quiet tiny" aria-label="Copy the fingerprint of the ${what}" @click=${() => copy(value, "Fingerprint")}>copy</button>`);

function leftOut(policy) {
  if (!policy) return null;
  return [policy.exclude_first ? "the first of each context" : "", policy.exclude_ids?.length ? `ids ${policy.exclude_ids.join(", ")}` : "", policy.max_norm_multiple ? `above ${policy.max_norm_multiple} times the mean norm` : ""].filter(Boolean).join("; ") || "none";
}

const intervalOf = (found) => Number.isFinite(found.low) && Number.isFinite(found.high) ? `${number(found.low)} to ${number(found.high)}` : "";

/** Eight steps of colour over values; of their logarithms where most would else look alike. */
function steps(values) {
  const [low, high] = values.length ? d3.extent(values) : [0, 0];
  const logarithmic = low > 0 && high / low > 30;
  const place = (logarithmic ? d3.scaleLog() : d3.scaleLinear()).domain([low, high > low ? high : low + 1]);
  return { low, high, logarithmic, of: (value) => 1 + Math.min(7, Math.floor(place(value) * 8)) };
}

/** Four at most, evenly from first to last. */
function spread(all) {
  const count = Math.min(MOST_CURVES, all.length);
  return d3.range(count).map((i) => all[count > 1 ? Math.round(i * (all.length - 1) / (count - 1)) : 0]);
}

const MOVES = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };

/** Arrow keys move to the next cell in their direction; Home and End in its row. */
function moveCell(event) {
  const cell = event.target.closest("td");
  const rows = [...cell.closest("tbody").rows];
  let [row, column] = [rows.indexOf(cell.parentNode), cell.cellIndex];
  const links = [...cell.parentNode.querySelectorAll("a")];
  let next = { Home: links[0], End: links.at(-1) }[event.key];
  const step = MOVES[event.key];
  while (step && !next) {
    row += step[0];
    column += step[1];
    if (!rows[row]?.cells[column]) return;
    next = rows[row].cells[column].querySelector("a");
  }
  if (!next) return;
  event.preventDefault();
  next.focus();
}

customElements.define("loupe-suite", Suite);
