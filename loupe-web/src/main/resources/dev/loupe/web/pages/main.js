// The frame around every page: bar, address, keys, help.
import { Part, html, nothing, icon, errorNote } from "./base.js";
import { startRouter, onRoute, route, go } from "./router.js";
import { startKeys, addKeys, currentKeys } from "./keys.js";
import { settings, change, isDark } from "./settings.js";
import { suite, takeToken, token, fresh, isFile } from "./api.js";
import { announce, copy } from "./say.js";
import { parseFeature, featureHref } from "./format.js";
import { startCards } from "./cards.js";
import "./palette.js";

const NAV = [["/", "Suite", "s"], ["/prompt", "Prompt", "p"], ["/search", "Search", "f"], ["/steer", "Steer", "t"], ["/compare", "Compare", "c"], ["/explanations", "Explanations", "e"], ["/notes", "Notes", "n"]];

class App extends Part {
  static properties = { at: { state: true }, loaded: { state: true }, error: { state: true }, info: { state: true } };

  constructor() {
    super();
    takeToken();
    this.at = route();
    this.info = null;
  }

  connectedCallback() {
    this.replaceChildren();
    super.connectedCallback();
    startRouter();
    startKeys();
    startCards();
    onRoute(() => this.open());
    addKeys({
      "?": ["this help", () => this.help()],
      "mod+k": ["find a feature, page or action", () => this.palette()],
      "/": ["find", () => this.palette()],
      "Escape": ["close", () => document.querySelector("dialog[open]")?.close()],
      "g r": ["a random feature", () => this.random()],
      ...Object.fromEntries(NAV.map(([href, name, key]) => [`g ${key}`, [`go to ${name}`, () => go(href)]])),
      ".": ["light or dark", () => this.theme()],
    });
    addKeys(() => this.querySelector("main > *")?.keys ?? {});
    addEventListener("paste", (event) => this.paste(event));
    addEventListener("loupe-palette", () => this.palette());
    addEventListener("loupe-random", (e) => this.random(e.detail));
    this.open().then(() => this.footing());
  }

  /** The line at the foot, after the page: nobody waits for it. */
  footing() {
    if (!isFile()) suite().then((info) => { this.info = info; }, (e) => { this.error = e; });
  }

  async open() {
    const at = route();
    try {
      await at.load();
      this.error = null;
    } catch (e) {
      this.error = e;
    }
    const moved = at.tag !== this.at.tag || JSON.stringify(at.params) !== JSON.stringify(this.at.params);
    this.at = at;
    this.loaded = true;
    document.documentElement.classList.toggle("embed", at.embed);
    if (moved) {
      scrollTo(0, 0);
      await this.updateComplete;
      announce(document.title);
    }
  }

  /** A feature's name, pasted anywhere but in a field, opens the feature. */
  paste(event) {
    if (/^(INPUT|TEXTAREA)$/.test(event.target.tagName)) return;
    const found = parseFeature(event.clipboardData.getData("text"));
    if (found) go(featureHref(found.name));
  }

  async random(dictionary) {
    const { feature } = await fresh("/api/random" + (dictionary ? `?dictionary=${dictionary}` : ""));
    go(featureHref(feature));
  }

  theme() {
    change({ theme: isDark() ? "light" : "dark" });
    this.requestUpdate();
  }

  palette() { this.querySelector("loupe-palette").open(); }

  help() { this.requestUpdate(); this.querySelector("#help").showModal(); }

  page() {
    const { tag, params, query, embed } = this.at;
    if (this.error) return html`<div>${errorNote(this.error)}</div>`;
    if (!this.loaded) return html`<p class="boot"><span class="spinner"></span></p>`;
    if (!tag) return html`<div class="empty"><h2>There is no page at this address.</h2><p><a href="/">All dictionaries of the suite</a></p></div>`;
    return pageElement(this, tag, params, query, embed);
  }

  render() {
    const embed = this.at.embed;
    return html`
      <a class="skip" href="#content">Skip to the page</a>
      ${embed || isFile() ? nothing : this.bar()}
      <main id="content" tabindex="-1">${this.page()}</main>
      ${embed || isFile() ? nothing : html`<footer class="foot">${this.footer()}</footer>`}
      <loupe-palette></loupe-palette>
      <dialog id="help" aria-labelledby="help-title"><div class="body">
        <div class="row"><h2 id="help-title">Keys</h2><span style="flex:1"></span><form method="dialog"><button class="btn quiet" aria-label="Close">${icon("close")}</button></form></div>
        <table style="margin-top:10px"><tbody>${currentKeys().map(([key, what]) => html`<tr><td style="width:110px">${key.replace("mod", /Mac/.test(navigator.platform) ? "⌘" : "Ctrl").split(" ").map((k) => html`<kbd>${k}</kbd> `)}</td><td>${what}</td></tr>`)}</tbody></table>
        <p class="row small" style="margin-top:14px"><label class="row"><input type="checkbox" .checked=${settings().keys} @change=${(e) => change({ keys: e.target.checked })}> single-letter keys</label>
        <label class="row"><input type="checkbox" .checked=${settings().whitespace} @change=${(e) => { change({ whitespace: e.target.checked }); location.reload(); }}> show blanks and breaks</label></p>
        <p class="small muted" style="margin-top:10px">Paste <span class="mono">L2R-8x/417</span> anywhere to open that feature. Every state of a page has its own address; <a href="/api/openapi.json" target="_blank">the API</a> gives the same to scripts.</p>
      </div></dialog>`;
  }

  bar() {
    const path = location.pathname;
    return html`<header class="topbar">
      <a class="brand" href="/" aria-label="Loupe, the suite"><svg viewBox="0 0 32 32" aria-hidden="true"><circle cx="14" cy="14" r="9" fill="var(--accent-soft)" stroke="var(--accent)" stroke-width="3"></circle><path d="M21 21l7 7" stroke="var(--accent)" stroke-width="4" stroke-linecap="round"></path><circle cx="14" cy="14" r="2.6" fill="var(--accent)"></circle></svg>Loupe</a>
      <nav class="nav" aria-label="Pages">${NAV.map(([href, name]) => html`<a href=${href} aria-current=${(href === "/" ? path === "/" || path.startsWith("/d/") : path === href || path.startsWith(`${href}/`)) ? "page" : nothing}>${name}</a>`)}</nav>
      <span class="spring"></span>
      <button class="jump" @click=${() => this.palette()} aria-label="Find a feature, page or action">${icon("search")}<span>Find or paste a feature</span><kbd>${/Mac/.test(navigator.platform) ? "⌘" : "Ctrl"} K</kbd></button>
      <button class="btn quiet" @click=${() => this.random()} aria-label="A random feature" title="A random feature (g r)">${icon("dice")}</button>
      <button class="btn quiet" @click=${() => this.theme()} aria-label="Light or dark" title="Light or dark (.)">${icon("sun")}</button>
      <button class="btn quiet" @click=${() => this.help()} aria-label="Help and keys" title="Help (?)">${icon("help")}</button>
    </header>`;
  }

  footer() {
    if (!this.info) return nothing;
    const m = this.info.manifest;
    return html`<span>${this.info.name}: ${m.dictionaries.length} dictionaries of ${m.model}${m.steps ? `, ${m.tokens.toLocaleString("en-US")} tokens, seed ${m.seed}` : ", trained elsewhere"}</span>
      <span>model <span class="mono">${m.model_fingerprint.slice(0, 12)}</span></span><span>Loupe ${m.versions?.loupe ?? ""}</span>
      <a href="/report" target="_self">all that was measured</a>
      <span>${this.info.read_only ? "read only" : token() ? "notes can be written here" : "to write notes, open the address that serve printed"}</span>
      <button class="btn quiet tiny" @click=${() => copy(location.href)}>${icon("link")} copy link</button>`;
  }
}

/** One element a tag, kept while the page stays, so that its state and its place do. */
function pageElement(app, tag, params, query, embed) {
  const key = tag;
  if (app.pageKey !== key) {
    app.pageKey = key;
    app.pageNode = document.createElement(tag);
  }
  Object.assign(app.pageNode, { params, query, embed });
  return app.pageNode;
}

customElements.define("loupe-app", App);
