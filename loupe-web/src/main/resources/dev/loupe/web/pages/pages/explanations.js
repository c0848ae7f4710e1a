// What machines say of a dictionary: how far the last run has come, how scores are spread, what it cost, and which features deserve a look.
import { Page, html, svg, nothing, errorNote } from "../base.js";
import { fresh } from "../api.js";
import { go, setQuery } from "../router.js";
import { number, whole } from "../format.js";
import { featureLink } from "../cards.js";
import { when } from "../notes-panel.js";
import { MEASURES } from "../explanations.js";
import { command } from "../say.js";

const LOOK_AGAIN = 3000; // milliseconds, while a run goes on
const STATES = { running: "at work", done: "done", stopped: "stopped", failed: "failed", silent: "silent for a quarter of an hour: was it killed?" };

class ExplanationsPage extends Page {
  static properties = { all: { state: true }, data: { state: true }, agreement: { state: true } };

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.next);
  }

  willUpdate(changed) { if (changed.has("params")) this.load(); }

  /** The dictionary of the address, else the first with explanations. */
  get name() { return this.params.dictionary ?? this.all?.find((d) => d.explained)?.dictionary ?? this.all?.[0]?.dictionary; }

  async load() {
    await this.guarded(async () => {
      this.all = await fresh("/api/interpretations");
      document.title = `Explanations${this.name ? ` of ${this.name}` : ""} · Loupe`;
      if (this.name) await this.look(this.name);
    });
  }

  /** Of one dictionary; again and again while a run goes on. */
  async look(name) {
    clearTimeout(this.next);
    await this.guarded(async () => {
      const [data, agreement] = await Promise.all([fresh(`/api/interpretations/${name}`), fresh(`/api/ratings/${name}`)]);
      if (this.name !== name) return;
      this.data = data;
      this.agreement = agreement;
      if (data.run?.state === "running" && this.isConnected) this.next = setTimeout(() => this.look(name), LOOK_AGAIN);
    });
  }

  render() {
    if (this.error) return errorNote(this.error);
    if (!this.all) return html`<p class="boot"><span class="spinner"></span></p>`;
    if (!this.name) return html`<div class="empty"><h2>Nothing is analysed yet.</h2><p><code class="mono">./loupe analyze SUITE</code> writes what explanations are made from.</p></div>`;
    return html`<div class="head"><div><h1>Explanations</h1><p class="lead">what machines say of features, tested on other documents</p></div><span class="spring"></span>
        <label class="field">dictionary<select @change=${(e) => go(`/explanations/${e.target.value}`)}>${this.all.map((d) => html`<option value=${d.dictionary} ?selected=${d.dictionary === this.name}>${d.dictionary}${d.explained ? ` (${whole(d.explained)})` : ""}</option>`)}</select></label>
        <a class="btn" href="/d/${this.name}">its features</a></div>
      ${this.data?.dictionary === this.name ? this.contents(this.data) : html`<p class="boot"><span class="spinner"></span></p>`}`;
  }

  contents(data) {
    const { explained, features, methods } = data.summary;
    if (!explained && !data.run) return html`<div class="empty"><h2>No feature of ${this.name} is explained yet.</h2><p>${command(`./loupe interpret SUITE --only ${this.name}`)}</p><p class="small">takes about a minute for 2,048 features, and asks nobody outside of this machine</p></div>`;
    return html`${this.run(data.run)}
      <section class="panel" aria-label="Methods"><header><h2>${whole(explained)} of ${whole(features)} features explained</h2></header>
        <table><thead><tr><th>method</th><th class="num">features</th><th class="num" title="features of which it is the best explanation">best of</th><th>test</th><th class="num">mean (95 %)</th><th class="num" title="the same tests with another feature's words">another's</th><th>spread</th></tr></thead>
        <tbody>${methods.flatMap((m) => rows(m, data.spreads))}</tbody></table>
        <p class="small muted">Bars: values by feature; line: the same tests with the words of another feature, which fires about as often.</p></section>
      ${this.places(data.standings)}
      <div class="two-panels">${this.rating()}${this.spending(data.spending)}</div>`;
  }

  run(run) {
    if (!run) return nothing;
    const share = run.total > 0 ? run.done / run.total : 0;
    return html`<section class="panel" aria-label="The last run"><header><h2>The last run: ${STATES[run.state]}</h2><span class="spring"></span><span class="small muted">began ${when(run.started)}, last heard of ${when(run.updated)}</span></header>
      ${run.state === "done" ? nothing : html`<p aria-live="polite">${run.stage}: ${whole(run.done)} of ${whole(Math.max(run.total, run.done))}</p><div class="progress" role="progressbar" aria-label="Progress" aria-valuenow=${Math.round(share * 100)} aria-valuemin="0" aria-valuemax="100"><i style="width:${(100 * share).toFixed(1)}%"></i></div>`}
      ${run.message ? html`<p class="note ${run.state === "failed" ? "error" : ""} small">${run.message}</p>` : nothing}</section>`;
  }

  places(standings) {
    const scorers = Object.keys(standings);
    if (!scorers.length) return nothing;
    const scorer = scorers.includes(this.query.get("by")) ? this.query.get("by") : scorers[0];
    const { worst, uncertain } = standings[scorer];
    return html`<section class="panel" aria-label="Features to look at"><header><h2>Features to look at</h2><span class="spring"></span><div class="tabs" role="group" aria-label="By which test">${scorers.map((s) => html`<button class="btn" aria-pressed=${s === scorer} @click=${() => setQuery({ by: s }, { push: true })}>${s.replaceAll("_", " ")}</button>`)}</div></header>
      <div class="two-panels"><div><h3>worst explained</h3>${this.list(worst)}</div><div><h3>least certain</h3>${this.list(uncertain)}</div></div></section>`;
  }

  list(places) {
    return html`<table class="places"><tbody>${places.map((p) => html`<tr><td>${featureLink(`${this.name}/${p.feature}`)}</td><td class="own small">${p.text} <span class="muted">${p.method}</span></td><td class="num nowrap">${number(p.value, 2)}<br><span class="small muted">${number(p.low, 2)} to ${number(p.high, 2)}</span></td></tr>`)}</tbody></table>`;
  }

  rating() {
    const tests = this.agreement?.tests ?? [];
    return html`<section class="panel" tabindex="0" aria-label="People"><header><h2>People</h2><span class="spring"></span><a class="btn main tiny" href="/rate/${this.name}">Rate blind</a></header>
      ${tests.length ? html`<table><thead><tr><th>test</th><th>who</th><th class="num">passages</th><th class="num">right</th><th class="num">judge right</th><th class="num">agree</th><th class="num" title="Cohen's kappa: agreement beyond chance">κ (95 %)</th></tr></thead><tbody>${tests.flatMap((t) => [["all", t.all], ...Object.entries(t.raters)].map(([who, a]) => html`<tr><td>${t.test}</td><td>${who}</td><td class="num">${whole(a.passages)}</td><td class="num">${number(a.person?.value, 2)}</td><td class="num">${number(a.judge?.value, 2)}</td><td class="num">${number(a.agreed?.value, 2)}</td><td class="num">${a.kappa ? html`${number(a.kappa.value, 2)} <span class="small muted">${number(a.kappa.low, 2)} to ${number(a.kappa.high, 2)}</span>` : "–"}</td></tr>`))}</tbody></table>`
        : html`<p class="muted">Nobody has rated yet. You see words and passages, and say where the feature fires; then you see who was right, you or the judge.</p>`}</section>`;
  }

  spending(lines) {
    const price = lines.reduce((sum, l) => sum + l.price, 0);
    return html`<section class="panel" tabindex="0" aria-label="Spending"><header><h2>Spending</h2><span class="spring"></span>${lines.length ? html`<strong>${number(price, 4)}</strong>` : nothing}</header>
      ${lines.length ? html`<table><thead><tr><th>judge</th><th>for</th><th class="num">asked</th><th class="num">kept</th><th class="num">failed</th><th class="num">tokens</th><th class="num">price</th><th class="num">seconds</th></tr></thead><tbody>${lines.map((l) => html`<tr><td>${l.model}</td><td class="nowrap">${l.stage}</td><td class="num">${whole(l.calls)}</td><td class="num" title="answered before, and not paid again">${whole(l.cache_hits)}</td><td class="num">${whole(l.failed)}</td><td class="num">${whole(l.prompt_tokens)} + ${whole(l.completion_tokens)}</td><td class="num">${number(l.price, 4)}</td><td class="num" title="median, and what 95 % were quicker than">${number(l.median_millis / 1000, 2)} <span class="muted small">${number(l.slow_millis / 1000, 2)}</span></td></tr>`)}</tbody></table>`
        : html`<p class="muted">No judge was asked. ${command(`./loupe interpret SUITE --only ${this.name} --explainer highlights --scorers detection,fuzzing --judge URL --judge-model NAME`)}</p>`}</section>`;
  }
}

/** A method, a row a test. */
function rows(m, spreads) {
  const scores = m.scores.length ? m.scores : [null];
  return scores.map((s, i) => html`<tr><td>${i ? nothing : m.method}</td><td class="num">${i ? nothing : whole(m.explained)}</td><td class="num">${i ? nothing : whole(m.best)}</td>
    ${s ? html`<td>${s.scorer.replaceAll("_", " ")} <span class="small muted">${MEASURES[s.measure] ?? s.measure}</span></td><td class="num nowrap">${number(s.mean, 2)} <span class="small muted">${number(s.low, 2)} to ${number(s.high, 2)}</span></td><td class="num">${number(s.baseline, 2)}</td><td>${spread(spreads.find((d) => d.method === m.method && d.scorer === s.scorer))}</td>` : html`<td class="muted">not tested</td><td></td><td></td><td></td>`}</tr>`);
}

/** Bars of the own values, a stepped line of those with another's words. */
function spread(d) {
  if (!d) return nothing;
  const [width, height] = [160, 34];
  const most = Math.max(1, ...d.counts, ...d.others);
  const w = width / d.counts.length;
  const y = (count) => height - (count / most) * (height - 2);
  const line = d.others.map((count, i) => `${i ? "L" : "M"}${i * w},${y(count)}H${(i + 1) * w}`).join("");
  return html`<svg class="chart spread" viewBox="0 0 ${width} ${height}" role="img" aria-label="${d.scorer} of ${d.method} from ${d.low} to ${d.high}, features by value: ${d.counts.join(", ")}">
    ${d.counts.map((count, i) => count ? svg`<rect class="bar" x=${i * w + 0.5} width=${w - 1} y=${y(count)} height=${height - y(count)}><title>${number(d.low + ((d.high - d.low) * i) / d.counts.length, 2)} to ${number(d.low + ((d.high - d.low) * (i + 1)) / d.counts.length, 2)}: ${whole(count)} features</title></rect>` : nothing)}
    <line class="axis" x1="0" x2=${width} y1=${height} y2=${height}></line>${d.others.some(Boolean) ? svg`<path class="curve two" d=${line}></path>` : nothing}</svg>`;
}

customElements.define("loupe-explanations-page", ExplanationsPage);
