// A field for a text of one's own, and what one or more features do on it.
import { Part, html, nothing, icon } from "./base.js";
import { stream, suite } from "./api.js";
import { number } from "./format.js";
import { tokenText } from "./tokens.js";
import { setQuery } from "./router.js";

class OwnText extends Part {
  static properties = { name: { attribute: false }, maximum: { attribute: false }, result: { state: true }, error: { state: true }, busy: { state: true }, hasModel: { state: true } };

  constructor() {
    super();
    this.text = new URLSearchParams(location.search).get("text") ?? "";
    this.hasModel = true;
    suite().then((s) => { this.hasModel = s.has_model; }, () => {});
  }

  willUpdate(changed) {
    if (changed.has("name") && this.text) this.run();
  }

  async run() {
    this.stop?.abort();
    if (!this.text.trim()) { this.result = null; return; }
    const stop = this.stop = new AbortController();
    this.busy = true;
    this.error = null;
    try {
      for await (const event of stream("/api/activations", { text: this.text, features: [this.name] }, stop.signal)) {
        if (event.type === "activations") this.result = event;
      }
    } catch (e) {
      if (e.name !== "AbortError") this.error = e;
    } finally {
      if (this.stop === stop) this.busy = false;
    }
  }

  render() {
    if (!this.hasModel) return nothing;
    const values = this.result?.features[0]?.activations;
    return html`<section class="panel" aria-label="Your own text">
      <form class="row" style="align-items:stretch" @submit=${(e) => { e.preventDefault(); setQuery({ text: this.text }); this.run(); }}>
        <textarea rows="1" style="flex:1;min-height:40px" aria-label="Your own text" placeholder="Try a text of your own on this feature" .value=${this.text} @input=${(e) => { this.text = e.target.value; }}
          @keydown=${(e) => { if (e.key === "Enter" && !e.shiftKey) { e.preventDefault(); e.target.form.requestSubmit(); } }}></textarea>
        <button class="btn main">${this.busy ? html`<span class="spinner"></span>` : icon("play")} Run</button></form>
      ${this.error ? html`<p class="note error" role="alert" style="margin-top:10px">${this.error.message}</p>` : nothing}
      ${values ? html`<div style="margin-top:10px" aria-live="polite">${tokenText({ tokens: this.result.tokens, values, maximum: this.maximum || Math.max(...values), label: "your text" })}
        <p class="small muted" style="margin-top:6px">${values.some((v) => v > 0) ? `strongest ${number(Math.max(...values))}, ${number(100 * Math.max(...values) / (this.maximum || 1), 2)} % of its maximum` : "It is silent on this text."}</p></div>` : nothing}
    </section>`;
  }
}

customElements.define("loupe-own-text", OwnText);
