import { Page, html } from "../base.js";
customElements.define("loupe-dictionary", class extends Page { render() { return html`<h1>dictionary</h1>`; } });
