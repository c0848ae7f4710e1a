import { Page, html } from "../base.js";
customElements.define("loupe-compare", class extends Page { render() { return html`<h1>compare</h1>`; } });
