import { Page, html } from "../base.js";
customElements.define("loupe-search", class extends Page { render() { return html`<h1>search</h1>`; } });
