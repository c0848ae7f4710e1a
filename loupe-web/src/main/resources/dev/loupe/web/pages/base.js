// What every page is made from: lit elements that render into the document itself, so that one style sheet rules all.
import { LitElement, html, svg, nothing } from "lit";

export { html, svg, nothing };

/** An element without a shadow: its template is part of the page. */
export class Part extends LitElement {
  createRenderRoot() { return this; }
}

/** A page: has `params` (of its address), `query` (URLSearchParams), and says what it is called. */
export class Page extends Part {
  static properties = { params: { attribute: false }, query: { attribute: false }, error: { state: true } };

  constructor() {
    super();
    this.params = {};
    this.query = new URLSearchParams();
    this.error = null;
  }

  /** Keys that this page answers: {key: [what it does, function]}. */
  get keys() { return {}; }

  /** Runs work whose failure is shown in place of the page. */
  async guarded(work) {
    try {
      this.error = null;
      return await work();
    } catch (e) {
      if (e.name !== "AbortError") this.error = e;
      return undefined;
    }
  }
}

export function errorNote(error) {
  return html`<div class="note error" role="alert"><strong>${error.title ?? "This did not work."}</strong><br>${error.message}</div>`;
}

/** A failure of the model's work, with a button that asks again; a busy model says when. */
export function problemNote(problem, again) {
  const wait = problem.retryAfter ? `in ${problem.retryAfter} s` : "in a moment";
  return html`${errorNote(problem)}
    <p class="row again">${problem.status === 429 ? html`<span>It has other work. Ask again ${wait}.</span>` : nothing}<button type="button" class="btn" @click=${again}>Try again</button></p>`;
}

/** Said by pages that need the language model, where the server has none. */
export const noModel = () => html`<div class="note">These pages run without the language model. Start them with it: <code class="mono">./loupe serve SUITE --model M</code></div>`;

const ICONS = {
  left: "M15 5l-7 7 7 7", right: "M9 5l7 7-7 7", link: "M10 14a4 4 0 005.7 0l3-3a4 4 0 00-5.7-5.7l-1 1M14 10a4 4 0 00-5.7 0l-3 3A4 4 0 0011 18.700l1-1",
  dice: "M5 5h14v14H5zM9 9h.01M15 15h.01M12 12h.01M15 9h.01M9 15h.01", star: "M12 4l2.500 5.200 5.700.800-4.100 4 1 5.700L12 17l-5.100 2.700 1-5.700-4.100-4 5.700-.8z",
  sun: "M12 8a4 4 0 100 8 4 4 0 000-8zM12 2v2M12 20v2M4.900 4.900l1.400 1.400M17.700 17.700l1.400 1.400M2 12h2M20 12h2M4.900 19.100l1.400-1.400M17.700 6.300l1.400-1.400",
  search: "M11 5a6 6 0 100 12 6 6 0 000-12zM16 16l4 4", help: "M9.500 9a2.500 2.500 0 113.700 2.200c-.8.500-1.200 1-1.200 1.800M12 17h.01M12 3a9 9 0 100 18 9 9 0 000-18z",
  plus: "M12 5v14M5 12h14", close: "M6 6l12 12M18 6L6 18", down: "M6 9l6 6 6-6", undo: "M9 7L5 11l4 4M5 11h9a5 5 0 010 10h-3", play: "M7 5l12 7-12 7z", pin: "M9 4h6l-1 6 3 3H7l3-3zM12 13v7",
};

/** A line drawing beside or in place of a word. */
export const icon = (name) => html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=${ICONS[name]}></path></svg>`;
