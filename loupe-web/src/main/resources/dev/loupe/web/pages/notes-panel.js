// What people wrote about a feature: explanation, notes, tags, bookmark, all of it with history and undo.
import { Part, html, nothing, icon } from "./base.js";
import { fresh, post, suite, token as writeToken } from "./api.js";
import { tell } from "./say.js";

export const AUTHOR = "loupe.author"; // who writes here, as they call themselves
const DRAFT = "loupe.draft.";

class NotesPanel extends Part {
  static properties = { name: { attribute: false }, data: { state: true }, editing: { state: true }, problem: { state: true }, readOnly: { state: true }, busy: { state: true } };

  constructor() {
    super();
    this.readOnly = false;
    suite().then((s) => { this.readOnly = s.read_only; }, () => {});
  }

  willUpdate(changed) { if (changed.has("name")) this.load(); }

  async load() {
    const name = this.name;
    this.editing = false;
    this.data = null;
    try {
      const data = await fresh(`/api/notes/${name}`);
      if (this.name === name) { this.data = data; this.problem = null; }
    } catch (e) {
      this.problem = e.message;
    }
  }

  get locked() { return this.readOnly ? "This server is read-only." : writeToken() ? "" : "To write here, open the address that serve printed: it holds a token."; }

  /** Writes an entry, shows what then holds, and offers to take it back. */
  async write(entry, done) {
    if (this.locked || this.busy) return;
    this.busy = true;
    try {
      this.data = await post("/api/notes", { feature: this.name, author: localStorage.getItem(AUTHOR) ?? "", ...entry });
      this.problem = null;
      const last = this.data.history.at(-1);
      tell(done, entry.kind === "undo" ? undefined : ["Undo", () => this.write({ kind: "undo", of: last.id }, "Taken back")]);
    } catch (e) {
      this.problem = e.message;
    } finally {
      this.busy = false;
    }
  }

  /** Opens the explanation for writing; with a text, that is the draft. */
  edit(text) {
    if (this.locked) return tell(this.locked);
    if (text) sessionStorage.setItem(DRAFT + this.name, text);
    this.editing = true;
    this.updateComplete.then(() => this.querySelector("#explanation")?.focus());
  }

  bookmark() { if (this.data) this.write({ kind: this.data.bookmarked ? "unbookmark" : "bookmark" }, this.data.bookmarked ? "Bookmark removed" : "Bookmarked"); }

  save() {
    const text = this.querySelector("#explanation").value.trim();
    sessionStorage.removeItem(DRAFT + this.name);
    this.editing = false;
    if (text && text !== this.data.explanation) this.write({ kind: "explanation", text }, "Explanation saved");
  }

  render() {
    const d = this.data;
    return html`<section class="panel" id="notes" aria-label="Notes"><header><h2>Notes</h2><span class="spring"></span>
        <button class="btn tiny" aria-pressed=${d?.bookmarked ?? false} ?disabled=${Boolean(this.locked) || !d} title="Bookmark (b)" @click=${() => this.bookmark()}>${icon("star")} Bookmark</button></header>
      ${this.problem ? html`<p class="note error small" role="alert">${this.problem}</p>` : nothing}
      ${this.locked ? html`<p class="small muted">${this.locked}</p>` : nothing}
      ${d ? html`${this.explanation(d)}${this.tags(d)}${this.notes(d)}${this.history(d)}` : this.problem ? nothing : html`<span class="spinner"></span>`}</section>`;
  }

  explanation(d) {
    if (this.editing) {
      const draft = sessionStorage.getItem(DRAFT + this.name) ?? d.explanation ?? "";
      return html`<label class="field">What it is<textarea id="explanation" maxlength="10000" .value=${draft} @input=${(e) => sessionStorage.setItem(DRAFT + this.name, e.target.value)}
          @keydown=${(e) => { if (e.key === "Escape") { e.preventDefault(); this.editing = false; } if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) { e.preventDefault(); this.save(); } }}></textarea></label>
        <div class="row" style="margin-top:6px"><button class="btn main tiny" @click=${() => this.save()}>Save</button><button class="btn tiny" @click=${() => { this.editing = false; }}>Cancel</button>
        <label class="small muted row">as <input style="width:130px" placeholder="your name" maxlength="100" .value=${localStorage.getItem(AUTHOR) ?? ""} @change=${(e) => localStorage.setItem(AUTHOR, e.target.value)}></label></div>`;
    }
    return html`<div class="row" style="align-items:flex-start">${d.explanation ? html`<p class="own">${d.explanation}</p>` : html`<p class="muted">No explanation yet.</p>`}<span style="flex:1"></span><button class="btn tiny" ?disabled=${Boolean(this.locked)} title="(e)" @click=${() => this.edit()}>${d.explanation ? "Edit" : "Explain"}</button></div>`;
  }

  tags(d) {
    return html`<div class="row" style="margin-top:10px">${d.tags.map((tag) => html`<span class="chip">${tag}<button class="bare" aria-label="Remove the tag ${tag}" ?disabled=${Boolean(this.locked)} @click=${() => this.write({ kind: "untag", text: tag }, "Tag removed")}>×</button></span>`)}
      <form @submit=${(e) => { e.preventDefault(); const field = e.target.elements[0]; if (field.value.trim()) this.write({ kind: "tag", text: field.value.trim() }, "Tagged"); field.value = ""; }}><input style="width:110px;padding:3px 8px" placeholder="add a tag" aria-label="Add a tag" maxlength="64" ?disabled=${Boolean(this.locked)}></form></div>`;
  }

  notes(d) {
    return html`<ul class="notes">${d.notes.map((n) => html`<li><p>${n.text}</p><span class="small muted">${n.author} · ${when(n.time)}</span></li>`)}</ul>
      <form class="row" @submit=${(e) => { e.preventDefault(); const field = e.target.elements[0]; if (field.value.trim()) this.write({ kind: "note", text: field.value.trim() }, "Note added"); field.value = ""; }}><input style="flex:1" placeholder="add a note" aria-label="Add a note" maxlength="10000" ?disabled=${Boolean(this.locked)}><button class="btn tiny" ?disabled=${Boolean(this.locked)}>Add</button></form>`;
  }

  history(d) {
    if (!d.history.length) return nothing;
    return html`<details><summary class="small muted">history, ${d.history.length}</summary><ol class="notes">${d.history.toReversed().map((h) => html`<li class="small"><span class=${h.undone ? "undone" : ""}>${h.kind}${h.text ? html` “${h.text}”` : ""}${h.of ? html` of ${d.history.find((o) => o.id === h.of)?.kind ?? h.of}` : ""}</span> <span class="muted">${h.author} · ${when(h.time)}</span>
      ${h.undone ? nothing : html`<button class="btn quiet tiny" ?disabled=${Boolean(this.locked)} @click=${() => this.write({ kind: "undo", of: h.id }, h.kind === "undo" ? "Brought back" : "Taken back")}>${h.kind === "undo" ? "redo" : "undo"}</button>`}</li>`)}</ol></details>`;
  }
}

/** A time as people say it. */
export function when(iso) {
  const seconds = (Date.now() - Date.parse(iso)) / 1000;
  if (seconds < 60) return "just now";
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  return new Date(iso).toLocaleDateString();
}

customElements.define("loupe-notes-panel", NotesPanel);
