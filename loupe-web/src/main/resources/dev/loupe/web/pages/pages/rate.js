// A person does what a judge does: words and passages, yes or no, without knowing whose words they are. Then all is shown.
import { Page, html, nothing, errorNote } from "../base.js";
import { fresh, post, suite, token } from "../api.js";
import { setQuery } from "../router.js";
import { featureLink } from "../cards.js";
import { AUTHOR } from "../notes-panel.js";

const ASKED = { detection: "Does the feature fire somewhere in the passage?", fuzzing: "Are the marked tokens those on which it fires?" };

class Rate extends Page {
  static properties = { sheet: { state: true }, rated: { state: true }, judged: { state: true }, said: { state: true }, at: { state: true }, truth: { state: true }, readOnly: { state: true }, busy: { state: true } };

  constructor() {
    super();
    this.said = [];
    this.at = 0;
    suite().then((s) => { this.readOnly = s.read_only; }, () => {});
  }

  get test() { return this.query.get("test") === "fuzzing" ? "fuzzing" : "detection"; }
  get rater() { return localStorage.getItem(AUTHOR) || "anonymous"; }
  get whole() { return Boolean(this.sheet) && this.sheet.passages.every((_, i) => this.said[i] !== undefined); }
  get keys() {
    return {
      "y": ["yes, it fires", () => this.say(true)], "n": ["no, it does not", () => this.say(false)],
      "ArrowUp": ["the passage before", () => this.move(-1)], "ArrowDown": ["the next passage", () => this.move(1)],
      "Enter": ["send, and go on", () => (this.truth ? this.load() : this.send())],
    };
  }

  willUpdate(changed) { if (changed.has("params") || (changed.has("query") && this.shownTest !== this.test)) this.load(); }

  async load() {
    document.title = `Rate ${this.params.dictionary} · Loupe`;
    this.shownTest = this.test;
    this.truth = null;
    this.sheet = undefined;
    this.said = [];
    this.at = 0;
    await this.guarded(async () => {
      const next = await fresh(`/api/ratings/${this.params.dictionary}/next?test=${this.test}&rater=${encodeURIComponent(this.rater)}`);
      this.sheet = next.sheet;
      this.rated = next.rated;
      this.judged = next.judged;
    });
  }

  say(yes, i = this.at) {
    if (!this.sheet || this.truth) return;
    this.said = Object.assign([...this.said], { [i]: yes });
    const open = this.sheet.passages.findIndex((_, j) => this.said[j] === undefined);
    this.at = open < 0 ? i : open;
  }

  move(by) {
    if (this.sheet) this.at = Math.min(this.sheet.passages.length - 1, Math.max(0, this.at + by));
  }

  async send() {
    if (!this.whole || this.truth || this.busy) return;
    this.busy = true;
    await this.guarded(async () => {
      this.truth = await post(`/api/ratings/${this.params.dictionary}`, { rater: this.rater, explanation: this.sheet.explanation, test: this.sheet.test, said: this.said });
    });
    this.busy = false;
  }

  render() {
    const locked = this.readOnly ? "This server is read-only." : token() ? "" : "To rate here, open the address that serve printed: it holds a token.";
    return html`<div class="head"><div><h1>Rate blind</h1><p class="lead">features of <a href="/explanations/${this.params.dictionary}">${this.params.dictionary}</a>${this.rated ? `, ${this.rated} rated by you` : ""}</p></div><span class="spring"></span>
        <label class="field">test<select @change=${(e) => setQuery({ test: e.target.value === "detection" ? null : e.target.value }, { push: true })}>${Object.keys(ASKED).map((t) => html`<option value=${t} ?selected=${t === this.test}>${t}</option>`)}</select></label>
        <label class="field">your name<input maxlength="100" style="width:150px" .value=${localStorage.getItem(AUTHOR) ?? ""} placeholder="anonymous" @change=${(e) => { localStorage.setItem(AUTHOR, e.target.value.trim()); this.load(); }}></label></div>
      ${locked ? html`<p class="note small">${locked}</p>` : nothing}
      ${this.error ? errorNote(this.error) : this.sheet === undefined ? html`<p class="boot"><span class="spinner"></span></p>` : this.sheet ? this.question(locked) : this.nothingLeft()}`;
  }

  nothingLeft() {
    return html`<div class="empty"><h2>${this.rated ? "You have rated all that there is." : "There is nothing to rate."}</h2><p>${this.rated ? html`<a href="/explanations/${this.params.dictionary}">How far people and judges agree</a>` : html`<code class="mono">./loupe interpret SUITE --only ${this.params.dictionary}</code> makes explanations.`}</p></div>`;
  }

  question(locked) {
    const s = this.sheet;
    return html`<section class="panel rate" aria-label="The words"><p class="said-of">${s.text}</p>
        <p class="muted">${ASKED[s.test]} Go by these words alone.${this.judged ? nothing : html` No judge has tested any explanation of this dictionary yet: your ratings test the words, but there is nobody to agree with.`}</p></section>
      <section class="panel" aria-label="Passages"><ol class="passages">${s.passages.map((p, i) => this.passage(p, i, locked))}</ol>
        <p class="row">${this.truth ? html`<button class="btn main" @click=${() => this.load()}>Next</button>${this.outcome()}` : html`<button class="btn main" ?disabled=${!this.whole || Boolean(locked) || this.busy} @click=${() => this.send()}>Show who is right</button><span class="small muted">${s.passages.filter((_, i) => this.said[i] !== undefined).length} of ${s.passages.length}; keys <kbd>y</kbd> <kbd>n</kbd> <kbd>↑</kbd> <kbd>↓</kbd> <kbd>Enter</kbd></span>`}</p></section>`;
  }

  passage(text, i, locked) {
    const truth = this.truth?.items[i];
    const name = (yes) => (yes ? "yes" : "no");
    return html`<li class=${!this.truth && i === this.at ? "current" : ""}><p class="text">${marked(text)}</p>
      <div class="row" role="group" aria-label="Passage ${i + 1}">${[true, false].map((yes) => html`<button class="btn tiny" aria-pressed=${this.said[i] === yes} ?disabled=${Boolean(this.truth) || Boolean(locked)} @click=${() => this.say(yes, i)}>${name(yes)}</button>`)}
        ${truth ? html`<span class="small ${truth.said === truth.active ? "right" : "wrong"}">${truth.active ? "it fires here" : "it does not"}${truth.stratum === "moved" ? ", but the marks are elsewhere" : ""}</span><span class="small muted">${truth.judged === undefined || truth.judged === null ? "" : `the judge said ${name(truth.judged)}`}</span>` : nothing}</div></li>`;
  }

  outcome() {
    const items = this.truth.items;
    const right = items.filter((i) => i.said === i.active).length;
    const both = items.filter((i) => i.judged !== undefined && i.judged !== null);
    return html`<span aria-live="polite">You were right about ${right} of ${items.length}${both.length ? `; the judge about ${both.filter((i) => i.judged === i.active).length} of ${both.length}, and you agreed on ${both.filter((i) => i.judged === i.said).length}` : ""}. The words: ${this.truth.method}${this.truth.author === "loupe" ? "" : ` by ${this.truth.author}`}, of ${featureLink(this.truth.feature)}.</span>`;
  }
}

/** Marks of a test as marks. */
const marked = (text) => text.split(/(«[^»]*»)/).map((part) => part.startsWith("«") ? html`<mark>${part.slice(1, -1)}</mark>` : part);

customElements.define("loupe-rate", Rate);
