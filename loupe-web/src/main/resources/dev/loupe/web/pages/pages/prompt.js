import { Page, html } from "../base.js";
customElements.define("loupe-prompt", class extends Page { render() { return html`<h1>prompt</h1>`; } });
