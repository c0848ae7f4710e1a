// Find anything: features by name, pages, dictionaries, actions.
import { Part, html, nothing, icon } from "./base.js";
import { go } from "./router.js";
import { suite } from "./api.js";
import { parseFeature, SITE_NAMES } from "./format.js";

const RECENT = "loupe.recent";
export function remember(name) {
  const recent = [name, ...recents().filter((other) => other !== name)].slice(0, 8);
  localStorage.setItem(RECENT, JSON.stringify(recent));
}
const recents = () => JSON.parse(localStorage.getItem(RECENT) ?? "[]");

const PAGES = [["Suite", "/"], ["Prompt: what fires on a text", "/prompt"], ["Search", "/search"], ["Steer", "/steer"], ["Compare features", "/compare"], ["Explanations and how well they hold", "/explanations"], ["Notes and bookmarks", "/notes"]];

class Palette extends Part {
  static properties = { text: { state: true }, chosen: { state: true }, dictionaries: { state: true } };

  constructor() {
    super();
    this.text = "";
    this.chosen = 0;
    this.dictionaries = [];
  }

  async open() {
    this.text = "";
    this.chosen = 0;
    await this.updateComplete;
    this.querySelector("dialog").showModal();
    this.querySelector("input").focus();
    suite().then((s) => { this.dictionaries = s.dictionaries; }, () => {});
  }

  items() {
    const text = this.text.trim();
    const words = text.toLowerCase();
    const items = [];
    const feature = parseFeature(text);
    if (feature) items.push({ name: `Feature ${feature.name}`, href: `/d/${feature.name}` });
    const here = /^\/d\/([^/]+)/.exec(location.pathname)?.[1];
    if (/^\d+$/.test(text) && here) items.push({ name: `Feature ${here}/${text}`, href: `/d/${here}/${text}` });
    if (text && !feature) items.push({ name: `Search all dictionaries for “${text}”`, href: `/search?q=${encodeURIComponent(text)}` });
    const fits = (name) => words.split(/\s+/).every((word) => name.toLowerCase().includes(word));
    if (!text) for (const name of recents()) items.push({ name, note: "recent", href: `/d/${name}` });
    for (const [name, href] of PAGES) if (fits(name)) items.push({ name, note: "page", href });
    if (fits("random feature")) items.push({ name: "Random feature", note: "action", act: () => dispatchEvent(new CustomEvent("loupe-random")) });
    for (const d of this.dictionaries) {
      const name = `${d.name} · layer ${d.layer}, ${SITE_NAMES[d.site] ?? d.site}`;
      if (fits(name)) items.push({ name, note: "dictionary", href: `/d/${d.name}` });
    }
    return items.slice(0, 40);
  }

  choose(item) {
    this.querySelector("dialog").close();
    if (item.act) item.act();
    else go(item.href);
  }

  keydown(event, items) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      this.chosen = (this.chosen + step + items.length) % items.length;
      event.preventDefault();
      this.updateComplete.then(() => this.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" }));
    } else if (event.key === "Enter" && items[this.chosen]) {
      event.preventDefault();
      this.choose(items[this.chosen]);
    }
  }

  render() {
    const items = this.items();
    return html`<dialog aria-label="Find" @click=${(e) => { if (e.target.tagName === "DIALOG") e.target.close(); }}>
      <div style="padding:12px 14px;border-bottom:1px solid var(--line)" class="row">${icon("search")}
        <input style="flex:1;border:0;background:none;font-size:17px;outline-offset:4px" role="combobox" aria-expanded="true" aria-controls="palette-items" aria-activedescendant=${items.length ? `palette-${this.chosen}` : nothing}
          aria-label="Find a feature, page or action" placeholder="L2R-8x/417, a dictionary, a page, words …" .value=${this.text}
          @input=${(e) => { this.text = e.target.value; this.chosen = 0; }} @keydown=${(e) => this.keydown(e, items)}></div>
      <ul id="palette-items" role="listbox" aria-label="Found" style="list-style:none;margin:0;padding:8px;max-height:50vh;overflow:auto">
        ${items.map((item, i) => html`<li id="palette-${i}" role="option" aria-selected=${i === this.chosen} class="row" style="padding:8px 10px;border-radius:8px;cursor:pointer;${i === this.chosen ? "background:var(--accent-soft)" : ""}"
          @mousemove=${() => { this.chosen = i; }} @click=${() => this.choose(item)}><span style="flex:1">${item.name}</span><span class="small muted">${item.note ?? ""}</span></li>`)}
      </ul></dialog>`;
  }
}

customElements.define("loupe-palette", Palette);
