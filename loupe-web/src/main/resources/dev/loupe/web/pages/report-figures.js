// The figures of the report, drawn by the server for the room that there is, one at a time.
import { Part, html, nothing } from "./base.js";
import { fresh, text } from "./api.js";
import { d3 } from "./charts.js";
import { command } from "./say.js";

const NARROWEST = 360; // what the server draws for; a narrower place shrinks the drawing
const WIDEST = 960;

class ReportFigures extends Part {
  static properties = { chosen: { attribute: false }, choose: { attribute: false }, figures: { state: true }, drawing: { state: true }, error: { state: true } };

  constructor() {
    super();
    this.drawn = ""; // address of what is shown, or is about to be
    this.observer = new ResizeObserver(() => this.draw());
  }

  connectedCallback() {
    super.connectedCallback();
    this.observer.observe(this);
    fresh("/api/report/figures").then((figures) => { this.figures = figures; }, (e) => { this.error = e; });
  }

  disconnectedCallback() {
    this.observer.disconnect();
    super.disconnectedCallback();
  }

  updated() { this.draw(); }

  get figure() { return this.figures?.find((f) => f.id === this.chosen) ?? this.figures?.[0]; }

  async draw() {
    const room = this.querySelector(".drawing")?.clientWidth;
    if (!this.figure || !room) return;
    const width = Math.min(WIDEST, Math.max(NARROWEST, 40 * Math.floor(room / 40))); // not another one for each pixel
    const address = `/api/report/figures/${this.figure.id}?width=${width}&styled=0`; // the page has its styles, and may not take any from within
    if (address === this.drawn) return;
    this.drawn = address;
    try {
      const image = new DOMParser().parseFromString(await text(address), "image/svg+xml").documentElement;
      if (address === this.drawn) { this.error = null; this.drawing = document.importNode(image, true); }
    } catch (e) {
      if (address === this.drawn) this.error = e;
    }
  }

  render() {
    const figure = this.figure;
    if (this.error) return html`<p class="small" role="alert">${this.error.message}</p>`;
    if (!this.figures) return html`<p class="boot"><span class="spinner"></span></p>`;
    if (!figure) return html`<p class="muted">Nothing measured yet. <code class="mono">./loupe report SUITE --out DIR --measure --model M --corpus C</code> measures everything.</p>`;
    return html`<div class="row"><select aria-label="Figure" @change=${(event) => this.choose(event.target.value)}>${d3.groups(this.figures, (f) => f.section).map(([section, some]) => html`
        <optgroup label=${section}>${some.map((f) => html`<option value=${f.id} .selected=${f === figure}>${f.title}</option>`)}</optgroup>`)}</select>
        <a class="small" href="/report#${figure.id}" target="_self">with its data, among all figures and tables</a></div>
      <figure><div class="drawing">${this.drawing ?? html`<p class="boot"><span class="spinner"></span></p>`}</div><figcaption>${figure.caption}</figcaption></figure>
      ${figure.command ? html`<p class="row small muted">${command(figure.command)}</p>` : nothing}`;
  }
}

customElements.define("loupe-report-figures", ReportFigures);
