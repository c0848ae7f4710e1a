// One feature: how often, how strongly, on what, toward what, and beside what it fires.
import { Page, html, nothing, icon, errorNote } from "../base.js";
import { record, dictionary, isFile } from "../api.js";
import { go, setQuery, address } from "../router.js";
import { number, percent, whole, signed, token, KIND_NAMES, SITE_NAMES } from "../format.js";
import { histogram } from "../charts.js";
import { tokenText, valuesOf } from "../tokens.js";
import { featureLink } from "../cards.js";
import { announce, copy } from "../say.js";
import { settings, change } from "../settings.js";
import { remember } from "../palette.js";
import { resultSet } from "../results.js";
import "../own-text.js";
import "../notes-panel.js";
import "../explanations.js";

const WINDOWS = { snippet: [12, 8], wide: [32, 24], full: [Infinity, Infinity] };
const PANELS = ["samples", "activations", "logits", "tokens", "neighbours", "position", "category"];

class Feature extends Page {
  static properties = { data: { state: true }, about: { state: true }, hover: { state: true }, logit: { state: true }, pinned: { state: true }, duplicates: { state: true }, relation: { state: true } };

  constructor() {
    super();
    this.hover = null;
    this.logit = null;
    this.duplicates = false;
  }

  get name() { return `${this.params.dictionary}/${this.params.feature}`; }

  willUpdate(changed) {
    if (changed.has("params") && this.shownName !== this.name) this.load();
  }

  async load() {
    const name = this.name;
    this.shownName = name;
    this.hover = this.logit = null;
    const data = await this.guarded(() => record(name));
    if (this.name !== name) return; // another one is wanted meanwhile
    this.data = data;
    if (!data) return;
    document.title = `${name} · Loupe`;
    if (isFile()) return;
    remember(name);
    announce(`feature ${name}${this.place ? `, ${this.place}` : ""}`);
    dictionary(this.params.dictionary).then((about) => { this.about = about; }, () => {});
    for (const step of [1, -1, 2]) {
      const next = this.neighbour(step);
      if (next !== null) record(`${this.params.dictionary}/${next}`).catch(() => {});
    }
  }

  // --- the set that is gone through ---

  get set() { return isFile() ? fileSet(Number(this.params.feature)) : resultSet(this.params.dictionary, Number(this.params.feature)); }

  neighbour(step) {
    const set = this.set;
    const here = Number(this.params.feature);
    if (set) return set.features[set.index + step] ?? null;
    const count = this.about?.analysis?.features ?? Infinity;
    return here + step >= 0 && here + step < count ? here + step : null;
  }

  get place() {
    const set = this.set;
    return set ? `${whole(set.index + 1)} of ${whole(set.features.length)}` : "";
  }

  step(by) {
    const next = this.neighbour(by);
    if (next !== null) go(`/d/${this.params.dictionary}/${next}${address().search}`);
  }

  random() {
    const set = this.set;
    if (set) go(`/d/${this.params.dictionary}/${set.features[Math.floor(Math.random() * set.features.length)]}`);
    else dispatchEvent(new CustomEvent("loupe-random", { detail: this.params.dictionary }));
  }

  get keys() {
    return {
      "]": ["next feature", () => this.step(1)], "[": ["previous feature", () => this.step(-1)],
      "J": ["next feature", () => this.step(1)], "K": ["previous feature", () => this.step(-1)],
      "r": ["random feature of the set", () => this.random()],
      "j": ["next sample", () => this.sample(1)], "k": ["previous sample", () => this.sample(-1)],
      "w": ["more or less text", () => this.cycle()], "h": ["colours on or off", () => { this.classList.toggle("plain"); }],
      "d": ["show folded duplicates", () => { this.duplicates = !this.duplicates; }],
      "t": ["try your own text", () => this.querySelector("loupe-own-text textarea")?.focus()],
      "e": ["edit the explanation", () => this.querySelector("loupe-notes-panel")?.edit()],
      "b": ["bookmark", () => this.querySelector("loupe-notes-panel")?.bookmark()],
      "x": ["pin for comparing", () => this.pin()],
      "0": ["strongest samples", () => setQuery({ band: null, bin: null })],
      ...Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8].map((n) => [String(n), [`band ${n}, the strongest is 1`, () => setQuery({ band: 8 - n, bin: null })]])),
    };
  }

  sample(by) {
    const all = [...this.querySelectorAll(".samples > li")];
    if (!all.length) return;
    const now = all.findIndex((li) => li.contains(document.activeElement));
    const next = all[Math.max(0, Math.min(all.length - 1, now + by))];
    next.querySelector("[tabindex='0']")?.focus();
    next.scrollIntoView({ block: "nearest" });
  }

  cycle() {
    const names = Object.keys(WINDOWS);
    change({ window: names[(names.indexOf(settings().window) + 1) % names.length] });
    this.requestUpdate();
  }

  pin() {
    const pins = JSON.parse(sessionStorage.getItem("loupe.pins") ?? "[]");
    const next = [...new Set([...pins, this.name])].slice(-6);
    sessionStorage.setItem("loupe.pins", JSON.stringify(next));
    announce(`${next.length} pinned`);
    this.requestUpdate();
  }

  // --- drawing ---

  shows(panel) {
    const wanted = this.query.get("panels");
    return !wanted || wanted.split(",").includes(panel);
  }

  panel(name, title, body, extra = nothing) {
    if (!this.shows(name)) return nothing;
    const link = `${location.origin}/embed/${this.name}?panels=${name}`;
    return html`<section class="panel" id=${name} aria-label=${title}><header><h2>${title}</h2><span class="spring"></span>${extra}
      ${isFile() ? nothing : html`<button class="btn quiet tiny" aria-label="Copy link to: ${title}" title="Copy a link to this panel (it can be embedded)" @click=${() => copy(link)}>${icon("link")}</button>`}</header>${body}</section>`;
  }

  render() {
    if (this.error) return html`<div class="stack">${errorNote(this.error)}<p><a href="/d/${this.params.dictionary}">${this.params.dictionary}</a></p></div>`;
    const d = this.data;
    if (!d) return html`<p class="boot"><span class="spinner"></span></p>`;
    const dead = d.firings === 0;
    return html`
      ${this.head(d)}
      ${dead ? html`<div class="empty"><h2>This feature never fired on the analysed text.</h2><p>Its logits and the nearest features by decoder and encoder direction are below.</p></div>` : nothing}
      <div class="feature-grid">
        <div class="stack">
          ${this.embed || isFile() ? nothing : html`<loupe-own-text .name=${this.name} .maximum=${d.maximum}></loupe-own-text>`}
          ${dead ? nothing : this.samples(d)}
        </div>
        <div class="stack">
          ${dead ? nothing : this.activations(d)}
          ${this.logits(d)}
          ${dead ? nothing : this.topTokens(d)}
        </div>
        <div class="stack">
          ${this.embed || isFile() ? nothing : html`<loupe-explanations .name=${this.name} @loupe-take=${(e) => this.querySelector("loupe-notes-panel").edit(e.detail)}></loupe-explanations>`}
          ${this.neighbours(d)}
          ${dead ? nothing : this.position(d)}
          ${this.category(d)}
          ${this.embed || isFile() ? nothing : html`<loupe-notes-panel .name=${this.name}></loupe-notes-panel>`}
        </div>
      </div>`;
  }

  head(d) {
    const pins = JSON.parse(sessionStorage.getItem("loupe.pins") ?? "[]");
    const [, layer, site] = /^L(\d+)(TC|R|A|M)/.exec(this.params.dictionary) ?? [];
    return html`
      <div class="head">
        <div style="min-width:0">
          <p class="muted small"><a href=${isFile() ? "/" : `/d/${this.params.dictionary}`}>${this.params.dictionary}</a> · layer ${layer}, ${SITE_NAMES[site]}</p>
          <h1><span class="mono" style="font-size:.82em">${this.params.dictionary}/</span>${this.params.feature}</h1>
        </div>
        <div class="row">
          ${d.dense ? html`<span class="chip hot" title="Fires on more than 10 % of the tokens">dense</span>` : nothing}
          ${d.single_token ? html`<span class="chip hot" title="One token has 90 % of its activation">single token</span>` : nothing}
          ${d.dead ? html`<span class="chip bad">dead</span>` : nothing}
        </div>
        <span class="spring"></span>
        ${isFile() ? html`<div class="row"><a class="small muted" href="/">${this.place}</a><button class="btn" ?disabled=${this.neighbour(-1) === null} aria-label="Previous feature" @click=${() => this.step(-1)}>${icon("left")}</button><button class="btn" ?disabled=${this.neighbour(1) === null} aria-label="Next feature" @click=${() => this.step(1)}>${icon("right")}</button></div>` : nothing}
        ${this.embed || isFile() ? nothing : html`<div class="row">
          ${this.set ? html`<a class="small muted" href=${this.set.href}>${this.place}</a>` : nothing}
          <button class="btn" ?disabled=${this.neighbour(-1) === null} aria-label="Previous feature" title="Previous ( [ )" @click=${() => this.step(-1)}>${icon("left")}</button>
          <button class="btn" ?disabled=${this.neighbour(1) === null} aria-label="Next feature" title="Next ( ] )" @click=${() => this.step(1)}>${icon("right")}</button>
          <button class="btn" aria-label="Random feature" title="Random (r)" @click=${() => this.random()}>${icon("dice")}</button>
          <button class="btn" aria-pressed=${pins.includes(this.name)} title="Pin for comparing (x)" @click=${() => this.pin()}>${icon("pin")} Pin</button>
          ${pins.length > 1 ? html`<a class="btn" href="/compare?f=${pins.join(",")}">Compare ${pins.length}</a>` : nothing}
          <a class="btn" href="/steer?f=${this.name}" title="Change it during generation">Steer</a>
          <button class="btn" title="Copy the address" aria-label="Copy link" @click=${() => copy(location.href)}>${icon("link")}</button>
        </div>`}
      </div>
      ${this.embed && this.query.get("panels") ? nothing : html`<section class="panel" style="margin-bottom:var(--gap)" aria-label="Numbers"><dl class="stats">
        <div><dt>fires on</dt><dd>${percent(d.rate)} <small>of tokens${d.firings ? html`, ${percent(d.rate_low)} to ${percent(d.rate_high)}` : nothing}</small></dd></div>
        <div><dt>firings</dt><dd>${whole(d.firings)} <small>in ${whole(d.contexts)} contexts</small></dd></div>
        <div><dt>maximum</dt><dd>${number(d.maximum)}</dd></div>
        <div><dt>mean where it fires</dt><dd>${number(d.mean)} <small>± ${number(d.deviation)}</small></dd></div>
        <div><dt title="Held-out share of its variance that the token id alone explains">the token alone explains</dt><dd>${percent(d.token_share, 2)}</dd></div>
        ${d.category ? html`<div><dt>category</dt><dd>${d.category} <small>F1 ${number(d.category_f1, 2)}</small></dd></div>` : nothing}
      </dl></section>`}`;
  }

  chosen(d) {
    const bin = this.query.get("bin");
    if (bin !== null) {
      const [low, high] = [d.log_edges[Number(bin)], d.log_edges[Number(bin) + 1]];
      const strong = d.samples.filter((s) => (s.kind === "top" || s.kind === "band") && s.activation >= low && s.activation <= high * 1.0006);
      return { samples: unique(strong), about: `samples whose peak is between ${number(low)} and ${number(high)}` };
    }
    const band = this.query.get("band") ?? "top";
    if (/^[0-7]$/.test(band)) {
      const b = Number(band);
      return { samples: d.samples.filter((s) => s.kind === "band" && s.band === b),
        about: `windows with a maximum from ${number(d.band_edges[b])} to ${number(d.band_edges[b + 1])}: ${whole(d.band_windows[b])} of them` };
    }
    const abouts = { top: "where it fires most strongly, one window a context", random: "windows drawn at random, whether it fires or not", near_miss: "it is silent on text like that which it fires on", neighbour: "the nearest feature fires, this one is silent" };
    return { samples: d.samples.filter((s) => s.kind === band), about: abouts[band] ?? "" };
  }

  samples(d) {
    const band = this.query.get("bin") !== null ? "bin" : this.query.get("band") ?? "top";
    const { samples, about } = this.chosen(d);
    const tab = (key, text, title) => html`<button class="btn" aria-pressed=${band === key} title=${title ?? ""} @click=${() => setQuery({ band: key === "top" ? null : key, bin: null })}>${text}</button>`;
    const [before, after] = WINDOWS[settings().window] ?? WINDOWS.snippet;
    const marked = this.logit === null ? undefined : new Set([this.logit]);
    return this.panel("samples", "Samples", html`
      <div class="tabs" style="margin-bottom:8px">
        ${tab("top", "Strongest")}${[7, 6, 5, 4, 3, 2, 1, 0].map((b, i) => tab(String(b), `band ${i + 1}`, `${number(d.band_edges[b])} to ${number(d.band_edges[b + 1])}`))}
        ${["random", "near_miss", "neighbour"].filter((kind) => d.samples.some((s) => s.kind === kind)).map((kind) => tab(kind, KIND_NAMES[kind]))}
      </div>
      <p class="small muted" style="margin-bottom:4px" aria-live="polite">${about}${band === "bin" ? html` <button class="btn quiet tiny" @click=${() => setQuery({ bin: null })}>all samples</button>` : nothing}</p>
      ${samples.length ? nothing : html`<p class="muted" style="padding:14px 0">No sample here.</p>`}
      <ol class="samples" role="list">${samples.map((s, i) => this.one(d, s, i, before, after, marked))}</ol>`,
    html`<div class="tabs" role="group" aria-label="How much text">${Object.keys(WINDOWS).map((w) => html`<button class="btn" aria-pressed=${settings().window === w} title="(w)" @click=${() => { change({ window: w }); this.requestUpdate(); }}>${w}</button>`)}</div>`);
  }

  one(d, s, i, before, after, marked) {
    const from = Math.max(0, s.peak - before);
    const to = Math.min(s.tokens.length, s.peak + after + 1);
    const values = valuesOf(s);
    const hovered = this.hover?.sample === s;
    return html`<li>
      <span class="num small" title=${s.kind === "neighbour" ? "the neighbour's activation" : "activation at the peak"}>${number(s.activation)}</span>
      <div>${tokenText({ tokens: s.tokens, values, maximum: d.maximum, peak: s.peak, from, to, marked, label: `sample ${i + 1}, activation ${number(s.activation)}`,
        onToken: (at) => { this.hover = at === null ? null : { sample: s, token: s.tokens[at], value: values[at] }; } })}
        <p class="small muted source">${s.source}${s.duplicates ? html` · <button class="btn quiet tiny" title="Nearly the same text; folded (d)" @click=${() => { this.duplicates = !this.duplicates; }}>${s.duplicates} more like it</button>` : nothing}
        ${hovered && this.hover.value > 0 ? html`<span class="hovered">${token(this.hover.token)} ${number(this.hover.value)} · above ${percent(rank(d, this.hover.value), 2)} of its firings</span>` : nothing}
        ${this.duplicates ? html`<span>${metadata(s.metadata)}</span>` : nothing}</p></div>
    </li>`;
  }

  activations(d) {
    const bin = this.query.get("bin");
    const value = this.hover?.value > 0 ? this.hover.value : null;
    const q = d.quantiles;
    return this.panel("activations", "Activations", html`<figure>
      ${histogram({ counts: d.log_counts, edges: d.log_edges, log: true, logCounts: true, height: 132, title: `Histogram of ${whole(d.firings)} activations from ${number(d.log_edges[0])} to ${number(d.maximum)} on logarithmic axes`,
        selected: bin === null ? undefined : Number(bin), onPick: (i) => setQuery({ bin: String(i) === bin ? null : i, band: null }), marker: value === null ? undefined : { value, text: `${token(this.hover.token)} ${number(value)}` } })}
      <figcaption>Raw units, both axes logarithmic. Half of the firings are between ${number(q[3])} and ${number(q[5])}. A bar selects its samples.</figcaption></figure>`);
  }

  logits(d) {
    const l = d.logits;
    const shown = this.logit ?? (this.hover ? this.hover.token : null);
    const place = (end) => end.texts.indexOf(shown);
    const value = shown === null ? null : place(l.top) >= 0 ? l.top.logits[place(l.top)] : place(l.bottom) >= 0 ? l.bottom.logits[place(l.bottom)] : null;
    const width = (l.maximum - l.minimum) / l.counts.length || 1;
    const edges = Array.from({ length: l.counts.length + 1 }, (_, i) => l.minimum + i * width);
    const most = Math.max(...l.top.logits.map(Math.abs), ...l.bottom.logits.map(Math.abs), 1e-9);
    const list = (end, cls, title) => html`<table class="logits" aria-label=${title}><tbody>${end.texts.slice(0, 10).map((text, i) => html`
      <tr @mouseenter=${() => { this.logit = text; }} @mouseleave=${() => { this.logit = null; }}>
        <td><button class="tok mono ${cls}" aria-label="${token(text)}, ${signed(end.logits[i])}: show it in the samples" style="--w:${Math.abs(end.logits[i]) / most * 100}%" @focus=${() => { this.logit = text; }} @blur=${() => { this.logit = null; }}>${token(text)}</button></td>
        <td class="num small" title="${signed(end.z[i])} standard deviations of the vocabulary">${signed(end.logits[i])}</td></tr>`)}</tbody></table>`;
    return this.panel("logits", "Makes likely, and unlikely", html`
      <div class="two">${list(l.top, "plus", "Tokens it makes likely")}${list(l.bottom, "minus", "Tokens it makes unlikely")}</div>
      <figure style="margin-top:10px">${histogram({ counts: l.counts, edges, height: 92, logCounts: true, minusBelow: 0, title: `Histogram of its logits over the vocabulary, from ${number(l.minimum)} to ${number(l.maximum)}`, marker: value === null ? undefined : { value, text: `${token(shown)} ${signed(value)}` } })}
      <figcaption>The logit lens: decoder column through the final gain and the unembedding, over the vocabulary.</figcaption></figure>`);
  }

  topTokens(d) {
    const most = Math.max(...d.token_activation_shares, 1e-9);
    return this.panel("tokens", "Fires on", html`<table class="logits"><tbody>${d.tokens.map((text, i) => html`
      <tr @mouseenter=${() => { this.logit = text; }} @mouseleave=${() => { this.logit = null; }}>
        <td><button class="tok mono plus" style="--w:${d.token_activation_shares[i] / most * 100}%" @focus=${() => { this.logit = text; }} @blur=${() => { this.logit = null; }}>${token(text)}</button></td>
        <td class="num small" title="share of its whole activation">${percent(d.token_activation_shares[i], 2)}</td><td class="num small muted">${whole(d.token_firings[i])} times</td></tr>`)}</tbody></table>`);
  }

  neighbours(d) {
    const groups = new Map();
    for (const n of d.neighbours) {
      const own = n.dictionary === this.params.dictionary;
      groups.set(n.relation === "coactivation" ? "fires with" : own ? n.relation : n.dictionary + (n.relation === "encoder" ? " (encoder)" : ""), n);
    }
    if (!groups.size) return nothing;
    const key = groups.has(this.relation) ? this.relation : [...groups.keys()][0];
    const n = groups.get(key);
    const values = n.relation === "coactivation" ? n.phi : n.cosines;
    return this.panel("neighbours", "Neighbours", html`
      <div class="tabs" style="margin-bottom:8px">${[...groups.keys()].map((g) => html`<button class="btn" aria-pressed=${g === key} @click=${() => { this.relation = g; }}>${g}</button>`)}</div>
      <table><thead><tr><th>feature</th><th class="num">${n.relation === "coactivation" ? "φ" : "cosine"}</th>${n.relation === "coactivation" ? html`<th class="num">lift</th><th class="num">together</th>` : nothing}</tr></thead>
      <tbody>${n.neighbours.slice(0, 12).map((f, i) => html`<tr><td>${isFile() ? html`<span class="fref">${n.dictionary}/${f}</span>` : featureLink(`${n.dictionary}/${f}`)}</td><td class="num">${number(values[i])}</td>${n.relation === "coactivation" ? html`<td class="num">${number(n.lift[i])}</td><td class="num muted">${whole(n.firings[i])}</td>` : nothing}</tr>`)}</tbody></table>
      <p class="small muted" style="margin-top:8px">${n.relation === "coactivation" ? "Correlation of firing with firing, over all tokens and the whole dictionary." : n.dictionary === this.params.dictionary ? `Nearest by the cosine of ${n.relation === "encoder" ? "encoder rows" : "decoder columns"}.` : `Matches in ${n.dictionary}, by decoder direction.`}</p>`);
  }

  position(d) {
    const tokens = this.about?.analysis?.position_tokens ?? globalThis.LOUPE_FILE?.about.positions;
    if (!tokens) return nothing;
    const rates = d.position_firings.map((n, i) => tokens[i] ? n / tokens[i] : 0);
    const most = Math.max(...rates, 1e-12);
    const label = (i) => i === 0 ? "1" : `${2 ** i}–${2 ** (i + 1) - 1}`;
    return this.panel("position", "Where in the context", html`<table class="bars"><tbody>${rates.map((rate, i) => tokens[i] ? html`
      <tr><th scope="row" class="small">${label(i)}</th><td><i style="width:${rate / most * 100}%"></i></td><td class="num small">${percent(rate)}</td></tr>` : nothing)}</tbody></table>
      <p class="small muted" style="margin-top:6px">Rate by position after the begin token.</p>`);
  }

  category(d) {
    if (!d.category) return nothing;
    return this.panel("category", "Category evidence", html`<p>Documents whose maximum is ${d.category_sign > 0 ? "above" : "not above"} ${number(d.category_threshold)} are <strong>${d.category}</strong>: F1 <strong>${number(d.category_f1, 2)}</strong> <span class="muted">(${number(d.category_f1_low, 2)} to ${number(d.category_f1_high, 2)})</span> on documents that had no part in the choice.</p>`);
  }
}

/** In a file, the features that it holds. */
function fileSet(feature) {
  const features = globalThis.LOUPE_FILE.about.features;
  return { features, index: features.indexOf(feature), href: "/" };
}

/** Share of the firings below a value, from the stored quantiles. */
function rank(d, value) {
  const levels = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99];
  const i = d.quantiles.findIndex((q) => value < q);
  if (i === 0) return 0;
  if (i < 0) return 0.99;
  const [a, b] = [d.quantiles[i - 1], d.quantiles[i]];
  return levels[i - 1] + (levels[i] - levels[i - 1]) * (b > a ? (value - a) / (b - a) : 0);
}

function unique(samples) {
  const seen = new Set();
  return samples.filter((s) => { const key = `${s.window}/${s.position}`; if (seen.has(key)) return false; seen.add(key); return true; }).sort((a, b) => b.activation - a.activation);
}

function metadata(text) {
  try {
    return Object.entries(JSON.parse(text)).map(([k, v]) => ` · ${k} ${typeof v === "object" ? JSON.stringify(v) : v}`).join("").slice(0, 240);
  } catch {
    return "";
  }
}

customElements.define("loupe-feature", Feature);
