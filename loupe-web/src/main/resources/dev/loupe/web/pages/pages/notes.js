// All features that somebody wrote about.
import { Page, html, nothing, icon, errorNote } from "../base.js";
import { fresh } from "../api.js";
import { setQuery } from "../router.js";
import { whole } from "../format.js";
import { featureLink } from "../cards.js";
import { when } from "../notes-panel.js";
import { keepResults } from "../results.js";

class Notes extends Page {
  static properties = { data: { state: true } };

  connectedCallback() {
    super.connectedCallback();
    document.title = "Notes · Loupe";
    this.guarded(async () => { this.data = await fresh("/api/notes"); });
  }

  get shown() {
    const q = (this.query.get("q") ?? "").toLowerCase();
    const tag = this.query.get("tag");
    return this.data.features.filter((f) => (!this.query.get("bookmarked") || f.bookmarked) && (!this.query.get("explained") || f.explanation) && (!tag || f.tags.includes(tag)) && (!q || `${f.feature} ${f.explanation ?? ""} ${f.tags.join(" ")}`.toLowerCase().includes(q)));
  }

  render() {
    if (this.error) return errorNote(this.error);
    if (!this.data) return html`<p class="boot"><span class="spinner"></span></p>`;
    const all = this.data.features;
    if (!all.length) return html`<div class="empty"><h2>Nothing is written yet.</h2><p>On a feature's page, <kbd>e</kbd> explains it, <kbd>b</kbd> bookmarks it. What you write stays in the suite's folder <span class="mono">notes</span>, line by line.</p></div>`;
    const toggle = (name, text) => html`<button class="btn" aria-pressed=${Boolean(this.query.get(name))} @click=${() => setQuery({ [name]: this.query.get(name) ? null : 1 }, { push: true })}>${text}</button>`;
    const shown = this.shown;
    return html`<div class="head"><div><h1>Notes</h1><p class="lead" aria-live="polite">${whole(shown.length)} of ${whole(all.length)} features</p></div><span class="spring"></span>
        <button class="btn" @click=${() => save(shown.map((f) => JSON.stringify(f)).join("\n"), "notes.jsonl")}>${icon("down")} JSON Lines</button></div>
      <div class="row" style="margin-bottom:14px"><input aria-label="Filter" placeholder="filter" .value=${this.query.get("q") ?? ""} @input=${(e) => setQuery({ q: e.target.value })}>${toggle("bookmarked", "bookmarked")}${toggle("explained", "explained")}
        ${Object.entries(this.data.tags).map(([tag, n]) => html`<button class="btn tiny" aria-pressed=${this.query.get("tag") === tag} @click=${() => setQuery({ tag: this.query.get("tag") === tag ? null : tag }, { push: true })}>${tag} ${n}</button>`)}</div>
      <section class="panel" aria-label="Features"><table><thead><tr><th>feature</th><th>explanation</th><th>tags</th><th class="num">notes</th><th>last</th></tr></thead><tbody>${shown.map((f) => html`<tr @click=${() => this.keep(f)}><td>${f.bookmarked ? html`<span title="bookmarked" aria-label="bookmarked">★ </span>` : nothing}${featureLink(f.feature)}</td><td class="own">${f.explanation ?? html`<span class="muted">–</span>`}</td><td>${f.tags.map((t) => html`<span class="chip">${t}</span> `)}</td><td class="num">${f.notes}</td><td class="muted">${when(f.time)}</td></tr>`)}</tbody></table></section>`;
  }

  /** The features of the same dictionary can be walked on its pages. */
  keep(f) {
    const [dictionary] = f.feature.split("/");
    keepResults(dictionary, this.shown.filter((o) => o.feature.startsWith(`${dictionary}/`)).map((o) => Number(o.feature.split("/")[1])), location.pathname + location.search);
  }
}

export function save(text, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

customElements.define("loupe-notes", Notes);
