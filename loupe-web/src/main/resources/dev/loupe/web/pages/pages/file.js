// The first page of a file on a disk: the features that it holds.
import { Page, html } from "../base.js";
import { percent, number, token, whole } from "../format.js";

class FilePage extends Page {
  render() {
    const { about } = globalThis.LOUPE_FILE;
    document.title = `Features of ${about.dictionary}`;
    return html`<div class="head"><div><h1>Features of <span class="mono">${about.dictionary}</span></h1><p class="lead">${whole(about.features.length)} features of a dictionary of ${about.model}, on ${whole(about.tokens)} tokens. This file needs no server.</p></div></div>
      <section class="panel" aria-label="Features"><table><thead><tr><th>feature</th><th>fires on</th><th class="num">rate</th><th class="num">maximum</th><th>makes likely</th></tr></thead><tbody>${about.features.map((f) => { const r = globalThis.LOUPE_FILE[`/api/dictionaries/${about.dictionary}/features/${f}`]; return html`<tr><td><a class="fref" href="/d/${about.dictionary}/${f}">${f}</a></td><td>${r.tokens.slice(0, 5).map((t) => html`<span class="mono word">${token(t)}</span> `)}</td><td class="num">${percent(r.rate)}</td><td class="num">${number(r.maximum)}</td><td>${r.logits.top.texts.slice(0, 5).map((t) => html`<span class="mono word">${token(t)}</span> `)}</td></tr>`; })}</tbody></table></section>`;
  }
}

customElements.define("loupe-file", FilePage);
