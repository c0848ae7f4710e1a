// What machines say of a feature, each with the tests it stood: value, interval, and what another feature's words get.
import { Part, html, nothing } from "./base.js";
import { fresh } from "./api.js";
import { number } from "./format.js";
import { copy } from "./say.js";

export const MEASURES = { auc: "AUC", balanced_accuracy: "balanced accuracy", accuracy: "accuracy", correlation: "correlation", rating: "rating" };
const TESTS = {
  embedding: "Does the text mean what the windows mean in which it fires, more than others? 0.5 is chance.",
  rule: "Do the rules themselves tell where it fires? 0.5 is chance.",
  detection: "Does a judge tell by the text in which passages it fires? 0.5 is chance.",
  fuzzing: "Does a judge tell by the text whether the right tokens are marked? 0.5 is chance.",
  intruder: "Does a judge find the passage that does not belong, without any text? 0.2 is chance.",
  simulation: "How well do activations follow that a judge predicts from the text?",
  surprisal: "Does the text make the passages likelier in which it fires? 0.5 is chance.",
  rubric_same_examples: "The explainer's own rating, of the examples it saw: no test.",
};

class Explanations extends Part {
  static properties = { name: { attribute: false }, data: { state: true }, exchanges: { state: true } };

  constructor() {
    super();
    this.exchanges = {};
  }

  willUpdate(changed) { if (changed.has("name")) this.load(); }

  async load() {
    const name = this.name;
    this.data = null;
    try {
      const data = await fresh(`/api/explanations/${name}`);
      if (this.name === name) this.data = data;
    } catch {
      this.data = null; // the rest of the page says what is wrong
    }
  }

  render() {
    const all = this.data?.explanations ?? [];
    if (!all.length) return nothing;
    const sorted = all.toSorted((a, b) => (b.id === this.data.best) - (a.id === this.data.best));
    return html`<section class="panel" id="explanations" aria-label="What machines say"><header><h2>What machines say</h2></header><p class="small muted">tested on other documents</p>
      <ul class="said">${sorted.map((e) => html`<li class=${e.id === this.data.best ? "best" : ""}>
        <p class="own">${e.text}</p>
        <p class="small muted">${e.method}${e.author === "loupe" ? nothing : html` by ${e.author}`}${e.id === this.data.best ? ", the best here" : nothing}
          <button class="btn quiet tiny" title="Take it as your own explanation, to be changed" @click=${() => this.dispatchEvent(new CustomEvent("loupe-take", { detail: e.text, bubbles: true }))}>use</button></p>
        ${e.scores.length ? html`<ul class="tests">${e.scores.map((s) => this.test(s))}</ul>` : nothing}
        ${this.asked("how it was made", e.prompts)}${e.scores.map((s) => this.asked(`how ${s.scorer.replaceAll("_", " ")} tested it`, s.prompts))}</li>`)}</ul></section>`;
  }

  /** What a judge was asked and said, read when it is opened. */
  asked(what, keys) {
    if (!keys.length) return nothing;
    const read = async (details) => {
      if (!details.open || keys.every((key) => this.exchanges[key])) return;
      const found = await Promise.all(keys.map((key) => fresh(`/api/exchanges/${key}`).catch((e) => ({ key, problem: e.message }))));
      this.exchanges = { ...this.exchanges, ...Object.fromEntries(found.map((x) => [x.key, x])) };
    };
    return html`<details class="asked" @toggle=${(e) => read(e.target)}><summary class="small muted">${what}: ${keys.length === 1 ? "a question" : `${keys.length} questions`}</summary>${keys.map((key) => this.exchange(this.exchanges[key]))}</details>`;
  }

  exchange(x) {
    if (!x) return html`<p><span class="spinner"></span></p>`;
    if (x.problem) return html`<p class="small muted">Not kept: ${x.problem}</p>`;
    const replay = `./loupe replay SUITE ${x.key} --judge URL --judge-model ${x.model}`;
    return html`<dl class="exchange"><dt>instructions</dt><dd><pre>${x.system}</pre></dd><dt>question</dt><dd><pre>${x.user}</pre></dd><dt>${x.model}, ${x.outcome}</dt><dd><pre>${x.text || "(nothing)"}</pre></dd></dl>
      <p class="small muted">${x.prompt_tokens} + ${x.completion_tokens} tokens, temperature ${x.temperature} <button type="button" class="btn quiet tiny" title=${replay} @click=${() => copy(replay, "Command")}>copy the command that asks it again</button></p>`;
  }

  /** What rules are worth where few windows are active, and not half of them as among examples. */
  inCorpus(strata) {
    const value = (name) => strata.find((stratum) => stratum.name === name)?.value ?? null;
    const [precision, recall] = [value("corpus_precision"), value("corpus_recall")];
    return precision === null || recall === null ? nothing : html`<span class="small">in the corpus: precision ${number(precision, 2)}, recall ${number(recall, 2)}</span>`;
  }

  test(s) {
    const m = s.measured;
    const known = m.value !== null;
    const range = m.measure === "rating" ? [1, 5] : m.measure === "correlation" ? [-1, 1] : [0, 1];
    const at = (v) => `${(100 * (v - range[0]) / (range[1] - range[0])).toFixed(1)}%`;
    const other = s.baseline?.value ?? null;
    const says = known ? `${number(m.value, 2)} (${number(m.low, 2)} to ${number(m.high, 2)})` : "not known";
    return html`<li title=${TESTS[s.scorer] ?? ""}><span>${s.scorer.replaceAll("_", " ")}</span>
      <span class="track" role="img" aria-label="${MEASURES[m.measure] ?? m.measure} ${says}${other === null ? "" : `, another feature's words ${number(other, 2)}`}">${known ? html`<i class="span" style="left:${at(m.low)};width:calc(${at(m.high)} - ${at(m.low)})"></i><i class="dot" style="left:${at(m.value)}"></i>` : nothing}${other === null ? nothing : html`<i class="other" style="left:${at(other)}"></i>`}</span>
      <span>${says}</span>
      ${s.scorer === "rule" ? this.inCorpus(m.strata) : nothing}
      <span class="small muted">${other === null ? nothing : html`another's words ${number(other, 2)}; `}${m.positives} + ${m.negatives} examples${m.failed ? html`, ${m.failed} unanswered` : nothing}</span></li>`;
  }
}

customElements.define("loupe-explanations", Explanations);
